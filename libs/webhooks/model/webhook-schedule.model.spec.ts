import { describe, expect, it } from '@jest/globals';
import { RETRY_SECONDS, verdictOn, type TryFacts } from './webhook-schedule.model.js';

const DAY = 86_400_000;
const after = (status: number | null, facts: Partial<TryFacts> = {}) =>
  verdictOn({
    ...{ attempt: 1, failingSince: null, now: 10 * DAY, random: 0.5 },
    result: { status, code: status === null ? 'ECONNREFUSED' : null, retryAfterSeconds: null },
    ...facts,
  });

describe('what follows from a try', () => {
  it.each([200, 202, 204, 299])('is that %s delivered it', (status) => {
    expect(after(status)).toEqual({ kind: 'delivered' });
  });

  it.each([null, 301, 400, 401, 404, 429, 500, 503])('is another one after %s', (status) => {
    expect(after(status)).toEqual({ kind: 'retry', inSeconds: 5 });
  });

  it('is that 410 switches the subscription off', () => {
    expect(after(410)).toEqual({ kind: 'failed', disable: 'gone' });
  });

  it('follows the schedule, a tenth more or less, and the end of it is a failure', () => {
    const waits = RETRY_SECONDS.map((_wait, index) => after(500, { attempt: index + 1 }));
    expect(waits.map((wait) => (wait.kind === 'retry' ? wait.inSeconds : null))).toEqual([...RETRY_SECONDS]);
    expect(after(500, { attempt: 2, random: 0 })).toEqual({ kind: 'retry', inSeconds: 270 });
    expect(after(500, { attempt: 2, random: 1 })).toEqual({ kind: 'retry', inSeconds: 330 });
    expect(after(500, { attempt: 10 })).toEqual({ kind: 'failed', disable: null });
  });

  it('switches off what failed for three days, and not what failed for hours', () => {
    const last = { attempt: 10 };
    expect(after(500, { ...last, failingSince: 7 * DAY })).toEqual({ kind: 'failed', disable: 'failing' });
    expect(after(500, { ...last, failingSince: 9 * DAY })).toEqual({ kind: 'failed', disable: null });
  });

  it('waits as long as the receiver asks, within a day', () => {
    const asks = (retryAfterSeconds: number) => after(429, { result: { status: 429, code: null, retryAfterSeconds } });
    expect(asks(60)).toEqual({ kind: 'retry', inSeconds: 60 });
    expect(asks(1)).toEqual({ kind: 'retry', inSeconds: 5 });
    expect((asks(1e9) as { inSeconds: number }).inSeconds).toBeLessThan(100_000);
  });
});
