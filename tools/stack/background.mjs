// @ts-check
import { presentInstant } from '../setup/clock.mjs';
import { Progress } from '../setup/progress.mjs';
import { profileBase } from './ports.mjs';
import { startStack } from './stack.mjs';

// The supervisor of `npm run stack -- up`: started by up.mjs with an IPC channel, on which it says once how the start went.
const profile = process.argv[2] ?? 'dev';
const log = (/** @type {string} */ line) => console.log(`${presentInstant().toISOString()} ${line}`);
const abort = new AbortController();
/** @type {import('./stack.mjs').Stack | undefined} */
let stack;

for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP']))
  process.on(signal, () => void stop(signal));

try {
  stack = await startStack({
    profile,
    portBase: profileBase(profile),
    log,
    progress: new Progress({ live: false }),
    signal: abort.signal,
  });
  // Where every server is given by address, nothing else would keep this process, which holds the lock.
  setInterval(() => {}, 3_600_000);
  tell({});
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  log(message);
  tell({ error: message });
  process.exitCode = 1;
}

/** @param {NodeJS.Signals} signal */
async function stop(signal) {
  log(`${signal}: stopping`);
  // While starting, the abort stops what was started, and the start ends with an error.
  abort.abort(new Error('stopped while starting'));
  if (!stack) return;
  await stack.stop();
  log('stopped');
  process.exit(0);
}

/** @param {{ error?: string }} message */
function tell(message) {
  if (process.connected) process.send?.(message, () => process.connected && process.disconnect());
}
