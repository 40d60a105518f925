// @ts-check
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isSame } from '../setup/process-identity.mjs';
import { writePrivate } from './files.mjs';

/** @typedef {import('../setup/process-identity.mjs').ProcessIdentity} ProcessIdentity */

/**
 * Writes `<run>/<name>.pid`: the process id in the first line, and its start time in the second, which tells the
 * process from a later one with the same id, in the third the signal that stops it.
 * @param {string} run
 * @param {string} name
 * @param {number} pid
 * @param {NodeJS.Signals} [stopSignal]
 */
export function remember(run, name, pid, stopSignal = 'SIGTERM') {
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const identity = identify(pid);
  if (identity) writePrivate(pathOf(run, name), `${pid}\n${identity.started}\n${stopSignal}\n`);
}

/** @param {string} run @param {string} name */
export function forget(run, name) {
  rmSync(pathOf(run, name), { force: true });
}

/**
 * @param {string} run
 * @param {string} name
 * @returns {(ProcessIdentity & { stopSignal: NodeJS.Signals }) | undefined} undefined when there is no such file or that process has ended
 */
export function recall(run, name) {
  try {
    const [pid = '', started = '', stopSignal] = readFileSync(pathOf(run, name), 'utf8').split('\n');
    const identity = { pid: Number(pid), started, stopSignal: /** @type {NodeJS.Signals} */ (stopSignal || 'SIGTERM') };
    return isSame(identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** Names of all pid files, dead or alive. @param {string} run */
export function remembered(run) {
  try {
    return readdirSync(run)
      .filter((file) => file.endsWith('.pid'))
      .map((file) => file.slice(0, -4));
  } catch {
    return [];
  }
}

/**
 * Ends servers whose owner was killed before it could stop them. Each is checked by its start time, so that a foreign
 * process which got the same id is left alone.
 * @param {string} run
 * @param {string[]} names
 * @param {(line: string) => void} log
 */
export async function stopLeftovers(run, names, log) {
  for (const name of names) {
    const identity = recall(run, name);
    if (identity) {
      log(`${name} (pid ${identity.pid}) was left over from a run that was killed; stopping it`);
      await end(identity, identity.stopSignal);
    }
    forget(run, name);
  }
}

/**
 * Ends a process, the hard way after the grace.
 * @param {ProcessIdentity} identity
 * @param {NodeJS.Signals} [stopSignal]
 * @param {number} [graceMs]
 */
export async function end(identity, stopSignal = 'SIGTERM', graceMs = 10_000) {
  signal(identity.pid, stopSignal);
  const deadline = performance.now() + graceMs;
  while (isSame(identity) && performance.now() < deadline) await sleep(50);
  if (isSame(identity)) signal(identity.pid, 'SIGKILL');
  while (isSame(identity)) await sleep(50);
}

/** @param {number} pid @param {NodeJS.Signals} name */
function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/** @param {string} run @param {string} name */
function pathOf(run, name) {
  return join(run, `${name}.pid`);
}
