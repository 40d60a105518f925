import { describe, expect, it } from '@jest/globals';
import {
  GRADES,
  mayFollow,
  needsReason,
  PRIORITIES,
  priorityOf,
  STATUSES,
  statusAfterCustomersAnswer,
  USUAL_MATRIX,
} from './ticket.model.js';

describe('the usual priorities', () => {
  it('never fall when impact or urgency rises', () => {
    const rank = (impact: 0 | 1 | 2, urgency: 0 | 1 | 2) =>
      PRIORITIES.indexOf(priorityOf(USUAL_MATRIX, GRADES[impact], GRADES[urgency]));
    for (const [higher, lower] of [
      [0, 1],
      [1, 2],
    ] as const)
      for (const other of [0, 1, 2] as const) {
        expect(rank(higher, other)).toBeLessThanOrEqual(rank(lower, other));
        expect(rank(other, higher)).toBeLessThanOrEqual(rank(other, lower));
      }
  });

  it('are critical for what is high both ways alone', () => {
    const critical = GRADES.flatMap((impact) => GRADES.map((urgency) => priorityOf(USUAL_MATRIX, impact, urgency)));
    expect(critical.filter((priority) => priority === 'critical')).toHaveLength(1);
    expect(priorityOf(USUAL_MATRIX, 'high', 'high')).toBe('critical');
  });
});

describe('a status', () => {
  it('follows any other, but none follows closed, and closed follows resolved alone', () => {
    const followed = (former: (typeof STATUSES)[number]) => STATUSES.filter((status) => mayFollow(status, former));
    expect(followed('closed')).toEqual([]);
    expect(followed('in_progress')).toEqual([
      ...['assigned', 'waiting_for_customer', 'waiting_for_third_party', 'on_hold', 'resolved'],
    ]);
    expect(STATUSES.filter((former) => mayFollow('closed', former))).toEqual(['resolved']);
  });

  it('of waiting needs a reason', () => {
    expect(STATUSES.filter(needsReason)).toEqual(['waiting_for_customer', 'waiting_for_third_party', 'on_hold']);
  });

  it('of waiting for the customer ends with their answer, and so does resolved', () => {
    expect(STATUSES.filter((status) => statusAfterCustomersAnswer(status) === 'in_progress')).toEqual([
      ...['waiting_for_customer', 'resolved'],
    ]);
  });
});
