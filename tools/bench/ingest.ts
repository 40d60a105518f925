import { randomUUID } from 'node:crypto';
import { systemClock } from '#libs/kernel';
import { load, type HttpCall } from './http-load.js';
import { measurePairs } from './pairs.js';
import type { Program } from './program.js';
import type { Progress } from './progress.js';
import { merged, rate, summarise, told, whole, type BenchResult, type Check, type Measured } from './result.js';
import type { BenchServers } from './servers.js';
import { TENANT, World } from './world.js';

const LEAST_RATIO = 0.6;
const CONNECTIONS = 32;

/** How much is measured: seconds per side of a pair, and with everything running. */
interface Extent {
  readonly pairs: number;
  readonly seconds: number;
}
const FULL: Extent = { pairs: 5, seconds: 3.5 };
const SMOKE: Extent = { pairs: 1, seconds: 0.2 };

/** Accepted requests per second over 32 connections with a new key each, against a bare server that commits one row. */
export async function ingest(servers: BenchServers, smoke: boolean, progress: Progress): Promise<BenchResult> {
  const extent = smoke ? SMOKE : FULL;
  const world = await World.create(servers);
  try {
    await world.database.query('CREATE TABLE floor_requests (id uuid PRIMARY KEY, body jsonb NOT NULL)');
    const [api, floor] = await Promise.all([
      world.startApp('api'),
      world.start('floor', 'tools/bench/ingest.floor.js', {
        ...world.env('api'),
        STELLWERK_DATABASE_URL: world.databaseUrl,
      }),
    ]);
    const checks: Check[] = [];
    const sides = {
      ours: () => accepted(world, api, extent.seconds, checks),
      floor: () => committed(world, floor, extent.seconds, checks),
    };
    progress.say('both servers run; warming up');
    await sides.ours();
    await sides.floor();
    const pairs = await measurePairs(extent.pairs, 'requests/s', sides, progress);
    await floor.stop();
    if (!smoke) checks.push(await withEverything(world, api, extent, progress));
    return summarise('ingest', 'requests/s', pairs, smoke ? null : LEAST_RATIO, merged(checks));
  } finally {
    await world.stop();
  }
}

async function withEverything(world: World, api: Program, { seconds }: Extent, progress: Progress): Promise<Check> {
  await Promise.all([
    world.startApp('bridge'),
    world.start('worker', 'tools/bench/bench-worker.js', world.env('worker')),
  ]);
  progress.say('bridge and worker run too');
  const measured = await accepted(world, api, 2 * seconds, []);
  progress.say(`${rate(measured).toFixed(0)} requests/s with everything running`);
  return told('requests/s with bridge and worker running', rate(measured));
}

/** Ours: counts the answers, then looks for request, event and kept answer of each. */
async function accepted(world: World, api: Program, seconds: number, checks: Check[]): Promise<Measured> {
  const { measured, ids } = await submit(world, api, seconds, {
    authorization: `Bearer ${world.keys.requester}`,
  });
  const { rows } = await world.database.query<{ whole: number }>(
    `SELECT count(*)::int AS whole FROM unnest($1::uuid[]) AS a (id)
     JOIN requests r ON r.tenant_id = $2 AND r.id = a.id
     JOIN outbox o ON o.tenant_id = r.tenant_id AND o.event_id = r.submitted_event_id
     JOIN idempotency_keys k ON k.tenant_id = r.tenant_id AND k.answer ->> 'id' = a.id::text`,
    [ids, TENANT],
  );
  checks.push(whole('requests with event and kept answer', rows[0]!.whole, ids.length));
  return measured;
}

async function committed(world: World, floor: Program, seconds: number, checks: Check[]): Promise<Measured> {
  const { measured, ids } = await submit(world, floor, seconds, {});
  const { rows } = await world.database.query<{ whole: number }>(
    'SELECT count(*)::int AS whole FROM floor_requests WHERE id = ANY ($1::uuid[])',
    [ids],
  );
  checks.push(whole('rows of the floor', rows[0]!.whole, ids.length));
  return measured;
}

async function submit(world: World, server: Program, seconds: number, headers: Readonly<Record<string, string>>) {
  const usedCpu = world.cpuClock({ server }, ['postgres']);
  const begun = performance.now();
  const until = begun + seconds * 1000;
  const ids: string[] = [];
  await load({
    url: server.url,
    connections: CONNECTIONS,
    next: () => (performance.now() < until ? callOf(headers) : null),
    onAnswer: ({ status, body }) => {
      if (status !== 202) throw new Error(`A request was answered with ${status}: ${body}`);
      ids.push((JSON.parse(body) as { id: string }).id);
    },
  });
  const measured = { units: ids.length, seconds: (performance.now() - begun) / 1000, cpu: usedCpu() };
  return { measured, ids };
}

function callOf(headers: Readonly<Record<string, string>>): HttpCall {
  const key = randomUUID();
  const body = JSON.stringify({
    type: 'offboarding',
    user: `leaver.${key.slice(0, 18)}`,
    lastWorkingAt: inThirtyDays,
    reference: `HR-${key.slice(0, 18)}`,
  });
  return { path: '/v1/requests', headers: { ...headers, 'idempotency-key': key }, body };
}

const THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000;
const inThirtyDays = new Date(systemClock.now().getTime() + THIRTY_DAYS_MS).toISOString().slice(0, 16);
