import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { events } from '#libs/events';
import { callApi, fresh, startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { clockChanges, localIn } from '../../support/api/dates.js';
import { RequestFactory } from '../../support/api/request.factory.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';
import { eventually } from '../../support/eventually.js';

let leavers = 0;
/** The off-boarding of somebody who has none yet. */
const newWish = () => ({ type: 'offboarding', user: `eva.beck${(leavers += 1)}`, lastWorkingAt: localIn(30) });

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture.stop());

const submit = (body: unknown = newWish(), headers = fresh()) =>
  fixture.call('POST', '/v1/requests', { as: 'muster/requester', body, headers });

async function outboxOf(requestId: string) {
  return fixture.database.admin
    .selectFrom('outbox')
    .selectAll()
    .where('key', '=', `muster/request/${requestId}`)
    .orderBy('sequence')
    .execute();
}

describe('submitting', () => {
  it('commits request, event and answer together before it answers', async () => {
    const wish = newWish();
    const answer = await submit({ ...wish, reference: 'T-1', notify: { mail: ['hr@muster.example'] } });
    expect(answer).toMatchObject({ status: 202, body: { id: expect.any(String), status: 'planning' } });
    const row = await fixture.database.admin
      .selectFrom('requests')
      .selectAll()
      .where('id', '=', answer.body.id)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      tenant_id: 'muster',
      status: 'planning',
      subject: wish.user,
      requested_by: 'requester@muster',
    });
    expect(row.body).toMatchObject({
      lastWorkingAt: wish.lastWorkingAt,
      reference: 'T-1',
      notify: { mail: ['hr@muster.example'] },
    });
    const [event, ...more] = await outboxOf(answer.body.id);
    expect(more).toEqual([]);
    expect(event).toMatchObject({ event_id: row.submitted_event_id, topic: 'stellwerk.request.v1', sent_at: null });
    expect(event!.headers).toMatchObject({ ce_sequence: '1', ce_correlationid: answer.body.id, ce_tenantid: 'muster' });
    const { schema } = events.get(event!.headers['ce_type']!)!;
    expect(Object.keys(JSON.parse(event!.value.toString()))).toEqual(Object.keys(schema.properties));
  });

  it('gives the first answer again for the same key and body, whatever the order of fields', async () => {
    const wish = newWish();
    const headers = fresh();
    const first = await submit(wish, headers);
    const { type, user, lastWorkingAt } = wish;
    const second = await submit({ lastWorkingAt, user, type }, headers);
    expect(second).toMatchObject({ status: 202, body: first.body });
    expect(await outboxOf(first.body.id)).toHaveLength(1);
  });

  it('starts one request when the same call comes many times at once', async () => {
    const wish = newWish();
    const headers = fresh();
    const answers = await Promise.all(Array.from({ length: 12 }, () => submit(wish, headers)));
    const accepted = answers.filter((answer) => answer.status === 202);
    const others = answers.filter((answer) => answer.status !== 202);
    expect(new Set(accepted.map((answer) => answer.body.id)).size).toBe(1);
    for (const other of others) expect(other).toMatchObject({ status: 409, body: { code: 'idempotency.in_progress' } });
  });

  it('keeps keys of different callers apart', async () => {
    const wish = newWish();
    const headers = fresh();
    const mine = await submit(wish, headers);
    const body = newWish();
    const theirs = await fixture.call('POST', '/v1/requests', { as: 'muster/customer_admin', body, headers });
    expect(theirs.status).toBe(202);
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  it('does not use a key up when the request is refused', async () => {
    const wish = newWish();
    const headers = fresh();
    expect((await submit({ ...wish, steps: [] }, headers)).body.code).toBe('request.no_step_selected');
    expect((await submit(wish, headers)).status).toBe(202);
  });

  it('refuses a second off-boarding of a user while the first is open, and names it', async () => {
    const wish = newWish();
    const first = await submit(wish);
    const answers = await Promise.all([submit({ ...wish, user: wish.user.toUpperCase() }), submit(wish)]);
    for (const answer of answers)
      expect(answer).toMatchObject({
        status: 409,
        body: { code: 'request.already_open', context: { requestId: first.body.id } },
      });
    const elsewhere = { as: 'nordlicht/requester' as const, body: wish, headers: fresh() };
    expect((await fixture.call('POST', '/v1/requests', elsewhere)).status).toBe(202);
    await fixture.database.admin
      .updateTable('requests')
      .set({ status: 'closed' })
      .where('id', '=', first.body.id)
      .execute();
    expect((await submit(wish)).status).toBe(202);
  });

  it('takes one of several off-boardings of a user that come at once', async () => {
    const wish = newWish();
    const answers = await Promise.all(Array.from({ length: 8 }, () => submit(wish)));
    const accepted = answers.filter((answer) => answer.status === 202);
    expect(accepted).toHaveLength(1);
    for (const other of answers.filter((answer) => answer.status !== 202))
      expect(other.body).toMatchObject({
        code: 'request.already_open',
        context: { requestId: accepted[0]!.body.id },
      });
  });

  it.each([
    [
      'onboarding',
      { givenName: 'Jörg', surname: 'Groß', firstDayAt: localIn(9), passwordTo: 'hr@muster.example' },
      'joerg.gross',
    ],
    ['mover', { user: 'max', effectiveAt: localIn(9), department: 'Einkauf', title: null }, 'max'],
    ['absence', { user: 'max', from: localIn(9), until: localIn(99) }, 'max'],
  ])('takes the type %s', async (type, fields, user) => {
    const answer = await submit({ type, ...fields });
    expect(answer).toMatchObject({ status: 202, body: { status: 'planning' } });
    const [event] = await outboxOf(answer.body.id);
    expect(event!.headers['ce_type']).toBe(`de.stellwerk.request.${type}.submitted.v1`);
    const shown = await fixture.call('GET', `/v1/requests/${answer.body.id}`, { as: 'muster/auditor' });
    expect(shown.body).toMatchObject({ type, user, templateVersion: null, body: { timeZone: 'Europe/Berlin' } });
  });

  it('lets the MSP submit for a customer that it names', async () => {
    const wish = newWish();
    const call = { as: 'msp/operator' as const, body: wish, headers: { ...fresh(), 'stellwerk-tenant': 'nordlicht' } };
    const { body } = await fixture.call('POST', '/v1/requests', call);
    const shown = await fixture.call('GET', `/v1/requests/${body.id}`, { as: 'nordlicht/auditor' });
    expect(shown).toMatchObject({ status: 200, body: { tenant: 'nordlicht', requestedBy: 'operator@msp' } });
  });

  it('takes the earlier of two equal hours and an explicit offset', async () => {
    const startsAt = async (lastWorkingAt: string): Promise<string> => {
      const { body } = await submit({ ...newWish(), lastWorkingAt });
      return (await fixture.call('GET', `/v1/requests/${body.id}`, { as: 'muster/requester' })).body.startsAt;
    };
    const { local, earlier } = clockChanges().twice;
    expect(await startsAt(local)).toBe(earlier);
    expect(await startsAt(`${localIn(30)}:00-05:00`)).toBe(new Date(`${localIn(30)}:00-05:00`).toISOString());
  });
});

