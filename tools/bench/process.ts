import { randomUUID } from 'node:crypto';
import { offboardingSteps } from '#libs/requests/model';
import type { FloorTask } from './process.floor.js';
import { approveRuns, countOurs, untilPlanned } from './approved-runs.js';
import { leaverBody, STEPS_PER_RUN, submitLeavers } from './leavers.js';
import type { SystemCounts } from './memory-system.js';
import { measurePairs } from './pairs.js';
import type { Program } from './program.js';
import type { Progress } from './progress.js';
import { judged, merged, summarise, whole, type BenchResult, type Check, type Measured } from './result.js';
import type { BenchServers } from './servers.js';
import { World } from './world.js';

const LEAST_RATIO = 1.5;

interface Extent {
  readonly pairs: number;
  readonly runs: number;
  readonly warmUp: number;
  readonly atOnce: number;
}
const FULL: Extent = { pairs: 5, runs: 300, warmUp: 40, atOnce: 40 };
const SMOKE: Extent = { pairs: 1, runs: 6, warmUp: 0, atOnce: 3 };

/** Off-boarding runs of 8 steps, from approval to the last event sent, against a bare workflow with 8 activities. */
export async function processRuns(servers: BenchServers, smoke: boolean, progress: Progress): Promise<BenchResult> {
  const extent = smoke ? SMOKE : FULL;
  if (!smoke) progress.say('this bench takes some minutes: every run is planned before its clock starts');
  const world = await World.create(servers);
  try {
    const parts = await startParts(world);
    const checks: Check[] = [];
    const sides = (runs: number) => ({
      ours: () => ours(parts, { ...extent, runs }, checks, progress),
      floor: () => floor(parts, { ...extent, runs }, checks),
    });
    if (extent.warmUp > 0) {
      await sides(extent.warmUp).ours();
      await sides(extent.warmUp).floor();
      progress.say('both sides are warm');
    }
    const pairs = await measurePairs(extent.pairs, 'runs/s', sides(extent.runs), progress);
    return summarise('process', 'runs/s', pairs, smoke ? null : LEAST_RATIO, merged(checks));
  } finally {
    await world.stop();
  }
}

interface Parts {
  readonly world: World;
  readonly api: Program;
  readonly bridge: Program;
  readonly worker: Program;
  readonly floor: Program;
}

async function startParts(world: World): Promise<Parts> {
  const floorEnv = { ...world.env('worker'), STELLWERK_TASK_QUEUE: `${world.taskQueue}-floor` };
  const [api, bridge, worker, floor] = await Promise.all([
    world.startApp('api'),
    world.startApp('bridge'),
    world.start('worker', 'tools/bench/bench-worker.js', world.env('worker')),
    world.start('floor', 'tools/bench/process.floor.js', floorEnv),
  ]);
  return { world, api, bridge, worker, floor };
}

async function ours(
  { world, api, bridge, worker }: Parts,
  { runs, atOnce }: Extent,
  checks: Check[],
  progress: Progress,
): Promise<Measured> {
  const ids = await submitLeavers(world, runs);
  await untilPlanned(world, ids);
  progress.say(`${runs} runs are planned`);
  const before = await worker.ask<SystemCounts>('counts');
  const usedCpu = world.cpuClock({ api, bridge, worker }, ['postgres', 'temporal', 'kafka']);
  const begun = performance.now();
  await approveRuns(world, api.url, ids, atOnce);
  const measured = { units: runs, seconds: (performance.now() - begun) / 1000, cpu: usedCpu() };
  const after = await worker.ask<SystemCounts>('counts');
  const found = await countOurs(world, ids);
  const steps = runs * STEPS_PER_RUN;
  checks.push(
    whole('runs completed', found.completed, runs),
    whole('steps succeeded', found.steps, steps),
    whole('events of runs and steps sent', found.events, steps + 2 * runs),
    whole('lines of history about steps', found.lines, found.linesExpected),
    whole('writes', after.writes - before.writes, steps),
    whole('read-backs', after.readBacks - before.readBacks, steps),
    judged('repeated writes', after.repeats - before.repeats, 0, 'most'),
  );
  return measured;
}

async function floor({ world, floor: program }: Parts, { runs, atOnce }: Extent, checks: Check[]): Promise<Measured> {
  const runIds = Array.from({ length: runs }, () => `${world.name}/floor/${randomUUID()}`);
  const steps = offboardingSteps(leaverBody('somebody', new Date(0))).map(({ id, dependsOn }) => ({ id, dependsOn }));
  await program.ask({ does: 'start', runIds, steps } satisfies FloorTask);
  const usedCpu = world.cpuClock({ floor: program }, ['postgres', 'temporal', 'kafka']);
  const { seconds, activities } = await program.ask<{ seconds: number; activities: number }>({
    does: 'run',
    runIds,
    atOnce,
  } satisfies FloorTask);
  checks.push(whole('activities of the floor', activities, runs * STEPS_PER_RUN));
  return { units: runs, seconds, cpu: usedCpu() };
}
