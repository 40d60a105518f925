import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { serviceLevels } from '#libs/sla';
import type { Chain } from '#libs/sla/model';
import { inTenants, openDatabase } from '#libs/platform/database';
import { createLogger } from '#libs/platform/observability';
import { changeStatus, comment, lockTicket, type TicketRow } from '#libs/tickets';
import type { RunningApi } from '../../apps/api/create-api.js';
import { AuditActivitiesOnEngine } from '../../apps/worker/activities/audit.activities.js';
import { PersonFactory } from '../support/api/people.factory.js';
import {
  escalationsOf,
  escalationThat,
  marksOfTicket,
  openTicketWith,
  putChains,
  retargeted,
  targetsOf,
  tellNews,
  timelineOf,
  watch,
} from '../support/escalation.js';
import { eventually } from '../support/eventually.js';
import { ended, linkIn, mailTo, startApiOf } from '../support/mailed.js';
import { startProcessHarness, TENANT, type ProcessHarness } from '../support/process-harness.js';

/** A ticket's clocks and chains on real servers: Temporal, PostgreSQL, SMTP. Targets are of seconds. */
let harness: ProcessHarness;
let api: RunningApi;

const person = (name: string) => ({ kind: 'person' as const, subject: `${name}@msp` });
/** Three levels, a moment apart. */
const THREE: Chain = {
  steps: [
    { kind: 'notify', receivers: [person('erna')] },
    { kind: 'wait', minutes: 0.5 / 60 },
    { kind: 'notify', receivers: [person('zoe')] },
    { kind: 'wait', minutes: 0.5 / 60 },
    { kind: 'raise_priority' },
    { kind: 'notify', receivers: [person('chef')] },
  ],
  repeat: 0,
  acknowledgementMinutes: null,
};

beforeAll(async () => {
  harness = await startProcessHarness();
  api = await startApiOf(harness);
  for (const name of ['erna', 'zoe', 'chef']) await PersonFactory.at('msp').named(name).in(harness.database.admin);
  await putChains(harness.api, { three: THREE }, [
    { on: 'warning', clock: 'first_response', chain: 'missing' },
    { on: 'breach', clock: 'first_response', chain: 'three' },
    { on: 'breach', clock: 'resolution', priorities: ['critical'], chain: 'three' },
  ]);
});
afterAll(async () => {
  await api?.stop();
  await harness?.stop();
});
beforeEach(() => harness.sandbox.mail.clear());

const admin = () => harness.database.admin;
const by = { subject: 'olga@msp', kind: 'msp' } as const;

async function work(
  ticket: TicketRow,
  change: (tx: Parameters<typeof lockTicket>[0], row: TicketRow) => Promise<unknown>,
) {
  await inTenants(harness.api, [TENANT], async (tx) => change(tx, (await lockTicket(tx, TENANT, ticket.id))!));
  await tellNews(harness, ticket);
}

const close = (ticket: TicketRow) =>
  work(ticket, async (tx, row) => {
    const resolved = await changeStatus(tx, row, { status: 'resolved', reason: null }, by, serviceLevels);
    await changeStatus(tx, resolved, { status: 'closed', reason: null }, by, serviceLevels);
  });

const breached = (ticket: TicketRow) =>
  eventually('the breach is on record', async () => {
    const marks = await marksOfTicket(admin(), ticket);
    return marks.some(({ mark }) => mark === 'breach') ? marks : Promise.reject(new Error(JSON.stringify(marks)));
  });