describe('reading', () => {
  it('shows a customer its own requests only', async () => {
    const { id } = await RequestFactory.of('nordlicht').in(fixture.database.admin);
    expect((await fixture.call('GET', `/v1/requests/${id}`, { as: 'muster/customer_admin' })).body.code).toBe(
      'request.not_found',
    );
    const list = await fixture.call('GET', '/v1/requests?limit=200', { as: 'muster/auditor' });
    expect(new Set(list.body.items.map((item: { tenant: string }) => item.tenant))).toEqual(new Set(['muster']));
  });

  it('pages without a gap and without a repeat, also among rows of the same instant', async () => {
    const at = '2026-01-01T00:00:00.123456Z';
    const rows = Array.from({ length: 7 }, () =>
      RequestFactory.of('nordlicht').with({ requested_at: at, status: 'rejected' }),
    );
    const ids = await Promise.all(rows.map(async (row) => (await row.in(fixture.database.admin)).id));
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await fixture.call('GET', `/v1/requests?limit=3&tenant=nordlicht&status=rejected${cursor}`, {
        as: 'msp/owner',
      });
      seen.push(...body.items.map((item: { id: string }) => item.id));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen).toEqual(ids.sort().reverse());
  });

  it('shows a fault that was found later as the same problem object', async () => {
    const problem = {
      type: 'urn:stellwerk:problem:directory.user_not_found',
      title: 'No such user',
      code: 'directory.user_not_found',
      detail: 'Check the name.',
    };
    const { id } = await RequestFactory.of('muster')
      .with({ status: 'refused', problem: JSON.stringify(problem) })
      .in(fixture.database.admin);
    expect((await fixture.call('GET', `/v1/requests/${id}`, { as: 'muster/requester' })).body).toMatchObject({
      status: 'refused',
      problem,
    });
  });

  it('shows the plan once there is one', async () => {
    const { id, planHash } = await RequestFactory.of('muster').planned().in(fixture.database.admin);
    const plan = await fixture.call('GET', `/v1/requests/${id}/plan`, { as: 'muster/approver' });
    expect(plan).toMatchObject({
      status: 200,
      body: { requestId: id, revision: 1, planHash, steps: [], remarks: [], drift: null },
    });
  });
});

