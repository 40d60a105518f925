import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { Things } from './scan/things.js';
import { PersonFactory } from '../../support/api/people.factory.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
  for (const name of ['anna', 'bert', 'cora', 'operator', 'technician'])
    await PersonFactory.at('msp').named(name).in(fixture.database.admin);
});
afterAll(() => fixture?.stop());

const HOUR = 3_600_000;
const [anna, bert, cora, technician] = ['anna@msp', 'bert@msp', 'cora@msp', 'technician@msp'];
const at = (instant: string, hours = 0): string => new Date(Date.parse(instant) + hours * HOUR).toISOString();

async function answer(as: Who, method: string, path: string, body?: object) {
  const headers = { 'idempotency-key': newId(), 'stellwerk-tenant': 'msp' };
  return fixture.call(method, `/v1/on-call/${path}`, { as, headers, ...(body === undefined ? {} : { body }) });
}

async function sent<T = Record<string, unknown>>(as: Who, method: string, path: string, body?: object): Promise<T> {
  const got = await answer(as, method, path, body);
  expect([got.status < 300, got.text]).toEqual([true, got.text]);
  return got.body as T;
}

type Shift = { readonly person: string; readonly from: string; readonly to: string };
const weekly = (people: readonly string[], more: object = {}) => ({
  ...{ people, startsOn: '2026-01-05', handoverAt: '08:00', turnDays: 7, ...more },
});
const schedule = (layers: readonly object[], more: object = {}) =>
  sent<{ id: string; version: number; gaps: readonly object[]; overrides: readonly object[] }>(
    'msp/operator',
    'POST',
    'schedules',
    { name: `Nights ${newId()}`, timezone: 'Europe/Berlin', layers, ...more },
  );
const shifts = (id: string, from: string, to: string) =>
  sent<{ shifts: Shift[]; gaps: object[]; doubleBookings: object[] }>(
    'msp/technician',
    'GET',
    `schedules/${id}/shifts?from=${from}&to=${to}`,
  );

const shiftsWithRest = (id: string, from: string, to: string) =>
  sent<{ shifts: Shift[]; shortRests: object[] }>(
    ...(['msp/technician', 'GET', `schedules/${id}/shifts?from=${from}&to=${to}`] as const),
  );

/** Somebody worked on a customer’s ticket at that time. */
async function calledOut(technician: string, from: string, to: string): Promise<void> {
  const { admin } = fixture.database;
  const ticket_id = await new Things(admin, 'muster').ticket();
  const entry = { tenant_id: 'muster', id: newId(), ticket_id, technician, kind: 'call_out', billable: true } as const;
  await admin
    .insertInto('ticket_time_entries')
    .values({ ...entry, from_at: from, to_at: to, recorded_by: technician })
    .execute();
}

/** Saved schedules count from their saving; those of tests looked at weeks that lie behind as well. */
async function sinceEver(id: string): Promise<void> {
  const { admin } = fixture.database;
  await admin.updateTable('oncall_versions').set({ counts_from: '2026-01-01' }).where('schedule_id', '=', id).execute();
}

