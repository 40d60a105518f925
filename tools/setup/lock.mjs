// @ts-check
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isSame } from './process-identity.mjs';

/** @typedef {import('./process-identity.mjs').ProcessIdentity} ProcessIdentity */

/**
 * Takes the lock file for this process, unless a living process holds it.
 * @param {string} path
 * @returns {ProcessIdentity | undefined} the holder, when it is another process
 */
export function tryLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}`;
  // Written aside and linked: a lock that is visible always has its full content.
  writeFileSync(own, JSON.stringify(identify(process.pid)));
  try {
    for (;;) {
      try {
        linkSync(own, path);
        return undefined;
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      }
      const holder = lockHolder(path);
      if (holder) return holder;
      takeAway(path);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * The living process that holds the lock.
 * @param {string} path
 * @returns {ProcessIdentity | undefined}
 */
export function lockHolder(path) {
  try {
    const identity = /** @type {ProcessIdentity} */ (JSON.parse(readFileSync(path, 'utf8')));
    return isSame(identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} path */
export function unlock(path) {
  if (lockHolder(path)?.pid === process.pid) rmSync(path, { force: true });
}

/** Moves a dead process's lock aside; losing the race to another one who does the same is fine. @param {string} path */
function takeAway(path) {
  const aside = `${path}.dead.${process.pid}`;
  try {
    renameSync(path, aside);
    rmSync(aside, { force: true });
  } catch {
    // Someone else was faster.
  }
}

/**
 * Runs `work` while holding the lock; waits for a living holder and says so.
 * @template T
 * @param {string} path
 * @param {(text: string) => void} report
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, report, work) {
  for (let holder = tryLock(path); holder; holder = tryLock(path)) {
    report(`waiting for process ${holder.pid}, which does the same`);
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    unlock(path);
  }
}
