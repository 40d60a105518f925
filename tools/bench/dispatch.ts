import { randomUUID } from 'node:crypto';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import type { StartTask } from './dispatch.floor.js';
import { latency } from './latency.js';
import { submitLeavers } from './leavers.js';
import { measurePairs } from './pairs.js';
import type { Program } from './program.js';
import type { Progress } from './progress.js';
import { merged, rounded, summarise, whole, type BenchResult, type Check, type Measured } from './result.js';
import type { BenchServers } from './servers.js';
import { WaitingEvents } from './waiting-events.js';
import { TENANT, World } from './world.js';

const LEAST_RATIO = 0.85;
/** Calls to Temporal under way: as many as the bridge makes. */
const AT_ONCE = 64;

interface Extent {
  readonly pairs: number;
  readonly events: number;
  readonly warmUp: number;
  /** Of the latency part. */
  readonly seconds: number;
}
const FULL: Extent = { pairs: 5, events: 2_000, warmUp: 200, seconds: 60 };
const SMOKE: Extent = { pairs: 1, events: 40, warmUp: 10, seconds: 1 };

/** Waiting events until their last offset is committed, against a bare loop that starts the same workflows. */
export async function dispatch(servers: BenchServers, smoke: boolean, progress: Progress): Promise<BenchResult> {
  const extent = smoke ? SMOKE : FULL;
  if (!smoke) progress.say('this bench takes longer than a minute: its latency part alone is 60 s');
  const world = await World.create(servers);
  const waiting = new WaitingEvents(world);
  try {
    const floorEnv = world.env('bridge');
    const [bridge, floor] = await Promise.all([
      world.startApp('bridge'),
      world.start('floor', 'tools/bench/dispatch.floor.js', floorEnv),
    ]);
    const checks: Check[] = [];
    const sides = (events: number) => ({
      ours: () => dispatched({ world, waiting, bridge, checks }, events),
      floor: () => started(world, floor, events),
    });
    await sides(extent.warmUp).ours();
    await sides(extent.warmUp).floor();
    progress.say('both sides are warm');
    const pairs = await measurePairs(extent.pairs, 'workflows/s', sides(extent.events), progress);
    await Promise.all([floor.stop(), bridge.stop()]);
    const { p50, p99, check } = await latency(servers, extent.seconds, progress);
    const result = summarise('dispatch', 'workflows/s', pairs, smoke ? null : LEAST_RATIO, merged([...checks, check]));
    return { ...result, p50: rounded(p50), p99: rounded(p99) };
  } finally {
    await waiting.stop();
    await world.stop();
  }
}

interface Ours {
  readonly world: World;
  readonly waiting: WaitingEvents;
  readonly bridge: Program;
  readonly checks: Check[];
}

/** The bridge is held still while events pile up in Kafka, then let go: so it is warm, and finds all of them waiting. */
async function dispatched({ world, waiting, bridge, checks }: Ours, events: number): Promise<Measured> {
  await waiting.untilCommitted();
  process.kill(bridge.pid, 'SIGSTOP');
  let ids: string[];
  try {
    ids = await submitLeavers(world, events);
    await waiting.publish();
  } finally {
    process.kill(bridge.pid, 'SIGCONT');
  }
  const usedCpu = world.cpuClock({ bridge }, ['postgres', 'temporal', 'kafka']);
  const begun = performance.now();
  await waiting.untilCommitted();
  const seconds = (performance.now() - begun) / 1000;
  const cpu = usedCpu();
  const { rows } = await world.database.query<{ taken: number }>(
    `SELECT count(*)::int AS taken FROM requests r JOIN inbox i ON i.tenant_id = r.tenant_id AND i.event_id = r.submitted_event_id
     WHERE r.tenant_id = $1 AND r.id = ANY ($2::uuid[])`,
    [TENANT, ids],
  );
  checks.push(whole('inbox rows', rows[0]!.taken, events));
  checks.push(whole('workflows', await running(world, ids), events));
  return { units: events, seconds, cpu };
}

/** How many of these requests' workflows run at Temporal: each of them is asked for by its id. */
async function running(world: World, ids: readonly string[]): Promise<number> {
  const connection = await Connection.connect({ address: world.servers.temporalAddress });
  const client = new Client({ connection, namespace: world.servers.temporalNamespace });
  let next = 0;
  let found = 0;
  const look = async (): Promise<void> => {
    for (let index = next++; index < ids.length; index = next++) {
      const workflow = client.workflow.getHandle(`${TENANT}/offboarding/${ids[index]!}`);
      const status = await workflow.describe().then(({ status: { name } }) => name, notThere);
      if (status === 'RUNNING') found += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look)).finally(() => connection.close());
  return found;
}

/** A workflow that is missing is counted, not thrown: the check says how many there are. */
function notThere(error: unknown): null {
  if (error instanceof WorkflowNotFoundError) return null;
  throw error;
}

async function started(world: World, floor: Program, events: number): Promise<Measured> {
  const requestIds = Array.from({ length: events }, () => randomUUID());
  const task: StartTask = {
    workflowIds: requestIds.map((id) => `${TENANT}/offboarding/${id}`),
    workflowType: 'offboarding',
    inputs: requestIds.map((requestId) => ({ tenant: TENANT, requestId, eventId: randomUUID() })),
    atOnce: AT_ONCE,
  };
  const usedCpu = world.cpuClock({ floor }, ['postgres', 'temporal', 'kafka']);
  const { seconds } = await floor.ask<{ seconds: number }>(task);
  return { units: events, seconds, cpu: usedCpu() };
}
