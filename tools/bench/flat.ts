import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { approveRuns, untilPlanned } from './approved-runs.js';
import { copyFinishedRun } from './finished-runs.js';
import { submitLeavers } from './leavers.js';
import type { Progress } from './progress.js';
import { judged, rounded, told, type BenchResult } from './result.js';
import type { BenchServers } from './servers.js';
import { TENANT, World } from './world.js';

const MOST_RATIO = 1.1;

interface Extent {
  readonly few: number;
  readonly many: number;
  readonly runs: number;
}
const FULL: Extent = { few: 100, many: 10_000, runs: 20 };
const SMOKE: Extent = { few: 2, many: 50, runs: 2 };

/** What one run costs, on average. */
interface Cost {
  readonly statements: number;
  readonly blocks: number;
  readonly historyEvents: number;
}

/** What a run costs while many runs have ended before, against what it costs after few. */
export async function flat(servers: BenchServers, smoke: boolean, progress: Progress): Promise<BenchResult> {
  const { few, many, runs } = smoke ? SMOKE : FULL;
  const world = await World.create(servers);
  try {
    const first = await measured(world, runs);
    const model = first.ids[0]!;
    await copyFinishedRun(world.database, model, few - runs);
    const before = smoke ? first.cost : (await measured(world, runs)).cost;
    progress.say(`after ${few} runs: ${costText(before)}`);
    await copyFinishedRun(world.database, model, many - few);
    progress.say(`${many} runs are in the tables`);
    const after = (await measured(world, runs)).cost;
    progress.say(`after ${many} runs: ${costText(after)}`);
    return summary(before, after, smoke);
  } finally {
    await world.stop();
  }
}

function summary(before: Cost, after: Cost, smoke: boolean): BenchResult {
  const judge = (name: keyof Cost) => {
    const ratio = after[name] / before[name];
    return smoke ? told(`${name}, ratio`, ratio) : judged(`${name}, ratio`, ratio, MOST_RATIO, 'most');
  };
  const checks = [judge('statements'), judge('blocks'), judge('historyEvents')];
  const ratio = rounded(after.blocks / before.blocks);
  return {
    bench: 'flat',
    value: rounded(after.blocks),
    floor: rounded(before.blocks),
    ratio,
    unit: 'blocks/run',
    spread: [ratio, ratio],
    checks,
    ok: checks.every((check) => check.ok),
  };
}

/** Some runs from submission to their last event. Programs of their own: their sessions' end is what settles the counts. */
async function measured(world: World, runs: number): Promise<{ ids: readonly string[]; cost: Cost }> {
  const blocksBefore = await blocksTouched(world);
  const counting = fileURLToPath(new URL('./count-statements.js', import.meta.url));
  // the reconciler's rounds belong to no run
  const env = { NODE_OPTIONS: `--import ${counting}`, STELLWERK_RECONCILE_SECONDS: '3600' };
  const [api, worker, bridge] = await Promise.all([
    world.start('api', 'apps/api/main.js', { ...world.env('api'), ...env }),
    world.start('worker', 'tools/bench/bench-worker.js', { ...world.env('worker'), ...env }),
    world.startApp('bridge'),
  ]);
  const statements = async (): Promise<number> => {
    const asked = [api, worker].map((program) => program.ask<{ statements: number }>('statements'));
    return (await Promise.all(asked)).reduce((sum, answer) => sum + answer.statements, 0);
  };
  const statementsBefore = await statements();
  const ids = await submitLeavers(world, runs);
  await untilPlanned(world, ids);
  await approveRuns(world, api.url, ids, runs);
  const sent = (await statements()) - statementsBefore;
  await Promise.all([api.stop(), worker.stop(), bridge.stop()]);
  const blocks = (await blocksTouched(world)) - blocksBefore;
  const historyEvents = await averageHistory(world, ids);
  return { ids, cost: { statements: sent / runs, blocks: blocks / runs, historyEvents } };
}

/** Blocks of our tables, their indexes and their large values that were touched so far, in memory or on disk. */
async function blocksTouched(world: World): Promise<number> {
  const { rows } = await world.database.query<{ blocks: number }>(
    `SELECT sum(coalesce(heap_blks_read, 0) + coalesce(heap_blks_hit, 0) + coalesce(idx_blks_read, 0) + coalesce(idx_blks_hit, 0)
       + coalesce(toast_blks_read, 0) + coalesce(toast_blks_hit, 0))::float8 AS blocks
     FROM pg_statio_all_tables WHERE schemaname = 'public'`,
  );
  return rows[0]!.blocks;
}

async function averageHistory(world: World, ids: readonly string[]): Promise<number> {
  const connection = await Connection.connect({ address: world.servers.temporalAddress });
  const client = new Client({ connection, namespace: world.servers.temporalNamespace });
  const lengths = await Promise.all(
    ids.map(async (id) => (await client.workflow.getHandle(`${TENANT}/offboarding/${id}`).describe()).historyLength),
  );
  await connection.close();
  return lengths.reduce((sum, length) => sum + length, 0) / ids.length;
}

function costText({ statements, blocks, historyEvents }: Cost): string {
  return `${statements.toFixed(1)} statements, ${blocks.toFixed(0)} blocks, ${historyEvents.toFixed(1)} history events a run`;
}
