import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, systemClock } from '#libs/kernel';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { tellTicket } from '../../../apps/worker/activities/ticket-of-run.js';
import { startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { PersonFactory } from '../../support/api/people.factory.js';
import { Things } from './scan/things.js';

let fixture: ApiFixture;
let worker: Database;
let things: Things;
beforeAll(async () => {
  fixture = await startApiFixture();
  worker = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 1 }, 'test');
  things = new Things(fixture.database.admin, 'muster');
});
afterAll(async () => {
  await worker?.destroy();
  await fixture?.stop();
});

const wish = { type: 'incident', subject: 'The printer prints blank pages', impact: 'high', urgency: 'medium' };

function call(as: Who, method: string, path: string, body?: object) {
  const headers = { 'idempotency-key': newId() };
  return fixture.call(method, `/v1/${path}`, { as, headers, ...(body === undefined ? {} : { body }) });
}
async function done(as: Who, method: string, path: string, body?: object) {
  const answer = await call(as, method, path, body);
  expect([answer.status < 300, answer.text]).toEqual([true, answer.text]);
  return answer.body as { readonly id: string; readonly [field: string]: unknown };
}
const TECH = 'msp/technician';
const open = (as: Who = 'muster/requester', change: object = {}) => done(as, 'POST', 'tickets', { ...wish, ...change });
const entries = async (as: Who, id: string) =>
  (await done(as, 'GET', `tickets/${id}/entries`))['items'] as Record<string, unknown>[];
const links = (as: Who, id: string) => done(as, 'GET', `tickets/${id}/links`);
const found = async (as: Who, query: string) =>
  ((await done(as, 'GET', `tickets?${query}`))['items'] as { id: string }[]).map(({ id }) => id);

describe('links between tickets', () => {
  it('are shown from both sides, to whoever sees the other ticket', async () => {
    const [mine, other] = [await open(), await open('muster/customer_admin')];
    const both = await done(TECH, 'POST', `tickets/${mine.id}/links/tickets`, {
      kind: 'caused_by',
      ticketId: other.id,
    });
    expect(both).toMatchObject({ tickets: [{ kind: 'caused_by', ticketId: other.id }] });
    expect(await links(TECH, other.id)).toMatchObject({ tickets: [{ kind: 'causes', ticketId: mine.id }] });
    expect(await links('muster/customer_admin', mine.id)).toMatchObject({ tickets: [{ ticketId: other.id }] });
    expect((await links('muster/requester', mine.id))['tickets']).toEqual([]);
    const again = await call(TECH, 'POST', `tickets/${mine.id}/links/tickets`, {
      kind: 'caused_by',
      ticketId: other.id,
    });
    expect(again.body).toMatchObject({ code: 'ticket.link_impossible', errors: [{ code: 'taken' }] });
    const [link] = both['tickets'] as { id: string }[];
    expect((await call(TECH, 'DELETE', `ticket-links/${link!.id}`)).status).toBe(204);
    expect((await links(TECH, other.id))['tickets']).toEqual([]);
  });

  it('never reach a ticket or run of another customer', async () => {
    const [mine, theirs] = [await open(), await open('nordlicht/requester')];
    const run = await new Things(fixture.database.admin, 'nordlicht').openRun();
    for (const [path, body] of [
      ['links/tickets', { kind: 'relates', ticketId: theirs.id }],
      ['links/runs', { runId: run.runId }],
      ['merge', { ticketId: theirs.id, reason: 'x' }],
    ] as const) {
      const answer = await call(TECH, 'POST', `tickets/${mine.id}/${path}`, body);
      expect([answer.status, answer.body.errors[0].code]).toEqual([422, 'unknown']);
    }
  });
});

