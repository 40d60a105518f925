import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';

let fixture: ApiFixture;
beforeAll(async () => void (fixture = await startApiFixture()));
afterAll(() => fixture?.stop());

const wish = { type: 'incident', subject: 'The printer prints blank pages', impact: 'high', urgency: 'medium' };

async function sent(as: Who, method: string, path: string, body?: object) {
  const headers = { 'idempotency-key': newId(), ...(as.startsWith('msp/') ? { 'stellwerk-tenant': 'muster' } : {}) };
  const answer = await fixture.call(method, path, { as, headers, ...(body === undefined ? {} : { body }) });
  expect([answer.status < 300, answer.text]).toEqual([true, answer.text]);
  return answer.body as { readonly id: string; readonly status: string; readonly [field: string]: unknown };
}

const open = (as: Who = 'muster/requester', change: object = {}) =>
  sent(as, 'POST', '/v1/tickets', { ...wish, ...change });
const act = (as: Who, id: string, path: string, body: object) => sent(as, 'POST', `/v1/tickets/${id}/${path}`, body);

async function entries(as: Who, id: string): Promise<readonly Record<string, unknown>[]> {
  return (await sent(as, 'GET', `/v1/tickets/${id}/entries`))['items'] as Record<string, unknown>[];
}

async function list(as: Who, query: string): Promise<readonly { readonly id: string }[]> {
  return (await sent(as, 'GET', `/v1/tickets?${query}`))['items'] as { readonly id: string }[];
}

describe('a ticket', () => {
  it('gets the customer’s next number, and its priority by the customer’s matrix', async () => {
    const first = await open();
    const second = await open();
    expect(first).toMatchObject({
      priority: 'high',
      status: 'new',
      workClass: 'incident',
      requester: 'requester@muster',
    });
    expect(second['number']).toBe((first['number'] as number) + 1);

    const low = { high: 'low', medium: 'low', low: 'low' };
    await sent('muster/customer_admin', 'PUT', '/v1/ticket-priorities', { high: low, medium: low, low });
    expect(await open()).toMatchObject({ priority: 'low' });
    const { rating } = { rating: { impact: 'high', urgency: 'high', reason: 'All printers.' } };
    expect(await act('msp/technician', first.id, 'rating', rating)).toMatchObject({ priority: 'low', urgency: 'high' });
  });

  it('of two that are opened at once has a number of its own', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => open()));
    expect(new Set(opened.map((ticket) => ticket['number'])).size).toBe(8);
  });

  it('opened again with the same key is the same one', async () => {
    const headers = { 'idempotency-key': newId() };
    const call = () => fixture.call('POST', '/v1/tickets', { as: 'muster/requester', headers, body: wish });
    const [first, second] = [await call(), await call()];
    expect([second.status, second.body]).toEqual([201, first.body]);
  });

  it('waits with a reason until the customer answers, and is opened again by an answer after it was resolved', async () => {
    const { id } = await open();
    const waiting = { status: 'waiting_for_customer', reason: 'Which printer?' };
    expect(await act('msp/technician', id, 'status', waiting)).toMatchObject({ statusReason: 'Which printer?' });
    expect(await act('muster/requester', id, 'comments', { body: 'The one by the stairs.' })).toMatchObject({
      ...{ status: 'in_progress', statusReason: null },
    });
    expect(await act('msp/technician', id, 'status', { status: 'resolved' })).toMatchObject({
      resolvedAt: expect.any(String),
    });
    // the MSP's own words open nothing
    expect(await act('msp/technician', id, 'comments', { body: 'It was the toner.' })).toMatchObject({
      status: 'resolved',
    });
    expect(await act('muster/requester', id, 'comments', { body: 'Still blank.' })).toMatchObject({
      ...{ status: 'in_progress', resolvedAt: null },
    });
    const kinds = (await entries('muster/requester', id)).map(
      ({ kind, byKind }) => `${String(kind)} ${String(byKind)}`,
    );
    expect(kinds).toEqual([
      ...['opened customer', 'status msp', 'comment customer', 'status customer', 'status msp', 'comment msp'],
      ...['comment customer', 'status customer'],
    ]);
  });

  it('that is new is assigned when somebody gets it', async () => {
    const { id } = await open();
    expect(
      await sent('msp/technician', 'PUT', `/v1/tickets/${id}/assignment`, { technician: 'tina@msp' }),
    ).toMatchObject({
      ...{ status: 'assigned', technician: 'tina@msp', team: null },
    });
  });

  it('tells each of its changes as an event, in order, and none with words that people wrote', async () => {
    const { id } = await open('muster/requester', { subject: 'Eine sehr vertrauliche Störung' });
    await act('msp/technician', id, 'status', { status: 'on_hold', reason: 'Ersatzteil für Frau Koch' });
    await act('muster/requester', id, 'comments', { body: 'Danke, Frau Koch wartet.' });
    const rows = await fixture.database.admin
      .selectFrom('outbox')
      .select(['headers', 'value'])
      .where('key', '=', `muster/ticket/${id}`)
      .execute();
    const told = rows
      .map(({ headers, value }) => ({ ...headers, text: value.toString() }) as Record<string, string>)
      .sort((a, b) => Number(a['ce_sequence']) - Number(b['ce_sequence']));
    expect(told.map((event) => event['ce_type'])).toEqual([
      ...['de.stellwerk.ticket.ticket.opened.v1', 'de.stellwerk.ticket.status.changed.v1'],
      'de.stellwerk.ticket.comment.added.v1',
    ]);
    expect(told.map(({ text }) => text).join()).not.toMatch(/vertraulich|Ersatzteil|Koch/);
  });
});

