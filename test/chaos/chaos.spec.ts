import { describe, expect, it } from '@jest/globals';
import { play } from '../../tools/chaos/play.js';
import { Processes } from '../../tools/chaos/processes.js';
import { parts } from '../../tools/chaos/schedule.js';
import { readDevelopment } from '../../tools/demo/development.js';
import { testStack } from '../support/test-stack.js';

/** Another seed at each run; it stands in the result, and `npm run chaos -- --events 40 --kills 6 --seed …` repeats it. */
const seed = String(process.pid);

describe('a system whose parts are killed under load', () => {
  it('loses nothing, does nothing twice, and keeps the order of events', async () => {
    const { devJson, runDir } = testStack();
    const told: string[] = [];
    const result = await play(
      { events: 40, kills: parts.length, seed, rolling: false },
      {
        development: readDevelopment(devJson),
        processes: new Processes(devJson, runDir),
        profile: 'test',
        say: (text) => told.push(text),
      },
    ).catch((error: unknown) => {
      throw new Error(`seed ${seed}\n${told.join('\n')}`, { cause: error });
    });

    expect(result).toMatchObject({ complaints: [], accepted: 40, finished: 40, lost: 0, duplicated: 0, seed });
    expect(result.repeats).toBeLessThanOrEqual(result.inFlight);
    expect(result.killsByPart).toEqual({ api: 1, bridge: 1, worker: 1, kafka: 1, temporal: 1, postgres: 1 });
  }, 300_000);
});
