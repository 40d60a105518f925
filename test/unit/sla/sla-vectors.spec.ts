import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { calendarFaults, isZone, readClock, type ChangePolicy, type ServiceCalendar } from '#libs/sla';

interface Vector {
  readonly name: string;
  readonly rule: string;
  readonly calendar: ServiceCalendar;
  readonly target_minutes: number;
  readonly started_at: string;
  readonly pauses: readonly { readonly from: string; readonly to: string | null }[];
  readonly target_changes: readonly {
    readonly at: string;
    readonly target_minutes: number;
    readonly policy: ChangePolicy;
  }[];
  readonly now: string;
  readonly expected: {
    readonly due_at: string | null;
    readonly elapsed_business_minutes: number;
    readonly remaining_business_minutes: number;
    readonly breached: boolean;
    readonly breached_at: string | null;
    readonly warn_at: string | null;
  };
}

const { vectors } = JSON.parse(readFileSync(new URL('sla-vectors.json', import.meta.url), 'utf8')) as {
  readonly vectors: readonly Vector[];
};

function read(vector: Vector) {
  const life = {
    calendar: vector.calendar,
    targetMinutes: vector.target_minutes,
    startedAt: Date.parse(vector.started_at),
    pauses: vector.pauses.map(({ from, to }) => ({ from: Date.parse(from), to: to === null ? null : Date.parse(to) })),
    changes: vector.target_changes.map(({ at, target_minutes, policy }) => ({
      ...{ at: Date.parse(at), targetMinutes: target_minutes, policy },
    })),
  };
  return readClock(life, Date.parse(vector.now));
}

const instant = (text: string | null): number | null => (text === null ? null : Date.parse(text));

describe('the worked examples', () => {
  it('are twelve', () => expect(vectors).toHaveLength(12));

  it.each(vectors.map((vector) => [vector.name, vector.rule, vector] as const))('%s: %s', (_name, _rule, vector) => {
    expect(calendarFaults(vector.calendar, isZone)).toEqual([]);
    const { expected } = vector;
    expect(read(vector)).toEqual({
      dueAt: instant(expected.due_at),
      warnAt: instant(expected.warn_at),
      elapsedMinutes: expected.elapsed_business_minutes,
      remainingMinutes: expected.remaining_business_minutes,
      breached: expected.breached,
      breachedAt: instant(expected.breached_at),
      targetMinutes: vector.target_changes.at(-1)?.target_minutes ?? vector.target_minutes,
    });
  });
});
