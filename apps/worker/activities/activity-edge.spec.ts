import { describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { withPulse } from './activity-edge.js';

const STANDSTILL_MS = 200;
const limit = { standstillMs: STANDSTILL_MS };

describe('the pulse of an activity', () => {
  it('cuts off work that waits for what never comes, so that it is done again', async () => {
    let signal: AbortSignal | undefined;
    const work = new MockActivityEnvironment().run(() =>
      withPulse((pulse) => {
        signal = pulse.signal;
        return new Promise<never>(() => undefined);
      }, limit),
    );
    await expect(work).rejects.toMatchObject({ code: 'worker.stood_still', retryable: true });
    expect(signal?.aborted).toBe(true);
  });

  it.each(['heartbeat', 'progress'] as const)('lets work go on that tells of its answers (%s)', async (sign) => {
    const work = new MockActivityEnvironment().run(() =>
      withPulse(async (pulse) => {
        for (let answers = 0; answers < 6; answers += 1) {
          await pause(STANDSTILL_MS / 3);
          pulse[sign]?.();
        }
        return 'done';
      }, limit),
    );
    await expect(work).resolves.toBe('done');
  });

  it('cuts off nothing that has ended', async () => {
    let signal: AbortSignal | undefined;
    const work = (pulse: { readonly signal: AbortSignal }) => Promise.resolve((signal = pulse.signal));
    await new MockActivityEnvironment().run(() => withPulse(work, { standstillMs: 20 }));
    await pause(60);
    expect(signal?.aborted).toBe(false);
  });
});
