// @ts-check
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { stopCommands } from './setup/command.mjs';
import { lockHolder } from './setup/lock.mjs';
import { profilePlaces, root } from './setup/places.mjs';
import { Progress } from './setup/progress.mjs';
import { ensureInstalled } from './setup/steps.mjs';
import { assertTools } from './stack/doctor.mjs';
import { keptSecret, writeJson } from './stack/files.mjs';
import { ownerLocks } from './stack/owners.mjs';
import { remembered, stopLeftovers } from './stack/pidfile.mjs';
import { profileBase } from './stack/ports.mjs';
import { buildIfNeeded } from './stack/run-all.mjs';
import { startStack } from './stack/stack.mjs';

// npm run bench -- <name> [--smoke]: measures on servers of its own, beside whatever else runs, and stops them again.
const PROFILE = 'bench';
const places = profilePlaces(PROFILE);
const NAMES = ['ingest', 'dispatch', 'process', 'flat', 'fairness', 'sla'];

const abort = new AbortController();
/** @type {import('./stack/stack.mjs').Stack | undefined} */
let stack;
/** @type {import('node:child_process').ChildProcess | undefined} */
let bench;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    abort.abort(new Error('stopped'));
    stopCommands();
    bench?.kill('SIGTERM');
  });
}

process.exitCode = await main(process.argv[2], process.argv.slice(3));

/** @param {string | undefined} name @param {string[]} words @returns {Promise<number>} the bench's exit code */
async function main(name, words) {
  if (!name || !NAMES.includes(name) || words.some((word) => !/^(--smoke|--clocks|\d+)$/.test(word))) {
    console.error(`Usage: npm run bench -- ${NAMES.join(' | ')} [--smoke]; sla takes --clocks <number>`);
    return 2;
  }
  try {
    // Standard output is the bench's: it ends in a JSON line.
    const progress = new Progress({ out: /** @type {NodeJS.WriteStream} */ (process.stderr) });
    await assertTools({ forTests: false });
    await ensureInstalled(progress);
    await buildIfNeeded(progress);
    const description = await startServers(progress);
    return await measure(description, name, words);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    await stack?.stop();
  }
}

/** Starts the servers, empty: what an earlier bench left must not weigh on this one. @param {Progress} progress */
async function startServers(progress) {
  const log = (/** @type {string} */ line) => progress.line(line);
  for (const { title, file } of ownerLocks(places)) {
    const owner = lockHolder(file);
    if (owner) throw new Error(`A bench already runs in this clone (${title}, pid ${owner.pid}).`);
  }
  await stopLeftovers(places.run, remembered(places.run), log);
  for (const name of ['data', 'config', 'logs']) rmSync(join(places.base, name), { recursive: true, force: true });
  stack = await startStack({ profile: PROFILE, portBase: profileBase(PROFILE), log, progress, signal: abort.signal });
  const description = join(places.base, 'servers.json');
  const databaseRolePassword = keptSecret(places.secrets, 'databaseRoles');
  writeJson(description, { ...stack.addresses, databaseRolePassword, runDir: places.run });
  return description;
}

/** @param {string} description @param {string} name @param {string[]} words @returns {Promise<number>} */
function measure(description, name, words) {
  abort.signal.throwIfAborted();
  const script = join(root, 'dist', 'tools', 'bench', 'main.js');
  const env = { ...process.env, STELLWERK_TEST_STACK: description };
  return new Promise((settle) => {
    bench = spawn(process.execPath, ['--enable-source-maps', script, name, ...words], {
      cwd: root,
      env,
      stdio: 'inherit',
    });
    bench.once('error', () => settle(127));
    bench.once('exit', (code, signal) => settle(code ?? (signal ? 130 : 1)));
  });
}