describe('operation', () => {
  it('answers 503 while PostgreSQL is away and recovers by itself', async () => {
    const { hostname, port } = new URL(fixture.database.adminUrl);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    const url = new URL(fixture.database.urlFor('api'));
    url.port = String(proxy.port);
    const other = await fixture.startAnother(url.href);
    const call = () =>
      callApi(other.url, 'POST', '/v1/requests', {
        body: newWish(),
        headers: { ...fresh(), authorization: `Bearer ${fixture.keyOf('muster/requester')}` },
      });
    expect((await call()).status).toBe(202);
    await proxy.cut();
    const answer = await call();
    expect(answer).toMatchObject({ status: 503, body: { code: 'database.unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await callApi(other.url, 'GET', '/health/ready', {})).status).toBe(503);
    expect((await callApi(other.url, 'GET', '/health/live', {})).status).toBe(200);
    await proxy.restore();
    await eventually('it accepts again', async () => (await call()).status === 202);
    await other.stop();
    await proxy.stop();
  });

  it('answers a call that is under way before it stops', async () => {
    const wish = newWish();
    const other = await fixture.startAnother(fixture.database.urlFor('api'));
    const headers = { ...fresh(), authorization: `Bearer ${fixture.keyOf('muster/requester')}` };
    let answer: ReturnType<typeof callApi> | undefined;
    let stopped: Promise<void> | undefined;
    await fixture.database.admin.transaction().execute(async (tx) => {
      await sql`LOCK TABLE requests IN SHARE MODE`.execute(tx);
      answer = callApi(other.url, 'POST', '/v1/requests', { body: wish, headers });
      await eventually(
        'the call waits',
        async () =>
          (await sql`SELECT 1 FROM pg_locks WHERE NOT granted`.execute(fixture.database.admin)).rows.length > 0,
      );
      stopped = other.stop();
    });
    expect((await answer!).status).toBe(202);
    await stopped;
    await expect(callApi(other.url, 'GET', '/health/live', {})).rejects.toThrow();
  });

  it('sends secure headers and the caller’s request id, and hides what it is made of', async () => {
    const requestId = randomUUID();
    const { headers } = await fixture.call('GET', '/health/live', { headers: { 'x-request-id': requestId } });
    expect(headers.get('x-request-id')).toBe(requestId);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    const forged = await fixture.call('GET', '/health/live', { headers: { 'x-request-id': 'a b"c' } });
    expect(forged.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('serves its description and a page to browse it', async () => {
    expect((await fixture.call('GET', '/openapi.json')).body.paths['/v1/requests'].post.operationId).toBe(
      'submitRequest',
    );
    expect((await fixture.call('GET', '/docs')).text).toContain('/docs/swagger-ui-bundle.js');
    expect((await fixture.call('GET', '/docs/swagger-ui-bundle.js')).text).toContain('SwaggerUIBundle');
    expect((await fixture.call('GET', '/docs/swagger-ui.css')).status).toBe(200);
  });
});
