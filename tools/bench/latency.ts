import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '#libs/kernel';
import type { FirstLooks } from './bench-worker.js';
import type { Progress } from './progress.js';
import { quantile, whole, type Check } from './result.js';
import type { BenchServers } from './servers.js';
import { World } from './world.js';

const PER_SECOND = 5;
const PATIENCE_MS = 30_000;

interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly check: Check;
}

/**
 * With everything running: from the `202` of a request to its workflow's first step, which is when its plan's first look
 * reaches the customer's system. Milliseconds; both ends by this machine's clock.
 */
export async function latency(servers: BenchServers, seconds: number, progress: Progress): Promise<Latency> {
  // a world of its own: no workflow of another part waits for its worker
  const world = await World.create(servers);
  try {
    return await measure(world, seconds, progress);
  } finally {
    await world.stop();
  }
}

async function measure(world: World, seconds: number, progress: Progress): Promise<Latency> {
  const [api, worker] = await Promise.all([
    world.startApp('api'),
    world.start('worker', 'tools/bench/bench-worker.js', world.env('worker')),
    world.startApp('bridge'),
  ]);
  const count = Math.round(PER_SECOND * seconds);
  progress.say(`latency: ${PER_SECOND} requests/s for ${seconds} s`);
  const answeredAt = new Map<string, number>();
  const pace = 1000 / PER_SECOND;
  const begun = performance.now();
  const submissions = Array.from({ length: count }, async (_, index) => {
    const user = `latency.${randomUUID()}`;
    await wait(Math.max(0, begun + index * pace - performance.now()));
    await submit(api.url, world.keys.requester, user);
    answeredAt.set(`uid=${user}`, systemClock.now().getTime());
  });
  await Promise.all(submissions);
  const looks = await firstLooks(() => worker.ask<FirstLooks>('first looks'), [...answeredAt.keys()]);
  const delays = [...answeredAt].flatMap(([target, at]) => (looks[target] === undefined ? [] : [looks[target] - at]));
  const [p50, p99] = [quantile(delays, 0.5), quantile(delays, 0.99)];
  progress.say(`latency: p50 ${p50} ms, p99 ${p99} ms`);
  return { p50, p99, check: whole('requests that reached their first step', delays.length, count) };
}

async function firstLooks(ask: () => Promise<FirstLooks>, targets: readonly string[]): Promise<FirstLooks> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const looks = await ask();
    if (targets.every((target) => target in looks) || performance.now() > deadline) return looks;
    await wait(100);
  }
}

async function submit(url: string, key: string, user: string): Promise<void> {
  const lastWorkingAt = new Date(systemClock.now().getTime() + 30 * 24 * 60 * 60 * 1000).toISOString();
  const response = await fetch(`${url}/v1/requests`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'idempotency-key': randomUUID(), 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'offboarding', user, lastWorkingAt }),
  });
  if (response.status !== 202) throw new Error(`A request was answered with ${response.status}.`);
}
