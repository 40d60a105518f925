import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY, type ApprovalPolicy } from './approval-policy.model.js';
import { askedUntil, expiryOf, nextDue, remindersBy, scheduleOf, votesEndAt } from './round-schedule.model.js';

const HOUR = 3_600_000;
const policy: ApprovalPolicy = {
  ...DEFAULT_POLICY,
  reminders: { everyHours: 24, atMost: 3 },
  escalation: { afterHours: 36, to: [] },
  expiry: { afterHours: 100, outcome: 'reject' },
};
const schedule = scheduleOf(policy, 0, 100 * HOUR);
const done = { reminders: 0, escalated: false, expired: false };

describe('what is due', () => {
  it('comes in the order of its times, until all of it happened', () => {
    expect(nextDue(schedule, done)).toEqual({ kind: 'remind', at: 24 * HOUR });
    expect(nextDue(schedule, { ...done, reminders: 1 })).toEqual({ kind: 'escalate', at: 36 * HOUR });
    expect(nextDue(schedule, { ...done, reminders: 3, escalated: true })).toEqual({ kind: 'expire', at: 100 * HOUR });
    expect(nextDue(schedule, { reminders: 3, escalated: true, expired: true })).toBeNull();
  });

  it.each([
    [23, 0],
    [24, 1],
    [71, 2],
    [1000, 3],
  ])('after %i hours are %i reminders in all', (hours, reminders) => {
    expect(remindersBy(schedule, hours * HOUR)).toBe(reminders);
  });
});

describe('the expiry', () => {
  it('counts from the question, or from the start with an hour left at least', () => {
    const before = { ...policy, expiry: { beforeStartHours: 24, outcome: 'reject' } as const };
    expect(expiryOf(policy, HOUR, null)).toBe(101 * HOUR);
    expect(expiryOf(before, 0, 48 * HOUR)).toBe(24 * HOUR);
    expect(expiryOf(before, 0, 12 * HOUR)).toBe(HOUR);
    expect(expiryOf(before, 0, null)).toBeNull();
  });

  it('ends votes where it rejects; where it escalates readers are told of it only before', () => {
    const [past, now, later] = [new Date(1), new Date(2), new Date(3)];
    const escalates = { expiry: { afterHours: 1, outcome: 'escalate' } as const };
    expect(votesEndAt(policy, past)).toBe(past);
    expect(askedUntil(policy, past, now)).toBe(past);
    expect(votesEndAt(escalates, past)).toBeNull();
    expect(askedUntil(escalates, past, now)).toBeNull();
    expect(askedUntil(escalates, later, now)).toBe(later);
  });
});