describe('a schedule', () => {
  it('gives turns at their local hour, also over the night in which the clock is put forward', async () => {
    const { id } = await schedule([weekly([anna, bert])]);
    await sinceEver(id);
    // Monday 30 March 2026, a day after the change of clock: 08:00 is an hour earlier in UTC
    const { shifts: found, gaps } = await shifts(id, '2026-03-23T07:00:00Z', '2026-04-06T06:00:00Z');
    const turns = found.map(({ person, from, to }) => [person, from, to]);
    expect(turns).toEqual([
      [bert, '2026-03-23T07:00:00.000Z', '2026-03-30T06:00:00.000Z'],
      [anna, '2026-03-30T06:00:00.000Z', '2026-04-06T06:00:00.000Z'],
    ]);
    expect(gaps).toEqual([]);
  });

  it('with hours that leave the days out is saved, and its gaps are shown as warnings', async () => {
    const nights = { mon: [['18:00', '24:00']], tue: [['00:00', '08:00']] };
    const { gaps } = await schedule([weekly([anna], { hours: nights })]);
    expect(gaps.length).toBeGreaterThan(1);
  });

  it('changed anew counts from then on: who was on call before stays', async () => {
    const first = await schedule([weekly([anna])]);
    await sinceEver(first.id);
    const body = { name: `Nights ${newId()}`, timezone: 'Europe/Berlin', layers: [weekly([bert])] };
    const second = await sent<{ version: number; countsFrom: string }>(
      ...(['msp/operator', 'PUT', `schedules/${first.id}`] as const),
      // nobody rewrites what is past
      { ...body, countsFrom: '2026-02-01T00:00:00Z' },
    );
    expect(second.version).toBe(2);
    const { countsFrom: change } = second;
    const { shifts: found } = await shifts(first.id, at(change, -24), at(change, 24));
    expect(found.map(({ person, to }) => [person, to])).toEqual([
      [anna, change],
      [bert, at(change, 24)],
    ]);
  });

  it('names whom it is too much for: somebody who is on call by two schedules', async () => {
    const one = await schedule([weekly([cora])]);
    const other = await schedule([weekly([cora])]);
    for (const { id } of [one, other]) await sinceEver(id);
    const { doubleBookings } = await shifts(one.id, '2026-05-04T08:00:00Z', '2026-05-05T08:00:00Z');
    expect(doubleBookings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ person: cora, otherSchedule: other.id, from: '2026-05-04T08:00:00.000Z' }),
      ]),
    );
    for (const { id } of [one, other]) await sent('msp/operator', 'DELETE', `schedules/${id}`);
    expect((await answer('msp/technician', 'GET', `schedules/${one.id}`)).status).toBe(404);
  });

  it('tells who is on call now and who comes next, until somebody takes the span', async () => {
    const { id } = await schedule([weekly([anna, bert])]);
    const now = async () => {
      const { items } = await sent<{ items: { schedule: string; now: Shift | null; next: Shift | null }[] }>(
        ...(['msp/auditor', 'GET', 'now?tenant=msp'] as const),
      );
      return items.find((item) => item.schedule === id)!;
    };
    const before = await now();
    expect([before.now!.person, before.next!.person].sort()).toEqual([anna, bert]);
    expect(before.next!.from).toBe(before.now!.to);
    const span = { from: at(before.now!.from, -1), to: at(before.now!.from, 1), reason: 'A wedding.' };
    const taken = await sent<{ id: string }>('msp/operator', 'POST', `schedules/${id}/overrides`, {
      ...{ ...span, person: cora },
    });
    expect((await now()).now).toMatchObject({ person: cora, to: span.to, source: taken.id });
    await sent('msp/operator', 'DELETE', `overrides/${taken.id}`);
    expect((await now()).now).toMatchObject({ person: before.now!.person });
  });
});

describe('a call-out', () => {
  it('that leaves less rest than the schedule wants is warned of, with a later start and who could take over', async () => {
    const day = { mon: [['08:00', '18:00']], tue: [['08:00', '18:00']] } as const;
    const { id } = await schedule([weekly([technician, cora], { turnDays: 1, hours: day })]);
    await sinceEver(id);
    // called at night, until 03:30 in Berlin; the shift begins at 08:00
    const [from, to] = ['2026-06-08T23:30:00Z', '2026-06-09T01:30:00Z'];
    const span = `${at(from, -12)}`;
    const before = await shiftsWithRest(id, span, at(to, 12));
    expect(before.shortRests).toEqual([]);
    const shift = before.shifts.find(({ from: begin }) => begin > to)!;
    const other = shift.person === technician ? cora : technician;
    await calledOut(shift.person, from, to);
    const { shortRests } = await shiftsWithRest(id, span, at(to, 12));
    expect(shortRests).toEqual([
      {
        ...{ person: shift.person, callOutEndedAt: new Date(to).toISOString(), restHours: 4.5 },
        shift: expect.objectContaining({ from: '2026-06-09T06:00:00.000Z' }),
        // eleven hours after 03:30
        ...{ laterStart: '2026-06-09T12:30:00.000Z', swapWith: [other] },
      },
    ]);
  });
});

describe('a swap', () => {
  const MONDAY = '2027-01-04T08:00:00Z';
  const gives = { from: MONDAY, to: at(MONDAY, 24) };
  const takes = { from: at(MONDAY, 8 * 24), to: at(MONDAY, 9 * 24) };

  it('is nothing until the other person accepts it, and then both spans', async () => {
    const { id } = await schedule([weekly([anna, technician])]);
    const people = async () =>
      (await shifts(id, takes.from, takes.to)).shifts.concat((await shifts(id, gives.from, gives.to)).shifts);
    const [before] = [(await people()).map(({ person }) => person)];
    const [giver, taker] = [before[1]!, before[0]!];
    expect([giver, taker].sort()).toEqual([anna, technician]);

    const wish =
      giver === anna ? { giver, taker, gives, takes } : { giver: taker, taker: giver, gives: takes, takes: gives };
    const swap = await sent<{ id: string; status: string }>('msp/operator', 'POST', `schedules/${id}/swaps`, wish);
    expect(swap.status).toBe('proposed');
    expect((await people()).map(({ person }) => person)).toEqual(before);

    expect((await answer('msp/operator', 'POST', `swaps/${swap.id}/answer`, { answer: 'accepted' })).status).toBe(403);
    for (const round of ['first', 'repeated'])
      expect([
        round,
        await sent('msp/technician', 'POST', `swaps/${swap.id}/answer`, { answer: 'accepted' }),
      ]).toMatchObject([round, { status: 'accepted' }]);
    expect((await people()).map(({ person }) => person)).toEqual([giver, taker]);
    const { items } = await sent<{ items: object[] }>('msp/technician', 'GET', `schedules/${id}/swaps`);
    expect(items).toHaveLength(1);
  });
});

