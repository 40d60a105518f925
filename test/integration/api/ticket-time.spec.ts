import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { callOutsBetween } from '#libs/tickets';
import { startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';

let fixture: ApiFixture;
let database: Database;
beforeAll(async () => {
  fixture = await startApiFixture();
  database = openDatabase({ url: fixture.database.urlFor('api'), poolSize: 1 }, 'test');
});
afterAll(async () => {
  await database?.destroy();
  await fixture?.stop();
});

const wish = { type: 'incident', subject: 'The printer prints blank pages', impact: 'high', urgency: 'medium' };

async function open(tenant: 'muster' | 'nordlicht' = 'muster'): Promise<string> {
  const headers = { 'idempotency-key': newId() };
  const answer = await fixture.call('POST', '/v1/tickets', { as: `${tenant}/requester`, headers, body: wish });
  return (answer.body as { id: string }).id;
}

const post = (path: string, body: object, as: Who = 'msp/technician') =>
  fixture.call('POST', path, { as, headers: { 'idempotency-key': newId() }, body });
const record = (ticket: string, from: string, to: string, more: object = {}) =>
  post(`/v1/tickets/${ticket}/time-entries`, { kind: 'work', from, to, ...more });

describe('time on a ticket', () => {
  it('is summed by kind, a begun minute as a whole one; what was withdrawn does not count', async () => {
    const ticket = await open();
    await record(ticket, '2026-01-05T08:00:00Z', '2026-01-05T08:30:30Z', { note: 'Toner.' });
    await record(ticket, '2026-01-05T08:30:30Z', '2026-01-05T09:00:00Z', { kind: 'travel', billable: false });
    const wrong = await record(ticket, '2026-01-05T10:00:00Z', '2026-01-05T11:00:00Z', { kind: 'call_out' });
    expect(wrong).toMatchObject({ status: 201, body: { minutes: 60, technician: 'technician@msp' } });
    await post(`/v1/ticket-time-entries/${wrong.body.id}/withdraw`, { reason: 'It was another ticket.' });
    const { body } = await fixture.call('GET', `/v1/tickets/${ticket}/time-entries`, { as: 'msp/auditor' });
    expect(body).toMatchObject({
      items: [{ note: 'Toner.' }, { kind: 'travel' }],
      minutes: { total: 61, billable: 31, work: 31, callOut: 0, travel: 30 },
    });
  });

  it('runs from its start until it is stopped, and is not for the customer to see', async () => {
    const ticket = await open();
    const started = await post(`/v1/tickets/${ticket}/time-entries/start`, { kind: 'call_out' });
    expect(started).toMatchObject({ status: 201, body: { to: null, minutes: null, billable: true } });
    expect((await post(`/v1/tickets/${await open('nordlicht')}/time-entries/start`, { kind: 'work' })).body.code).toBe(
      'ticket.time_overlaps',
    );
    const stopped = await post(`/v1/ticket-time-entries/${started.body.id}/stop`, { note: 'Restarted it.' });
    expect(stopped).toMatchObject({ status: 200, body: { minutes: 1, note: 'Restarted it.' } });

    const entries = await fixture.call('GET', `/v1/tickets/${ticket}/entries`, { as: 'muster/customer_admin' });
    expect((entries.body as { items: { kind: string }[] }).items.map(({ kind }) => kind)).toEqual(['opened']);
    for (const as of ['muster/customer_admin', 'muster/auditor'] as const)
      expect((await fixture.call('GET', `/v1/tickets/${ticket}/time-entries`, { as })).status).toBe(403);
  });

  it('of one technician never overlaps, also not at two customers at once', async () => {
    const tickets = await Promise.all([open('muster'), open('nordlicht'), open('muster'), open('nordlicht')]);
    const span = ['2026-02-02T08:00:00Z', '2026-02-02T09:00:00Z'] as const;
    const answers = await Promise.all(tickets.map((ticket) => record(ticket, ...span)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    // the next may begin in the instant in which this one ends
    expect((await record(tickets[0]!, span[1], '2026-02-02T09:05:00Z')).status).toBe(201);
    const before = ['2026-02-02T07:59:59Z', '2026-02-02T08:00:01Z'] as const;
    expect((await record(tickets[0]!, ...before)).body.code).toBe('ticket.time_overlaps');
  });

  it('tells the schedule of call-outs who was out when, over all customers, and nothing of customers’ own people', async () => {
    const [here, there] = [await open('muster'), await open('nordlicht')];
    await record(here, '2026-03-02T01:00:00Z', '2026-03-02T02:00:00Z', { kind: 'call_out' });
    await record(there, '2026-03-02T03:00:00Z', '2026-03-02T04:30:00Z', { kind: 'call_out' });
    await record(there, '2026-03-02T08:00:00Z', '2026-03-02T09:00:00Z');
    const span = { from: new Date('2026-03-02T00:00:00Z'), to: new Date('2026-03-03T00:00:00Z') };
    const callOuts = (seen: string, asked: string) =>
      inTenants(database, [seen], (tx) => callOutsBetween(tx, asked, span));
    expect(await callOuts('msp', 'msp')).toEqual([
      { subject: 'technician@msp', from: new Date('2026-03-02T01:00:00Z'), to: new Date('2026-03-02T02:00:00Z') },
      { subject: 'technician@msp', from: new Date('2026-03-02T03:00:00Z'), to: new Date('2026-03-02T04:30:00Z') },
    ]);
    expect(await callOuts('muster', 'msp')).toEqual([]);
    expect(await callOuts('muster', 'muster')).toEqual([]);
  });
});
