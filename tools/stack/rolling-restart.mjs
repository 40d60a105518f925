// @ts-check
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockHolder } from '../setup/lock.mjs';
import { profilePlaces } from '../setup/places.mjs';
import { readJson } from './files.mjs';
import { appNames } from './instances.mjs';
import { appsLock } from './owners.mjs';
import { recall } from './pidfile.mjs';

const LIMIT_MS = 120_000;

/**
 * Restarts api, bridge and worker one process at a time: each finishes what it is in, ends, is started again by the
 * process that owns it, and is ready before the next one's turn. With two instances of each, callers notice nothing.
 * @param {string} profile
 * @param {(line: string) => void} [log]
 * @returns {Promise<boolean>}
 * @throws when nothing runs, or a program does not come back within two minutes
 */
export async function rollingRestart(profile, log = console.log) {
  const places = profilePlaces(profile);
  if (!lockHolder(appsLock(places))) throw new Error('The programs do not run. Start them by: npm start');
  const running = Object.keys(programs(places));
  if (!running.some((name) => name.endsWith('-2')))
    log('One instance of each program: callers wait while it restarts. For two: npm start -- --instances 2');
  for (const name of appNames().filter((candidate) => running.includes(candidate))) {
    const from = performance.now();
    await restart(places, name);
    log(`${name} is back after ${((performance.now() - from) / 1000).toFixed(1)} s`);
  }
  return true;
}

/** @param {import('../setup/places.mjs').ProfilePlaces} places @param {string} name */
async function restart(places, name) {
  const before = programs(places)[name]?.restarts ?? 0;
  const target = recall(places.run, name);
  if (!target) throw new Error(`${name} does not run now; see: npm run stack -- status`);
  process.kill(target.pid, target.stopSignal);
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const now = programs(places)[name];
    if (now && now.restarts > before && now.condition === 'ready') return;
    if (performance.now() > deadline)
      throw new Error(`${name} was not back within ${LIMIT_MS / 1000} s; its log says why.`);
    await sleep(100);
  }
}

/**
 * @param {import('../setup/places.mjs').ProfilePlaces} places
 * @returns {Record<string, { restarts: number, condition: string }>}
 */
function programs(places) {
  return readJson(join(places.base, 'apps.json'))?.servers ?? {};
}
