import { describe, expect, it } from '@jest/globals';
import type { ChaosOptions } from '../../tools/chaos/options.js';
import { play, type ChaosResult } from '../../tools/chaos/play.js';
import { Processes } from '../../tools/chaos/processes.js';
import { parts } from '../../tools/chaos/schedule.js';
import { readDevelopment } from '../../tools/demo/development.js';
import { testStack } from '../support/test-stack.js';

/** Another seed at each run; it stands in the result, and `npm run chaos -- --events 40 --kills 6 --seed …` repeats it. */
const seed = String(process.pid);

const RESTARTED = ['api', 'bridge', 'worker'];

/** Plays on the system of this test run; when it fails, what was said on the way is in the error. */
async function played(options: Pick<ChaosOptions, 'events' | 'kills' | 'rolling'>): Promise<ChaosResult> {
  const { devJson, runDir } = testStack();
  const told: string[] = [];
  const stage = {
    development: readDevelopment(devJson),
    processes: new Processes(devJson, runDir),
    profile: 'test',
    // one of two each: `npm run chaos -- --rolling` restarts all six
    restarted: RESTARTED,
    say: (text: string) => void told.push(text),
  };
  return play({ ...options, seed }, stage).catch((error: unknown) => {
    throw new Error(`${String(error)}\nseed ${seed}\n${told.join('\n')}`, { cause: error });
  });
}

describe('a system whose parts are killed under load', () => {
  it('loses nothing, does nothing twice, and keeps the order of events', async () => {
    const result = await played({ events: 40, kills: parts.length, rolling: false });

    expect(result).toMatchObject({ complaints: [], accepted: 40, finished: 40, lost: 0, duplicated: 0, seed });
    expect(result.repeats).toBeLessThanOrEqual(result.inFlight);
    expect(result.killsByPart).toEqual({ api: 1, bridge: 1, worker: 1, kafka: 1, temporal: 1, postgres: 1 });
  }, 300_000);
});

describe('a system whose programs are restarted in turn under load', () => {
  it('answers every caller meanwhile, and loses and repeats nothing', async () => {
    const result = await played({ events: 80, kills: 0, rolling: true });

    const restarts = RESTARTED.length;
    expect(result).toMatchObject({ complaints: [], serverErrors: 0, restarts, lost: 0, duplicated: 0, repeats: 0 });
    // without load it would show nothing
    expect(result.accepted).toBeGreaterThan(2 * restarts);
    expect(result.finished).toBe(result.accepted);
  }, 120_000);
});
