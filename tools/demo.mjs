// @ts-check
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { profilePlaces, root } from './setup/places.mjs';
import { Progress } from './setup/progress.mjs';
import { stopCommands } from './setup/command.mjs';
import { checkHttp } from './stack/health.mjs';
import { readJson } from './stack/files.mjs';
import { buildIfNeeded, runAll } from './stack/run-all.mjs';

// npm run demo -- <name>: plays a demo against what npm start runs, or against a system of its own that it stops again.
const devJson = join(profilePlaces('dev').base, 'dev.json');
const progress = new Progress();
const abort = new AbortController();
/** @type {import('./stack/run-all.mjs').RunningSystem | undefined} */
let system;
/** @type {import('node:child_process').ChildProcess | undefined} */
let demo;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    abort.abort(new Error('stopped'));
    stopCommands();
    demo?.kill('SIGTERM');
  });
}

process.exitCode = await main(process.argv[2], process.argv.slice(3));

/** @param {string | undefined} name @param {string[]} words @returns {Promise<number>} the demo's exit code */
async function main(name, words) {
  if (!name || !/^[a-z][a-z0-9-]*$/.test(name) || !existsSync(join(root, 'tools', 'demo', `${name}.ts`))) {
    console.error('Usage: npm run demo -- <name>, for example: npm run demo -- offboarding');
    return 2;
  }
  try {
    if (await runsAlready()) await buildIfNeeded(progress);
    else system = await runAll({ progress, log: (line) => progress.line(line), signal: abort.signal });
    return await play(name, words);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    await system?.stop();
  }
}

async function runsAlready() {
  const { api } = readJson(devJson) ?? {};
  if (!api) return false;
  try {
    await checkHttp(`${api}/health/ready`, 'The API');
    return true;
  } catch {
    return false;
  }
}

/** @param {string} name @param {string[]} words @returns {Promise<number>} */
function play(name, words) {
  const script = join(root, 'dist', 'tools', 'demo', `${name}.js`);
  const env = { ...process.env, STELLWERK_DEV_JSON: devJson, STELLWERK_RUN_DIR: profilePlaces('dev').run };
  return new Promise((settle) => {
    demo = spawn(process.execPath, ['--enable-source-maps', script, ...words], { cwd: root, env, stdio: 'inherit' });
    demo.once('error', () => settle(127));
    demo.once('exit', (code, signal) => settle(code ?? (signal ? 130 : 1)));
  });
}