describe('a run and its ticket', () => {
  it('name each other, and the end of the run stands on the ticket once, in the transaction of that end', async () => {
    const ticket = await open('muster/customer_admin');
    const { id: requestId, runId } = await things.openRun();
    const bound = await done(TECH, 'POST', `tickets/${ticket.id}/links/runs`, { runId });
    expect(bound).toMatchObject({ requests: [{ requestId, runId, status: 'running' }] });
    expect(await done('muster/customer_admin', 'GET', `runs/${runId}`)).toMatchObject({ ticketId: ticket.id });
    expect(await done('muster/customer_admin', 'GET', `requests/${requestId}`)).toMatchObject({ ticketId: ticket.id });
    await inTenants(worker, ['muster'], (tx) => tellTicket(tx, { tenant: 'muster', requestId, runId }, 'completed'));
    expect((await entries('muster/customer_admin', ticket.id)).at(-1)).toMatchObject({
      ...{ kind: 'run', byKind: 'engine', public: true },
      change: { run: { id: runId, requestId, process: 'offboarding', outcome: 'completed' } },
    });
  });

  it('are bound from the start by a request that names the ticket, unless its requester does not see that', async () => {
    const [mine, other] = [await open(), await open('muster/customer_admin')];
    const lastWorkingAt = new Date(systemClock.now().getTime() + 30 * 86_400_000).toISOString().slice(0, 16);
    const request = { type: 'offboarding', user: things.user(), lastWorkingAt };
    const refused = await call('muster/requester', 'POST', 'requests', { ...request, ticketId: other.id });
    expect(refused.body).toMatchObject({ code: 'request.ticket_unknown', errors: [{ path: 'ticketId' }] });
    const { id } = await done('muster/requester', 'POST', 'requests', { ...request, ticketId: mine.id });
    expect(await links('muster/requester', mine.id)).toMatchObject({ requests: [{ requestId: id, runId: null }] });
  });

  it('say nothing of a confidential one: neither in the list nor on the timeline', async () => {
    const ticket = await open('muster/customer_admin');
    const { id: requestId, runId } = await things.openRun();
    const { admin } = fixture.database;
    const secret = { ticket_id: ticket.id, confidential_until: '2099-01-01T00:00:00Z' };
    await admin.updateTable('requests').set(secret).where('id', '=', requestId).execute();
    await inTenants(worker, ['muster'], (tx) => tellTicket(tx, { tenant: 'muster', requestId, runId }, 'completed'));
    expect((await links(TECH, ticket.id))['requests']).toEqual([]);
    expect((await entries(TECH, ticket.id)).map(({ kind }) => kind)).toEqual(['opened']);
  });
});

describe('who watches', () => {
  it('at the customer sees the ticket and nothing internal of it', async () => {
    const { id } = await open('muster/customer_admin');
    await PersonFactory.at('muster')
      .named('requester')
      .granted('requester', 'home')
      .in(fixture.database.admin)
      .catch(() => undefined);
    await fixture.database.admin
      .updateTable('people')
      .set({ subject: 'requester@muster' })
      .where('tenant_id', '=', 'muster')
      .where('subject', 'like', 'requester%')
      .execute();
    expect((await call('muster/requester', 'GET', `tickets/${id}`)).status).toBe(404);
    await done(TECH, 'PUT', `tickets/${id}/watchers`, { subjects: ['requester@muster'] });
    await done(TECH, 'POST', `tickets/${id}/comments`, { body: 'They forgot the toner again.', internal: true });
    await done(TECH, 'POST', `tickets/${id}/comments`, { body: 'We are on it.' });
    expect((await entries('muster/requester', id)).map(({ body }) => body)).toEqual([null, 'We are on it.']);
    expect(await found('muster/requester', 'limit=200')).toContain(id);
    await done(TECH, 'PUT', `tickets/${id}/watchers`, { subjects: [] });
    expect((await call('muster/requester', 'GET', `tickets/${id}`)).status).toBe(404);
  });
});

describe('what kind of work it is', () => {
  it('follows the type unless somebody chose another, each with a reason that the customer sees', async () => {
    const { id } = await open();
    const request = { type: 'service_request', reason: 'Nothing is broken.' };
    expect(await done(TECH, 'POST', `tickets/${id}/type`, request)).toMatchObject({ workClass: 'service_request' });
    await done(TECH, 'POST', `tickets/${id}/work-class`, { workClass: 'project', reason: 'It takes weeks.' });
    const back = await done(TECH, 'POST', `tickets/${id}/type`, { type: 'incident', reason: 'It is, after all.' });
    expect(back).toMatchObject({ type: 'incident', workClass: 'project' });
    const said = (await entries('muster/requester', id)).filter(({ kind }) => kind === 'classification');
    expect(said.map(({ body }) => body)).toEqual(['Nothing is broken.', 'It takes weeks.', 'It is, after all.']);
  });
});

