import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { systemClock } from '#libs/kernel';
import { startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { OFFICE, ServiceLevelDesk, type TicketSla } from '../../support/api/service-levels.js';

let fixture: ApiFixture;
let desk: ServiceLevelDesk;
beforeAll(async () => {
  fixture = await startApiFixture();
  desk = new ServiceLevelDesk(fixture);
  await desk.calendar('office', OFFICE);
});
afterAll(() => fixture?.stop());
beforeEach(() => desk.tier(null));

const all = (targets: object, calendar = 'always') => ({ targets, calendar });
const clockOf = ({ clocks }: TicketSla, kind: string) => clocks.find((clock) => clock.kind === kind)!;
const minutes = (from: string, to: string | null) => (Date.parse(to!) - Date.parse(from)) / 60_000;

/** What happened to a ticket is moved back: hours pass without waiting. */
async function passed(id: string, hours: number): Promise<void> {
  const { admin } = fixture.database;
  const by = sql<Date>`at - make_interval(hours => ${hours})`;
  await admin.transaction().execute(async (tx) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(tx);
    await tx.updateTable('ticket_entries').set({ at: by }).where('ticket_id', '=', id).execute();
  });
}

describe('what is promised for a ticket', () => {
  it('is nothing while the customer has no tier, and says so', async () => {
    const sla = await desk.sla(await desk.open());
    expect(sla.clocks).toEqual([]);
    expect(sla.without.map(({ kind, why }) => [kind, why.kind])).toEqual([
      ['first_response', 'none'],
      ['update', 'none'],
      ['resolution', 'none'],
    ]);
  });

  it('comes from the line that fits best, a customer’s own before the MSP’s, and tells what it beat', async () => {
    await desk.policy('gold', [
      all({ first_response: 120, resolution: 480, update: 240 }, 'office'),
      { ...all({ first_response: 30 }), priority: 'critical' },
      { ...all({ first_response: 15 }), priority: 'critical', type: 'incident' },
      { ...all({ first_response: 60 }), type: 'incident' },
    ]);
    await desk.policy('gold', [{ ...all({ resolution: 90 }), priority: 'critical' }], 'muster');
    await desk.tier('gold');
    const sla = await desk.sla(await desk.open());
    const [response, resolution] = [clockOf(sla, 'first_response'), clockOf(sla, 'resolution')];
    expect([response.targetMinutes, resolution.targetMinutes]).toEqual([15, 90]);
    expect(response.why.source).toMatchObject({ tenant: 'msp', tier: 'gold', line: 2 });
    expect(response.why.beats).toMatchObject([{ line: 1 }, { line: 3 }, { line: 0 }]);
    expect(resolution.why).toMatchObject({
      source: { tenant: 'muster', line: 0 },
      beats: [{ tenant: 'msp', line: 0 }],
    });
    expect(minutes(response.startedAt, response.dueAt)).toBe(15);
    expect(minutes(response.startedAt, response.warnAt)).toBe(11.25);

    const low = await desk.sla(await desk.open({ impact: 'low', urgency: 'low', type: 'service_request' }));
    expect(clockOf(low, 'resolution')).toMatchObject({ targetMinutes: 480, timezone: 'Europe/Berlin' });
  });

  it('is explicitly nothing where a line says null', async () => {
    await desk.policy('silver', [all({ first_response: 60, resolution: null })]);
    await desk.tier('silver');
    const { clocks, without } = await desk.sla(await desk.open());
    expect(clocks.map(({ kind }) => kind)).toEqual(['first_response']);
    expect(without).toMatchObject([
      { kind: 'update', why: { kind: 'none' } },
      { kind: 'resolution', why: { kind: 'policy' } },
    ]);
  });

  it('follows a rating anew by the policy’s rule, and an answer starts the next update', async () => {
    await desk.policy('bronze', [
      all({ first_response: 600, update: 600, resolution: 600 }),
      { ...all({ first_response: 60, resolution: 60 }), priority: 'low' },
    ]);
    await desk.tier('bronze');
    const id = await desk.open();
    await passed(id, 1);
    await desk.work(id, 'comments', { body: 'We look into it.' });
    // a tenth was used up: a tenth of the new target is
    await desk.work(id, 'rating', { impact: 'low', urgency: 'low', reason: 'There is another printer.' });
    const sla = await desk.sla(id);
    expect(clockOf(sla, 'first_response')).toMatchObject({ state: 'stopped', breached: false, targetMinutes: 600 });
    expect(clockOf(sla, 'resolution').targetMinutes).toBe(60);
    expect(minutes(systemClock.now().toISOString(), clockOf(sla, 'resolution').dueAt)).toBeCloseTo(54, 0);
    expect(clockOf(sla, 'update')).toMatchObject({ state: 'running', targetMinutes: 600 });
  });

  it('stands still while it waits, with who and why, for the customer to see', async () => {
    await desk.policy('bronze', [all({ resolution: 600 })]);
    await desk.tier('bronze');
    const id = await desk.open();
    await desk.work(id, 'status', { status: 'waiting_for_customer', reason: 'Which printer?' });
    const waiting = clockOf(await desk.sla(id), 'resolution');
    expect(waiting).toMatchObject({ state: 'paused', dueAt: null });
    expect(waiting.segments.filter(({ state }) => state === 'paused')).toMatchObject([
      { status: 'waiting_for_customer', reason: 'Which printer?', by: 'technician@msp' },
    ]);
    await desk.call('muster/requester', 'POST', `tickets/${id}/comments`, { body: 'The one by the stairs.' });
    expect(clockOf(await desk.sla(id), 'resolution').state).toBe('running');
  });

  it('breached and lifted by a rating stays on record as lifted, by whom and why', async () => {
    await desk.policy('bronze', [all({ resolution: 60 }), { ...all({ resolution: 6_000 }), priority: 'low' }], 'msp', {
      rules: { onChange: 'recompute', onReopen: 'continue', statusIsResponse: false, pausingStatuses: [] },
    });
    await desk.tier('bronze');
    const id = await desk.open();
    await passed(id, 2);
    expect(clockOf(await desk.sla(id), 'resolution').breached).toBe(true);
    await desk.work(id, 'rating', { impact: 'low', urgency: 'low', reason: 'Only the spare one.' });
    const sla = await desk.sla(id);
    expect(clockOf(sla, 'resolution').breached).toBe(false);
    expect(sla.lifted).toMatchObject([{ kind: 'resolution', by: 'technician@msp', reason: 'Only the spare one.' }]);
  });
});

