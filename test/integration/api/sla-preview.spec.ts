import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { digestsBy } from './scan/tenant-tables.js';

let fixture: ApiFixture;
beforeAll(async () => void (fixture = await startApiFixture()));
afterAll(() => fixture?.stop());

interface Vector {
  readonly name: string;
  readonly calendar: object;
  readonly target_minutes: number;
  readonly started_at: string;
  readonly pauses: readonly object[];
  readonly target_changes: readonly { readonly at: string; readonly target_minutes: number; readonly policy: string }[];
  readonly now: string;
  readonly expected: Readonly<Record<string, unknown>>;
}

const file = new URL('../../unit/sla/sla-vectors.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { readonly vectors: readonly Vector[] };

function preview(body: object) {
  return fixture.call('POST', '/v1/sla/preview', { as: 'muster/requester', body });
}

function caseOf(vector: Vector): object {
  const { holidays, timezone, weekly } = vector.calendar as Record<string, unknown>;
  return {
    calendar: { holidays, timezone, weekly },
    targetMinutes: vector.target_minutes,
    startedAt: vector.started_at,
    pauses: vector.pauses,
    changes: vector.target_changes.map(({ at, target_minutes, policy }) => ({
      ...{ at, targetMinutes: target_minutes, policy },
    })),
    now: vector.now,
  };
}

describe('the preview', () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))('computes %s', async (_name, vector) => {
    const { expected } = vector;
    const answer = await preview(caseOf(vector));
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        dueAt: expected['due_at'],
        elapsedMinutes: expected['elapsed_business_minutes'],
        remainingMinutes: expected['remaining_business_minutes'],
        breached: expected['breached'],
        breachedAt: expected['breached_at'],
        warnAt: expected['warn_at'],
      },
    ]);
  });

  it('takes null for what may be left out', async () => {
    const { calendar, ...rest } = caseOf(vectors[0]!) as { readonly calendar: object };
    const nothing = { calendar: { ...calendar, holidays: null, dates: null }, pauses: null, changes: null };
    expect((await preview({ ...rest, ...nothing })).status).toBe(200);
  });

  it('of a target of 0 is due when the clock first runs, and takes fractions of a minute', async () => {
    const some = caseOf(vectors[0]!);
    expect((await preview({ ...some, targetMinutes: 0 })).body).toMatchObject({ dueAt: '2025-07-14T06:00:00Z' });
    expect((await preview({ ...some, targetMinutes: 0.5 })).body).toMatchObject({ dueAt: '2025-07-14T06:00:30Z' });
  });

  it('tells the form in two intervals to whoever writes a night shift in one', async () => {
    const calendar = { timezone: 'Europe/Berlin', weekly: { mon: [['22:00', '06:00']] }, holidays: [] };
    const answer = await preview({ ...caseOf(vectors[0]!), calendar });
    expect(answer.body).toMatchObject({
      code: 'sla.interval_crosses_midnight',
      detail: expect.stringContaining('["22:00","24:00"] and ["00:00","06:00"] on the next day'),
    });
  });

  it('changes nothing', async () => {
    const digests = await digestsBy(fixture.database.admin, { without: 'last_used_at' });
    const before = [...(await digests())].filter(([table]) => !/\/limit_/.test(table));
    await preview(caseOf(vectors[0]!));
    expect([...(await digests())].filter(([table]) => !/\/limit_/.test(table))).toEqual(before);
  });
});
