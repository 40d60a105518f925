import { fork } from 'node:child_process';
import { join } from 'node:path';
import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { seedAgreement } from '../sandbox/seed-demo.js';
import type { FloodCount, FloodOrder } from './flood.js';
import type { Progress } from './progress.js';
import { judged, quantile, rounded, told, type BenchResult, type Check } from './result.js';
import type { BenchServers } from './servers.js';
import { TENANT, World } from './world.js';

const PER_SECOND = 10;
/** What a quiet tenant may notice of another's flood: twice its idle p99, or this many milliseconds. */
const NOTICED_MS = 150;
const FLOODER = 'flooder';
const FLOODER_KEYS = 4;
const FLOOD_CONNECTIONS = 32;
const RUNS = { [TENANT]: 300, [FLOODER]: 3_000 };

interface Extent {
  readonly calls: number;
  /** Seconds of flood before it counts: its buckets are full at first. */
  readonly lead: number;
}
const FULL: Extent = { calls: 600, lead: 5 };
const SMOKE: Extent = { calls: 20, lead: 0.5 };

/** `GET /v1/runs` of a quiet customer, idle and while another one floods the same API with several keys, above its limits. */
export async function fairness(servers: BenchServers, smoke: boolean, progress: Progress): Promise<BenchResult> {
  const extent = smoke ? SMOKE : FULL;
  const world = await World.create(servers);
  try {
    const keys = await addFlooder(world);
    await addRuns(world);
    const [api] = await Promise.all([
      world.startApp('api'),
      world.startApp('bridge', { background: true }),
      world.start('worker', 'tools/bench/bench-worker.js', world.env('worker'), { background: true }),
    ]);
    const quiet = (calls: number): Promise<number[]> => readRuns(api.url, world.keys.requester, calls);
    await quiet(Math.min(50, extent.calls));
    progress.say(`idle: ${extent.calls} calls, ${PER_SECOND} a second (load ${loadavg()[0]!.toFixed(1)})`);
    const idle = await quiet(extent.calls);
    progress.say(`idle: ${percentiles(idle)}; now the flood`);
    const flood = startFlood({ url: api.url, keys, connections: FLOOD_CONNECTIONS });
    await wait(extent.lead * 1_000);
    const flooded = await quiet(extent.calls);
    const count = await flood.stop();
    progress.say(`flood: ${percentiles(flooded)} (load ${loadavg()[0]!.toFixed(1)}); ${JSON.stringify(count.answers)}`);
    return result(idle, flooded, count, extent, smoke);
  } finally {
    await world.stop();
  }
}

function result(idle: number[], flooded: number[], count: FloodCount, { calls }: Extent, smoke: boolean): BenchResult {
  const [value, floor] = [quantile(flooded, 0.99), quantile(idle, 0.99)];
  const answered = Object.values(count.answers).reduce((sum, number) => sum + number, 0);
  const refused = (count.answers['429'] ?? 0) / answered;
  const noticed = Math.max(2 * floor, NOTICED_MS);
  const name = 'p99 of the quiet customer, ms';
  const checks: Check[] = [
    smoke ? told(name, value) : judged(name, value, rounded(noticed), 'most'),
    judged('calls of the quiet customer, idle', idle.length, calls),
    judged('calls of the quiet customer, in the flood', flooded.length, calls),
    told('p50 idle, ms', quantile(idle, 0.5)),
    told('p50 in the flood, ms', quantile(flooded, 0.5)),
    told('longest in the flood, ms', Math.max(...flooded)),
    told('calls of the flood a second', answered / count.seconds),
    // a flood within its limits would show nothing
    smoke
      ? told('share of the flood that was refused', refused)
      : judged('share of the flood that was refused', refused, 0.1),
  ];
  const ratio = rounded(value / floor);
  return {
    ...{ bench: 'fairness', value: rounded(value), floor: rounded(floor), ratio, unit: 'ms' },
    ...{ p50: rounded(quantile(flooded, 0.5)), p99: rounded(value), spread: [ratio, ratio] },
    checks,
    ok: checks.every(({ ok }) => ok),
  };
}

function percentiles(times: readonly number[]): string {
  return [0.5, 0.9, 0.99].map((share) => `p${share * 100} ${quantile(times, share).toFixed(1)} ms`).join(', ');
}

/** Calls at a fixed pace, whether or not the ones before were answered; milliseconds of each, from when it was due. */
async function readRuns(url: string, key: string, calls: number): Promise<number[]> {
  const begun = performance.now();
  const one = async (_: unknown, index: number): Promise<number> => {
    const due = begun + (index * 1_000) / PER_SECOND;
    await wait(Math.max(0, due - performance.now()));
    const sent = performance.now();
    const response = await fetch(`${url}/v1/runs`, { headers: { authorization: `Bearer ${key}` } });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`The quiet customer was answered with ${response.status}: ${text}`);
    return performance.now() - sent;
  };
  return Promise.all(Array.from({ length: calls }, one));
}

function startFlood(order: FloodOrder): { stop(): Promise<FloodCount> } {
  const child = fork(join('dist', 'tools', 'bench', 'flood.js'), { stdio: 'inherit' });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.send(order);
  return {
    stop: () =>
      new Promise((resolve) => {
        child.once('message', (count) => {
          process.off('exit', kill);
          resolve(count as FloodCount);
        });
        child.send('stop');
      }),
  };
}

/** A customer with the usual limits. Gives its keys, of as many people. */
async function addFlooder({ database }: World): Promise<string[]> {
  await database.query(`INSERT INTO tenants (id, kind, name, time_zone) VALUES ($1, 'customer', $1, 'Europe/Berlin')`, [
    FLOODER,
  ]);
  await seedAgreement(database, FLOODER, FLOODER);
  const keys = Array.from({ length: FLOODER_KEYS }, () => newApiKey());
  for (const [number, key] of keys.entries())
    await database.query(
      `INSERT INTO api_keys (tenant_id, id, role, subject, name, key_hash) VALUES ($1, $2, 'requester', $3, 'bench', $4)`,
      [FLOODER, newId(), `requester${number}@${FLOODER}`, hashOfApiKey(key)],
    );
  return keys;
}

/** Runs that have ended, so that pages are full. */
async function addRuns({ database }: World): Promise<void> {
  for (const [tenant, count] of Object.entries(RUNS)) {
    await database.query(
      `WITH ids AS (SELECT uuidv7() AS request, uuidv7() AS run, n FROM generate_series(1, $2::int) AS n), made AS (
         INSERT INTO requests (tenant_id, id, type, status, subject, body, requested_by, submitted_event_id, run_id)
         SELECT $1, request, 'offboarding', 'closed', 'leaver.' || n, jsonb_build_object('type', 'offboarding', 'user', 'leaver.' || n,
           'lastWorkingAt', '2026-11-01T17:00'), 'requester@' || $1, uuidv7(), run FROM ids RETURNING 1)
       INSERT INTO runs (tenant_id, id, process, workflow_id, request_id, subject, status, plan, started_at, ended_at)
       SELECT $1, run, 'offboarding', $1 || '/offboarding/' || request, request, 'leaver.' || n, 'completed', '{"steps":[]}', now(), now()
       FROM ids, (SELECT count(*) FROM made) AS m`,
      [tenant, count],
    );
  }
  await database.query('VACUUM ANALYZE');
}
