// @ts-check
import { build, isBuilt } from '../setup/build.mjs';
import { join } from 'node:path';
import { lockHolder } from '../setup/lock.mjs';
import { profilePlaces } from '../setup/places.mjs';
import { ensureInstalled, setupLogs } from '../setup/steps.mjs';
import { clearApplications, startApplications } from './apps.mjs';
import { assertTools } from './doctor.mjs';
import { appsLock } from './owners.mjs';
import { portsFrom, profileBase } from './ports.mjs';
import { startStack } from './stack.mjs';

/**
 * @typedef {object} RunningSystem
 * @property {import('./stack.mjs').Addresses & { api: string, apis: string[], sandbox: string, issuers: string[], devJson: string }} addresses
 * @property {(options?: { force?: boolean }) => Promise<void>} stop
 */

/**
 * Sets up whatever is missing and starts everything: servers, sandbox, demo customers, api, bridge and worker.
 * @param {{ progress: import('../setup/progress.mjs').Progress, log: (line: string) => void, signal: AbortSignal, profile?: string, instances?: number }} options
 *   `profile` names ports and directories of their own, `instances` is how many of api, bridge and worker run
 * @returns {Promise<RunningSystem>}
 */
export async function runAll({ progress, log, signal, profile = 'dev', instances = 1 }) {
  if (!/^[a-z][a-z0-9-]*$/.test(profile)) throw new Error(`A profile's name is of a–z, 0–9 and -, not "${profile}".`);
  const base = profileBase(profile);
  const places = profilePlaces(profile);
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
    startStack({ profile, portBase: base, log, progress, signal }),
  ]);
  if (started.status === 'rejected') throw started.reason;
  const stack = started.value;
  try {
    if (built.status === 'rejected') throw built.reason;
    signal.throwIfAborted();
    const apps = await startApplications({ stack, progress, log, signal, portBase: base, instances });
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