describe('a verdict', () => {
  it('is frozen when the ticket is closed: no later change reaches it', async () => {
    await desk.policy('bronze', [all({ first_response: 60, resolution: 60 })]);
    await desk.tier('bronze');
    const id = await desk.open();
    await passed(id, 2);
    await desk.work(id, 'status', { status: 'resolved' });
    await desk.work(id, 'status', { status: 'closed' });
    const frozen = await desk.sla(id);
    expect(frozen).toMatchObject({ state: 'frozen' });
    expect(frozen.clocks.map(({ kind, breached }) => [kind, breached])).toEqual([
      ['first_response', true],
      ['resolution', true],
    ]);
    await desk.policy('bronze', [all({ first_response: 6_000, resolution: 6_000 })]);
    expect(await desk.sla(id)).toEqual(frozen);
    const verdict = await fixture.database.admin
      .selectFrom('sla_verdicts')
      .selectAll()
      .where('ticket_id', '=', id)
      .executeTakeFirstOrThrow();
    const { facts } = verdict.inputs as { readonly facts: readonly { readonly kind: string; readonly why?: object }[] };
    expect(facts.find(({ kind }) => kind === 'targets')!.why).toMatchObject({
      resolution: { kind: 'policy', tier: 'bronze' },
    });
  });
});

