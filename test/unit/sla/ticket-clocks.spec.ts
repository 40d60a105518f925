import { describe, expect, it } from '@jest/globals';
import {
  ALWAYS,
  liftedBreaches,
  readTicket,
  segmentsOf,
  ticketClocks,
  WAITING_STATUSES,
  WEEKDAYS,
  type ClockRules,
  type ServiceCalendar,
  type Target,
  type TargetKind,
  type Targets,
  type TicketFact,
  type TicketStatus,
} from '#libs/sla';

const office: ServiceCalendar = {
  timezone: 'Europe/Berlin',
  weekly: Object.fromEntries(WEEKDAYS.slice(0, 5).map((day) => [day, [['08:00', '18:00'] as const]])),
  holidays: [],
};
const usual: ClockRules = {
  onChange: 'recompute',
  onReopen: 'continue',
  statusIsResponse: false,
  pausingStatuses: WAITING_STATUSES,
};

/** On Monday 1 June 2026 or days after, in Berlin. */
const on = (time: string, day = 1): number => Date.parse(`2026-06-0${day}T${time}:00+02:00`);
const minutes = (count: number, calendar = office): Target => ({ kind: 'minutes', minutes: count, calendar });
const targets = (change: Partial<Targets> = {}): Targets => ({
  ...{ first_response: minutes(60), update: minutes(120), resolution: minutes(480) },
  ...change,
});
const opened = (time = '09:00', change: Partial<Targets> = {}, rules: Partial<ClockRules> = {}): TicketFact => ({
  ...{ kind: 'opened', at: on(time), targets: targets(change), rules: { ...usual, ...rules } },
});
const answered = (time: string, day = 1): TicketFact => ({ kind: 'answered', at: on(time, day), by: 'tina@msp' });
const status = (time: string, to: TicketStatus, reason?: string, day = 1): TicketFact => ({
  ...{ kind: 'status', at: on(time, day), status: to, by: 'tina@msp' },
  ...(reason === undefined ? {} : { reason }),
});
const changed = (time: string, change: Partial<Targets>, rules: Partial<ClockRules> = {}): TicketFact => ({
  ...{ kind: 'targets', at: on(time), targets: targets(change), rules: { ...usual, ...rules } },
  ...{ by: 'otto@msp', reason: 'only one workstation is affected' },
});

const reading = (kind: TargetKind, facts: readonly TicketFact[], now: number) =>
  readTicket(facts, now)
    .filter((one) => one.kind === kind)
    .at(-1);

describe('the first response', () => {
  it('runs until a person answers in public, and keeps what it showed then', () => {
    expect(reading('first_response', [opened()], on('09:30'))).toMatchObject({
      ...{ state: 'running', elapsedMinutes: 30, remainingMinutes: 30, dueAt: on('10:00'), warnAt: on('09:45') },
    });
    expect(reading('first_response', [opened(), answered('09:40')], on('17:00'))).toMatchObject({
      ...{ state: 'stopped', stoppedAt: on('09:40'), elapsedMinutes: 40, breached: false },
    });
    expect(reading('first_response', [opened(), answered('10:00')], on('17:00'))).toMatchObject({
      ...{ breached: true, breachedAt: on('10:00') },
    });
  });

  it.each([
    [true, 'stopped'],
    [false, 'running'],
  ])('counts work as an answer where the policy says so: %p', (statusIsResponse, state) => {
    const facts = [opened('09:00', {}, { statusIsResponse }), status('09:10', 'in_progress')];
    expect(reading('first_response', facts, on('09:20'))).toMatchObject({ state });
  });

  it('is over when the ticket is resolved without one', () => {
    const facts = [opened(), status('09:20', 'resolved')];
    expect(reading('first_response', facts, on('12:00'))).toMatchObject({ state: 'stopped', breached: false });
  });
});

describe('the update', () => {
  it('runs from each answer to the next, each with its own verdict', () => {
    const facts = [opened(), answered('09:30'), answered('12:00'), status('13:00', 'resolved')];
    const updates = readTicket(facts, on('17:00')).filter(({ kind }) => kind === 'update');
    expect(updates).toMatchObject([
      { startedAt: on('09:30'), stoppedAt: on('12:00'), breached: true, breachedAt: on('11:30') },
      { startedAt: on('12:00'), stoppedAt: on('13:00'), breached: false },
    ]);
  });

  it('has no clock before the first answer', () => {
    expect(reading('update', [opened()], on('17:00'))).toBeUndefined();
  });
});