describe('tickets that are one', () => {
  it('are merged: one is closed with a pointer, what was said stays, who asked watches the other', async () => {
    const [source, target] = [await open(), await open('muster/customer_admin')];
    await done('muster/requester', 'POST', `tickets/${source.id}/comments`, { body: 'The one by the stairs.' });
    const merged = await done(TECH, 'POST', `tickets/${source.id}/merge`, {
      ...{ ticketId: target.id, reason: 'The same printer.' },
    });
    expect(merged).toMatchObject({ status: 'closed', mergedInto: target.id });
    expect((await entries('muster/requester', source.id)).map(({ kind }) => kind)).toEqual([
      'opened',
      'comment',
      'status',
    ]);
    expect((await entries(TECH, target.id)).at(-1)).toMatchObject({ kind: 'merged', public: false });
    expect(await links(TECH, target.id)).toMatchObject({ tickets: [{ kind: 'merged_from', ticketId: source.id }] });
    expect((await call('muster/requester', 'GET', `tickets/${target.id}`)).status).toBe(200);
    expect((await done(TECH, 'GET', `tickets/${target.id}/watchers`))['subjects']).toEqual(['requester@muster']);
  });

  it('are merged both ways at once by two people: one of them is told that it is closed', async () => {
    const [one, two] = [await open(), await open()];
    const answers = await Promise.all([
      call(TECH, 'POST', `tickets/${one.id}/merge`, { ticketId: two.id, reason: 'x' }),
      call('msp/operator', 'POST', `tickets/${two.id}/merge`, { ticketId: one.id, reason: 'x' }),
    ]);
    const statuses = answers.map(({ status }) => status).sort();
    expect([statuses[0], [409, 422].includes(statuses[1]!)]).toEqual([200, true]);
  });
});

describe('a ticket that is two', () => {
  it('is split: copies of comments go along, are no answers there, and the two are linked', async () => {
    const source = await open();
    await done('muster/requester', 'POST', `tickets/${source.id}/comments`, { body: 'And I have no sound.' });
    await done(TECH, 'POST', `tickets/${source.id}/comments`, { body: 'They never have.', internal: true });
    const numbers = (await entries(TECH, source.id)).flatMap(({ kind, sequence }) =>
      kind === 'comment' ? [sequence] : [],
    );
    const split = await done(TECH, 'POST', `tickets/${source.id}/split`, { subject: 'No sound', comments: numbers });
    expect(split).toMatchObject({ subject: 'No sound', requester: 'requester@muster', status: 'new' });
    expect((await entries('muster/requester', split.id)).filter(({ kind }) => kind === 'copied_comment')).toMatchObject(
      [{ by: 'requester@muster', body: 'And I have no sound.', change: { from: { ticketId: source.id } } }],
    );
    expect(await links('muster/requester', source.id)).toMatchObject({
      tickets: [{ kind: 'split_into', ticketId: split.id }],
    });
  });
});

describe('the list', () => {
  it('finds words of comments, and no customer finds words of an internal note', async () => {
    const [loud, quiet] = [`w${newId().slice(-8)}`, `w${newId().slice(-8)}`];
    const { id } = await open('muster/requester', { tags: ['vip'] });
    await done(TECH, 'POST', `tickets/${id}/comments`, { body: `Toner ${loud} is ordered.` });
    await done(TECH, 'POST', `tickets/${id}/comments`, { body: `They owe us ${quiet}.`, internal: true });
    for (const who of ['muster/requester', 'muster/customer_admin', TECH] as const)
      expect(await found(who, `words=${loud}`)).toEqual([id]);
    expect(await found(TECH, `words=${quiet}`)).toEqual([id]);
    for (const who of ['muster/requester', 'muster/customer_admin', 'muster/auditor'] as const)
      expect(await found(who, `words=${quiet}`)).toEqual([]);
    expect(await found(TECH, `words=${loud}&tag=vip&type=incident&openedFrom=2020-01-01T00:00:00Z`)).toEqual([id]);
    expect(await found(TECH, `words=${loud}&openedTo=2020-01-01T00:00:00Z`)).toEqual([]);
  });
});