describe('what is not for everybody', () => {
  it('is an internal note: no customer sees it, whatever their role', async () => {
    const { id } = await open();
    await act('msp/technician', id, 'comments', { body: 'They forgot the toner again.', internal: true });
    for (const role of ['customer_admin', 'approver', 'requester', 'auditor'] as const)
      expect((await entries(`muster/${role}`, id)).map(({ kind }) => kind)).toEqual(['opened']);
    expect((await entries('msp/technician', id)).map(({ body }) => body)).toContain('They forgot the toner again.');
  });

  it('is another’s ticket, to whoever only requests', async () => {
    const { id } = await open('muster/customer_admin');
    for (const path of [`/v1/tickets/${id}`, `/v1/tickets/${id}/entries`])
      expect((await fixture.call('GET', path, { as: 'muster/requester' })).status).toBe(404);
    expect((await list('muster/requester', 'limit=200')).map((ticket) => ticket.id)).not.toContain(id);
    expect((await list('muster/approver', 'limit=200')).map((ticket) => ticket.id)).toContain(id);
  });
});

describe('the list', () => {
  it('finds by words, status and technician, and goes on page by page without gap or repeat', async () => {
    const word = `w${newId().slice(-8)}`;
    const ids: string[] = [];
    for (let i = 0; i < 5; i++)
      ids.push((await open('muster/requester', { description: `Frau Koch sagt: ${word}` })).id);
    await open('muster/requester', { tags: [word] });
    expect(await list('msp/technician', `words=${word}`)).toHaveLength(6);
    expect(await list('msp/technician', `words=${word} -koch`)).toHaveLength(1);
    await act('msp/technician', ids[0]!, 'status', { status: 'on_hold', reason: 'x' });
    expect((await list('msp/technician', `words=${word}&status=on_hold`)).map(({ id }) => id)).toEqual([ids[0]]);

    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const page = await sent('muster/requester', 'GET', `/v1/tickets?words="Frau Koch" ${word}&limit=2${cursor}`);
      seen.push(...(page['items'] as { id: string }[]).map(({ id }) => id));
      if (page['nextCursor'] === null) break;
      cursor = `&cursor=${String(page['nextCursor'])}`;
    }
    expect(seen).toEqual([...ids].reverse());
  });
});
