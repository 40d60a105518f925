// @ts-check
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { stopCommands } from './setup/command.mjs';
import { lockHolder } from './setup/lock.mjs';
import { profilePlaces, root } from './setup/places.mjs';
import { Progress } from './setup/progress.mjs';
import { MOST_INSTANCES } from './stack/instances.mjs';
import { ownerLocks } from './stack/owners.mjs';
import { remembered, stopLeftovers } from './stack/pidfile.mjs';
import { runAll } from './stack/run-all.mjs';

// npm run chaos -- --events 300 --kills 12 --seed S: on a system of its own, with two instances of each program, which
// it starts empty and stops at the end. Runs beside npm start and npm test.
const PROFILE = 'chaos';
// The load comes as fast as it can, within one customer's limits.
process.env.STELLWERK_CORES ??= '24';
const places = profilePlaces(PROFILE);
const progress = new Progress();
const abort = new AbortController();
/** @type {import('./stack/run-all.mjs').RunningSystem | undefined} */
let system;
/** @type {import('node:child_process').ChildProcess | undefined} */
let chaos;
let played = false;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    abort.abort(new Error('stopped'));
    stopCommands();
    chaos?.kill('SIGTERM');
  });
}

process.exitCode = await main(process.argv.slice(2));

/** @param {string[]} words @returns {Promise<number>} the exit code */
async function main(words) {
  try {
    await empty();
    // What was said while it started and died on the way belongs to the log; the last line is the result.
    system = await runAll({ progress, log, signal: abort.signal, profile: PROFILE, instances: MOST_INSTANCES });
    return await play(words);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    await system?.stop();
  }
}

/** Every run begins with empty servers; logs of the last one stay until then. */
async function empty() {
  for (const { title, file } of ownerLocks(places)) {
    const owner = lockHolder(file);
    if (owner) throw new Error(`Chaos already runs in this clone (${title}, pid ${owner.pid}).`);
  }
  await stopLeftovers(places.run, remembered(places.run), log);
  for (const name of ['data', 'config', 'logs', 'sandbox', 'dev.json'])
    rmSync(join(places.base, name), { recursive: true, force: true });
}

/** @param {string} line */
function log(line) {
  // Kills are told as they happen; after the last line nothing is said any more.
  if (!played) progress.line(`          ${line}`);
}

/** @param {string[]} words @returns {Promise<number>} */
function play(words) {
  const script = join(root, 'dist', 'tools', 'chaos', 'main.js');
  const env = {
    ...process.env,
    STELLWERK_DEV_JSON: join(places.base, 'dev.json'),
    STELLWERK_RUN_DIR: places.run,
    STELLWERK_PROFILE: PROFILE,
  };
  return new Promise((settle) => {
    chaos = spawn(process.execPath, ['--enable-source-maps', script, ...words], { cwd: root, env, stdio: 'inherit' });
    chaos.once('error', () => settle(127));
    chaos.once('exit', (code, signal) => {
      played = true;
      settle(code ?? (signal ? 130 : 1));
    });
  });
}