describe('the resolution', () => {
  it('stands still while the ticket waits, and says since when and why', () => {
    const facts = [
      opened(),
      status('10:00', 'waiting_for_customer', 'which printer?'),
      status('12:00', 'in_progress'),
      status('13:00', 'on_hold', 'spare part'),
    ];
    expect(reading('resolution', facts, on('14:00'))).toMatchObject({
      ...{ state: 'paused', dueAt: null, elapsedMinutes: 120, remainingMinutes: 360 },
    });
    const clock = ticketClocks(facts).find(({ kind }) => kind === 'resolution')!;
    expect(segmentsOf(clock, on('14:00'))).toEqual([
      { state: 'running', from: on('09:00'), to: on('10:00'), businessMinutes: 60 },
      {
        ...{
          state: 'paused',
          from: on('10:00'),
          to: on('12:00'),
          businessMinutes: 120,
          status: 'waiting_for_customer',
        },
        ...{ by: 'tina@msp', reason: 'which printer?' },
      },
      { state: 'running', from: on('12:00'), to: on('13:00'), businessMinutes: 60 },
      {
        ...{ state: 'paused', from: on('13:00'), to: on('14:00'), businessMinutes: 60, status: 'on_hold' },
        ...{ by: 'tina@msp', reason: 'spare part' },
      },
    ]);
  });

  it('goes on in a status that the policy does not pause in', () => {
    const facts = [
      opened('09:00', {}, { pausingStatuses: ['on_hold'] }),
      status('10:00', 'waiting_for_third_party', 'x'),
    ];
    expect(reading('resolution', facts, on('11:00'))).toMatchObject({ state: 'running', elapsedMinutes: 120 });
  });

  it.each([
    ['continue', 60 + 120],
    ['reset', 120],
  ] as const)('of a reopened ticket: %s', (onReopen, elapsedMinutes) => {
    const facts = [
      opened('09:00', {}, { onReopen }),
      status('10:00', 'resolved'),
      status('10:30', 'closed'),
      status('15:00', 'in_progress'),
    ];
    expect(reading('resolution', facts.slice(0, 3), on('16:00'))).toMatchObject({
      state: 'stopped',
      elapsedMinutes: 60,
    });
    expect(reading('resolution', facts, on('17:00'))).toMatchObject({ state: 'running', elapsedMinutes });
  });

  it('against an agreed date is moved by no pause', () => {
    const date: Target = { kind: 'date', at: on('18:00', 5) };
    const facts = [opened('08:00', { resolution: date }), status('10:00', 'waiting_for_customer', 'when?')];
    expect(reading('resolution', facts, on('12:00'))).toMatchObject({
      ...{ state: 'running', dueAt: date.at, breached: false, targetMinutes: null },
    });
    expect(reading('resolution', facts, date.at)).toMatchObject({ breached: true, breachedAt: date.at });
  });

  it('without a target has no clock', () => {
    expect(reading('resolution', [opened('09:00', { resolution: null })], on('12:00'))).toBeUndefined();
  });

  it('counts from the opening when a target comes later', () => {
    const facts = [opened('09:00', { resolution: null }), changed('11:00', {})];
    expect(reading('resolution', facts, on('12:00'))).toMatchObject({ elapsedMinutes: 180, targetMinutes: 480 });
  });

  it('does not take a target for a change that says the same in other objects', () => {
    const again = { resolution: minutes(480, JSON.parse(JSON.stringify(office)) as ServiceCalendar) };
    const facts = [opened(), changed('11:00', again, { onChange: 'reset' })];
    expect(reading('resolution', facts, on('12:00'))).toMatchObject({ elapsedMinutes: 180 });
  });

  it('goes on by another calendar from the change on', () => {
    const facts = [opened(), changed('11:00', { resolution: minutes(960, ALWAYS) }, { onChange: 'proportional' })];
    // 120 of 480 are 240 of 960; then around the clock
    expect(reading('resolution', facts, on('12:00', 2))).toMatchObject({ elapsedMinutes: 240 + 25 * 60 });
  });
});

describe('a breach that a later change took back', () => {
  it('stays on record with who did it and why', () => {
    const facts = [opened('08:00', { resolution: minutes(60) }), changed('10:00', { resolution: minutes(480) })];
    expect(reading('resolution', facts, on('11:00'))).toMatchObject({ breached: false });
    expect(liftedBreaches(facts, on('11:00'))).toEqual([
      {
        ...{ kind: 'resolution', breachedAt: on('09:00'), liftedAt: on('10:00') },
        ...{ by: 'otto@msp', reason: 'only one workstation is affected' },
      },
    ]);
    expect(liftedBreaches(facts, on('09:30'))).toEqual([]);
  });

  it('is lifted by "no SLA" as well, and by nothing that leaves it', () => {
    const late = opened('08:00', { resolution: minutes(60) });
    expect(liftedBreaches([late, changed('10:00', { resolution: null })], on('11:00'))).toHaveLength(1);
    const left = [
      late,
      status('09:30', 'on_hold', 'part'),
      status('09:40', 'resolved'),
      status('10:00', 'in_progress'),
    ];
    expect(liftedBreaches(left, on('11:00'))).toEqual([]);
  });
});