describe('how somebody is reached', () => {
  it('is theirs to say; the audit tells the kinds, not the numbers', async () => {
    expect(await sent('msp/technician', 'GET', 'contact-methods')).toEqual({
      ...{ isUsual: true, methods: [{ kind: 'mail', address: 'technician@msp.example' }] },
    });
    const methods = [
      { kind: 'voice', address: '+4989123456' },
      { kind: 'mail', address: 'tom@example.org' },
    ];
    await sent('msp/technician', 'PUT', 'contact-methods', { methods });
    expect(await sent('msp/technician', 'GET', 'contact-methods')).toEqual({ isUsual: false, methods });
    const [entry] = await fixture.database.admin
      .selectFrom('audit_entries')
      .selectAll()
      .where('action', '=', 'contact_methods.set')
      .execute();
    expect(JSON.stringify(entry)).not.toContain('4989123456');
    expect(entry).toMatchObject({ after: { kinds: ['voice', 'mail'] } });
  });
});

describe('a team', () => {
  it('has members with an account, and is changed and taken out of use by operators', async () => {
    const team = await sent<{ id: string }>('msp/operator', 'POST', 'teams', { name: 'Network', members: [anna] });
    await sent('msp/operator', 'PUT', `teams/${team.id}`, { name: 'Network', members: [anna, bert] });
    const { items } = await sent<{ items: object[] }>('msp/technician', 'GET', 'teams');
    expect(items).toEqual([{ id: team.id, tenant: 'msp', name: 'Network', members: [anna, bert] }]);
    await sent('msp/operator', 'DELETE', `teams/${team.id}`);
    expect(await sent('msp/technician', 'GET', 'teams')).toEqual({ items: [] });
  });
});

describe('a calendar address', () => {
  const calendar = (address: string) => fixture.call('GET', new URL(address).pathname);

  it('shows shifts as iCalendar, without a key, until it is revoked', async () => {
    const { id } = await schedule([weekly([technician])], {
      name: 'Nächte; Süd, mit einem Namen, der umbrochen wird, weil er lang ist',
    });
    const feed = await sent<{ id: string; address: string }>('msp/technician', 'POST', 'calendar-feeds', {
      schedule: id,
    });
    const { status, headers, text } = await calendar(feed.address);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/calendar; charset=utf-8']);
    const lines = text.split('\r\n');
    expect(lines.every((line) => Buffer.byteLength(line) <= 75)).toBe(true);
    const unfolded = text.replaceAll('\r\n ', '');
    expect(unfolded).toContain(
      'SUMMARY:Nächte\\; Süd\\, mit einem Namen\\, der umbrochen wird\\, weil er lang ist: technician@msp',
    );
    expect(unfolded).toMatch(
      /BEGIN:VEVENT\r\nUID:.+\r\nDTSTAMP:\d{8}T\d{6}Z\r\nDTSTART:\d{8}T\d{6}Z\r\nDTEND:\d{8}T\d{6}Z/,
    );

    const own = await sent<{ address: string }>('msp/technician', 'POST', 'calendar-feeds', {});
    expect((await calendar(own.address)).text).toContain('BEGIN:VEVENT');
    const others = await sent<{ address: string }>('msp/operator', 'POST', 'calendar-feeds', {});
    expect((await calendar(others.address)).text).not.toContain('BEGIN:VEVENT');

    // nobody ends somebody else’s
    expect((await answer('msp/operator', 'DELETE', `calendar-feeds/${feed.id}`)).status).toBe(404);
    await sent('msp/technician', 'DELETE', `calendar-feeds/${feed.id}`);
    expect((await calendar(feed.address)).status).toBe(404);
    const { items } = await sent<{ items: object[] }>('msp/technician', 'GET', 'calendar-feeds');
    expect(items).toHaveLength(1);
  });

  it('of somebody whose account is locked shows nothing, and a guessed one never did', async () => {
    const made = await sent<{ address: string }>('msp/operator', 'POST', 'calendar-feeds', {});
    const status = (is: 'locked' | 'active') =>
      fixture.database.admin.updateTable('people').set({ status: is }).where('subject', '=', 'operator@msp').execute();
    await status('locked');
    expect((await calendar(made.address)).status).toBe(404);
    await status('active');
    expect((await calendar(made.address)).status).toBe(200);
    const other = made.address.endsWith('A') ? 'B' : 'A';
    expect((await calendar(`${made.address.slice(0, -1)}${other}`)).status).toBe(404);
    expect((await calendar(`${made.address}.ics`)).status).toBe(404);
  });
});