describe('a ticket', () => {
  it('whose clock runs out has warning and breach on record once, in time, and everybody of the chain is told in their order', async () => {
    const ticket = await openTicketWith(harness.api, TENANT, targetsOf({ response: 2 }));
    const handle = await watch(harness, ticket);
    const mail = await mailTo(harness, 'chef@msp.example');
    expect(mail.subject).toContain(`Ticket ${ticket.number}`);
    const marks = await breached(ticket);
    expect(marks.map(({ clock, mark }) => [clock, mark])).toEqual([
      ['first_response', 'warning'],
      ['first_response', 'breach'],
    ]);
    for (const { due_at, recorded_at } of marks) expect(recorded_at.getTime()).toBeGreaterThanOrEqual(due_at.getTime());
    const told = harness.sandbox.mail.mails.list().map(({ to }) => to[0]);
    expect(told).toEqual(['erna@msp.example', 'zoe@msp.example', 'chef@msp.example']);
    const { priority } = await admin()
      .selectFrom('tickets')
      .select('priority')
      .where('id', '=', ticket.id)
      .executeTakeFirstOrThrow();
    // it was as high as can be
    expect(priority).toBe('critical');
    await close(ticket);
    await ended(handle);
    const [escalation] = await escalationsOf(admin(), ticket);
    expect(escalation).toMatchObject({ status: 'ended', end_reason: 'ticket_closed', cause: 'breach' });
    expect(await timelineOf(admin(), escalation!.id)).toEqual(
      expect.arrayContaining(['started', 'told', 'raise_priority', 'exhausted', 'ended']),
    );
  });

  it('that is acknowledged by the link in the mail tells nobody else; opening the link alone does nothing', async () => {
    const ticket = await openTicketWith(harness.api, TENANT, targetsOf({ response: 0.2 }));
    const handle = await watch(harness, ticket);
    const link = linkIn(api, (await mailTo(harness, 'erna@msp.example')).text);
    const page = await (await fetch(link)).text();
    expect(page).toContain('Eskalation übernehmen');
    await fetch(link, { method: 'POST', body: new URLSearchParams({ act: 'acknowledge' }) });
    const escalation = await escalationThat(admin(), ticket, 'acknowledged');
    expect(escalation).toMatchObject({
      acknowledged_by: 'erna@msp',
      acknowledged_via: 'link',
      acknowledged_until: null,
    });
    await tellNews(harness, ticket);
    await close(ticket);
    await ended(handle);
    expect(harness.sandbox.mail.mails.list().map(({ to }) => to[0])).not.toContain('chef@msp.example');
    expect((await fetch(link, { method: 'POST', body: new URLSearchParams({ act: 'acknowledge' }) })).status).toBe(410);
  });

  it('whose deadline is moved into the future keeps the breach as lifted, and its chain ends with the reason', async () => {
    const ticket = await openTicketWith(harness.api, TENANT, targetsOf({ response: 0.2 }));
    const handle = await watch(harness, ticket);
    await breached(ticket);
    await retargeted(harness.api, ticket, targetsOf({ response: 3_600 }));
    await tellNews(harness, ticket);
    const escalation = await escalationThat(admin(), ticket, 'ended');
    expect(escalation.end_reason).toBe('deadline_moved');
    expect((await marksOfTicket(admin(), ticket)).filter(({ mark }) => mark === 'breach')).toMatchObject([
      { lifted_at: expect.any(Date), lifted_by: 'olga@msp', lifted_because: 'It was rated too high.' },
    ]);
    await close(ticket);
    await ended(handle);
  });

  it('that is answered ends the chain of its first response', async () => {
    const ticket = await openTicketWith(harness.api, TENANT, targetsOf({ response: 0.2 }));
    const handle = await watch(harness, ticket);
    await breached(ticket);
    await work(ticket, (tx, row) => comment(tx, row, { body: 'We are on it.', isPublic: true }, by));
    expect((await escalationThat(admin(), ticket, 'ended')).end_reason).toBe('target_met');
    await close(ticket);
    await ended(handle);
  });
});

/** One round of the reconciler. */
async function reconcile(): Promise<void> {
  const database = openDatabase({ url: harness.database.urlFor('worker'), poolSize: 2 }, 'test-audit');
  const { taskQueue } = harness.config.temporal;
  const audit = new AuditActivitiesOnEngine(database, harness.temporal, taskQueue, 30, createLogger('test', 'silent'));
  await audit.reconcilePage({ after: null }).finally(() => database.destroy());
}

describe('a ticket whose workflow', () => {
  it('was lost gets another one, on record, which goes on where the first was', async () => {
    const ticket = await openTicketWith(harness.api, TENANT, targetsOf({ response: 3_600 }));
    const handle = await watch(harness, ticket);
    const watched = admin().selectFrom('sla_watches').selectAll().where('ticket_id', '=', ticket.id);
    await eventually('it is watched', () => watched.executeTakeFirst().then((row) => row ?? null));
    await handle.terminate('lost by the test');
    await retargeted(harness.api, ticket, targetsOf({ response: 0.2 }));
    await admin()
      .updateTable('sla_watches')
      .set({ next_at: new Date(0) })
      .where('ticket_id', '=', ticket.id)
      .execute();
    await reconcile();
    await breached(ticket);
    expect(await watched.executeTakeFirstOrThrow()).toMatchObject({ restarts: 1, ended_at: null });
    await close(ticket);
  });
});

describe('what was resolved', () => {
  it('is closed by itself after business days, as was announced', async () => {
    const ticket = await openTicketWith(harness.api, TENANT, targetsOf({}));
    const handle = await watch(harness, ticket);
    await work(ticket, (tx, row) => changeStatus(tx, row, { status: 'resolved', reason: null }, by, serviceLevels));
    const entries = () =>
      admin().selectFrom('ticket_entries').selectAll().where('ticket_id', '=', ticket.id).orderBy('sequence').execute();
    await eventually('it is announced', async () => (await entries()).some(({ kind }) => kind === 'business_timer'));
    // weeks pass
    await admin()
      .updateTable('ticket_entries')
      .set({ at: new Date(Date.parse('2026-01-05T12:00:00Z')) })
      .where('ticket_id', '=', ticket.id)
      .execute();
    await tellNews(harness, ticket);
    await ended(handle);
    const kinds = (await entries()).map(({ kind, by_kind }) => `${kind} ${by_kind}`);
    expect(kinds.slice(-3)).toEqual(['business_timer engine', 'business_timer engine', 'status engine']);
  });
});