describe('before a change is saved', () => {
  it('it shows which deadlines of open tickets move, and from when it would count', async () => {
    await desk.policy('iron', [all({ resolution: 600 }, 'office')]);
    await desk.tier('iron');
    const id = await desk.open();
    const { number } = await desk.call<{ number: number }>('muster/requester', 'GET', `tickets/${id}`);
    const countsFrom = new Date(systemClock.now().getTime() + 3_600_000).toISOString();
    const preview = (body: object) =>
      desk.call<{ countsFrom: string; looked: number; moves: { number: number; from: string; to: string }[] }>(
        ...(['msp/operator', 'POST', 'sla/policies/iron/preview', body, 'msp'] as const),
      );
    const { moves, ...rest } = await preview({ lines: [all({ resolution: 1_200 }, 'office')], countsFrom });
    expect(rest).toMatchObject({ countsFrom, more: false });
    const move = moves.find((one) => one.number === number)!;
    expect(Date.parse(move.to)).toBeGreaterThan(Date.parse(move.from));
    // nothing was saved
    const same = await preview({ lines: [all({ resolution: 600 }, 'office')] });
    expect(same.moves.filter((one) => one.number === number)).toEqual([]);
    expect(clockOf(await desk.sla(id), 'resolution').dueAt).toBe(move.from);

    const always = {
      timezone: 'UTC',
      weekly: Object.fromEntries(
        ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [['00:00', '24:00']]]),
      ),
    };
    const calendar = await desk.call<{ moves: { number: number }[] }>(
      ...(['msp/operator', 'POST', 'sla/calendars/office/preview', always, 'msp'] as const),
    );
    expect(calendar.moves.map((one) => one.number)).toContain(number);
    const tier = await desk.call<{ moves: { number: number; to: string | null }[] }>(
      ...(['msp/operator', 'POST', 'sla/tier/preview', { tier: null }] as const),
    );
    expect(tier.moves.find((one) => one.number === number)).toMatchObject({ to: null });
  });

  it('shows an operator with one customer nothing of the others', async () => {
    const { moves } = await desk.call<{ moves: { tenant: string }[] }>(
      ...(['msp/operator', 'POST', 'sla/tier/preview', { tier: null }, 'nordlicht'] as const),
    );
    expect(moves.filter(({ tenant }) => tenant !== 'nordlicht')).toEqual([]);
  });
});

describe('a what-if', () => {
  it('tells how many closed tickets would have met a target, and how many did', async () => {
    await desk.policy('tin', [all({ resolution: 60 })]);
    await desk.tier('tin');
    for (const hours of [0, 2, 3, 5]) {
      const id = await desk.open({ type: 'service_request' });
      await passed(id, hours);
      await desk.work(id, 'status', { status: 'resolved' });
      await desk.work(id, 'status', { status: 'closed' });
    }
    const span = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
    const body = { ...span, type: 'service_request', targets: { resolution: 240, first_response: 1 } };
    const found = await desk.call('msp/operator', 'POST', 'sla/what-if?tenant=muster', body);
    expect(found).toMatchObject({
      tickets: 4,
      more: false,
      shares: [{ kind: 'resolution', priority: 'critical', clocks: 4, metBefore: 1, metThen: 3, percentThen: 75 }],
    });
  });
});

describe('versions', () => {
  it('are kept, newest first shown; one that counts later counts later', async () => {
    await desk.policy('zinc', [all({ resolution: 100 })]);
    const countsFrom = new Date(systemClock.now().getTime() + 86_400_000).toISOString();
    await desk.policy('zinc', [all({ resolution: 50 })], 'msp', { countsFrom, reason: 'As agreed for next year.' });
    await desk.tier('zinc');
    const id = await desk.open();
    expect(clockOf(await desk.sla(id), 'resolution').targetMinutes).toBe(100);
    const versions = await Promise.all(
      [1, 2].map((version) =>
        desk.call('msp/auditor', 'GET', `sla/policies/zinc?version=${version}`, undefined, 'msp'),
      ),
    );
    expect(versions.map((one) => (one['policy'] as { lines: { targets: object }[] }).lines[0]!.targets)).toEqual([
      { resolution: 100 },
      { resolution: 50 },
    ]);
    expect((await desk.ask('msp/auditor', 'GET', 'sla/policies/zinc?version=3', undefined, 'msp')).body.code).toBe(
      'sla.tier_unknown',
    );
    const { items } = await desk.call<{ items: { name: string; version: number }[] }>(
      'msp/auditor',
      'GET',
      'sla/calendars',
    );
    expect(items.find(({ name }) => name === 'office')).toMatchObject({ version: 1 });
    const changes = await desk.call<{ items: { name: string; doneAt: string | null }[] }>(
      'msp/auditor',
      'GET',
      'sla/changes',
    );
    expect(changes.items[0]).toMatchObject({ name: 'zinc', doneAt: null });
  });
});

