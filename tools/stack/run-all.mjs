// @ts-check
import { build, isBuilt } from '../setup/build.mjs';
import { join } from 'node:path';
import { lockHolder } from '../setup/lock.mjs';
import { profilePlaces } from '../setup/places.mjs';
import { ensureInstalled, setupLogs } from '../setup/steps.mjs';
import { clearApplications, startApplications } from './apps.mjs';
import { assertTools } from './doctor.mjs';
import { appsLock } from './owners.mjs';
import { portBase, portsFrom } from './ports.mjs';
import { startStack } from './stack.mjs';

/**
 * @typedef {object} RunningSystem
 * @property {import('./stack.mjs').Addresses & { api: string, sandbox: string, devJson: string }} addresses
 * @property {(options?: { force?: boolean }) => Promise<void>} stop
 */

/**
 * Sets up whatever is missing and starts everything: servers, sandbox, demo customers, api, bridge and worker.
 * @param {{ progress: import('../setup/progress.mjs').Progress, log: (line: string) => void, signal: AbortSignal }} options
 * @returns {Promise<RunningSystem>}
 */
export async function runAll({ progress, log, signal }) {
  const base = portBase();
  const places = profilePlaces('dev');
  const running = lockHolder(appsLock(places));
  if (running)
    throw new Error(
      `This clone already runs (npm start, pid ${running.pid}). Stop it by Ctrl-C there, or: npm run stack -- down`,
    );
  await assertTools({ forTests: false });
  await ensureInstalled(progress);
  signal.throwIfAborted();
  // Now, so that a taken port is told before anything is started.
  await clearApplications({ places, ports: portsFrom(base), portBase: base, log });
  const [built, started] = await Promise.allSettled([
    buildIfNeeded(progress),
    startStack({ portBase: base, log, progress, signal }),
  ]);
  if (started.status === 'rejected') throw started.reason;
  const stack = started.value;
  try {
    if (built.status === 'rejected') throw built.reason;
    signal.throwIfAborted();
    const apps = await startApplications({ stack, progress, log, signal, portBase: base });
    const stop = async (/** @type {{ force?: boolean } | undefined} */ options) => {
      await apps.stop(options);
      await stack.stop(options);
    };
    return { addresses: { ...stack.addresses, ...apps.addresses }, stop };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** @param {import('../setup/progress.mjs').Progress} progress */
export async function buildIfNeeded(progress) {
  if (isBuilt()) return;
  await progress.step('compile', (report) => build({ report, log: join(setupLogs, 'build.log') }));
}