describe('a planned ticket', () => {
  const DATE = '2031-05-05T12:00:00Z';
  const propose = (as: 'msp/technician' | 'muster/requester', id: string, date: string) =>
    desk.call<{ id: string; status: string }>(as, 'POST', `tickets/${id}/date-proposals`, {
      date,
      reason: 'After the move.',
    });
  const answer = (as: 'msp/technician' | 'muster/requester', id: string, proposal: string, word: string) =>
    desk.call(as, 'POST', `tickets/${id}/date-proposals/${proposal}/answer`, { answer: word });

  it('has an agreed date instead of a resolution target, once both sides said so, and keeps it until both move it', async () => {
    await desk.policy('lead', [all({ first_response: 60, resolution: 60 })]);
    await desk.tier('lead');
    const id = await desk.open({ type: 'service_request', workClass: 'project' });
    const first = await propose('msp/technician', id, DATE);
    expect(clockOf(await desk.sla(id), 'resolution')).toMatchObject({ targetMinutes: 60 });
    await answer('muster/requester', id, first.id, 'agreed');
    const agreed = clockOf(await desk.sla(id), 'resolution');
    expect(agreed).toMatchObject({ dueAt: DATE, targetMinutes: null, why: { kind: 'agreed_date' } });
    expect(clockOf(await desk.sla(id), 'first_response').targetMinutes).toBe(60);

    const later = await propose('msp/technician', id, '2032-05-05T12:00:00Z');
    expect(clockOf(await desk.sla(id), 'resolution').dueAt).toBe(DATE);
    await answer('muster/requester', id, later.id, 'refused');
    expect(clockOf(await desk.sla(id), 'resolution').dueAt).toBe(DATE);
    // the customer may propose as well; the newest proposal replaces an open one
    const replaced = await propose('muster/requester', id, '2031-06-01T12:00:00Z');
    const newest = await propose('muster/requester', id, '2031-07-01T12:00:00Z');
    expect(
      (
        await desk.ask('msp/technician', 'POST', `tickets/${id}/date-proposals/${replaced.id}/answer`, {
          answer: 'agreed',
        })
      ).body.code,
    ).toBe('ticket.date_proposal_not_open');
    await answer('msp/technician', id, newest.id, 'agreed');
    expect(clockOf(await desk.sla(id), 'resolution').dueAt).toBe('2031-07-01T12:00:00Z');
    const { items } = await desk.call<{ items: { status: string }[] }>(
      'muster/requester',
      'GET',
      `tickets/${id}/date-proposals`,
    );
    expect(items.map(({ status }) => status)).toEqual(['agreed', 'replaced', 'refused', 'agreed']);
  });
});

describe('public holidays', () => {
  const proposal = (region: object) =>
    desk.call<{ holidays: { date: string; name: string; local: boolean }[]; questions: string[] }>(
      ...([
        'muster/requester',
        'GET',
        `sla/holidays?${new URLSearchParams({ ...region, year: '2027' }).toString()}`,
      ] as const),
    );

  it('are proposed for a region and count once a person confirmed them, each year anew', async () => {
    const { holidays } = await proposal({ country: 'DE', state: 'BY', place: 'Augsburg' });
    expect(holidays.filter(({ local }) => local)).toEqual([
      { date: '2027-08-08', name: 'Augsburger Friedensfest', local: true },
    ]);
    const region = { country: 'DE', state: 'BY', place: 'Augsburg' };
    const saved = await desk.calendar('augsburg', { ...OFFICE, region });
    const year = systemClock.now().getUTCFullYear();
    expect(saved).toMatchObject({ version: 1, unconfirmedYears: [year, year + 1], calendar: { holidays: [] } });
    const confirm = (of: number, dates: readonly string[]) =>
      desk.call('msp/operator', 'POST', 'sla/calendars/augsburg/holidays', { year: of, dates }, 'msp');
    const first = await confirm(year + 1, [`${year + 1}-01-01`, `${year + 1}-08-08`]);
    expect(first).toMatchObject({
      ...{ version: 2, unconfirmedYears: [year] },
      calendar: {
        holidays: [`${year + 1}-01-01`, `${year + 1}-08-08`],
        confirmed: [{ year: year + 1, by: 'operator@msp' }],
      },
    });
    expect(await confirm(year, [`${year}-01-01`])).toMatchObject({
      unconfirmedYears: [],
      calendar: { holidays: [`${year}-01-01`, `${year + 1}-01-01`, `${year + 1}-08-08`] },
    });
    // whoever changes the list by hand takes back what was confirmed
    expect(await desk.calendar('augsburg', { ...OFFICE, region, holidays: [`${year}-01-01`] })).toMatchObject({
      unconfirmedYears: [year + 1],
    });
  });
});
