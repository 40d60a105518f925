// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { presentInstant } from './clock.mjs';
import { cacheDir } from './places.mjs';
import { withLock } from './lock.mjs';
import { isAlive } from './process-identity.mjs';

const COMPLETE = '.complete';

/**
 * A short key over files and words; what it names is rebuilt when any of them changes.
 * @param {{ files?: string[], words?: string[] }} parts
 */
export function cacheKey({ files = [], words = [] }) {
  const hash = createHash('sha256');
  // Paths stay out of the key: two clones lie in two places and share the cache.
  for (const file of files) hash.update(readFileSync(file)).update('\0');
  for (const word of words) hash.update(word).update('\0');
  return `${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 16)}`;
}

/**
 * Gives the directory `<cache>/<name>-<key>`, building it first when it is not there. The build happens in a directory
 * of its own that is renamed when complete, so that an aborted build never counts, and under a lock, so that two clones
 * do not do the same work at once.
 * @param {{ name: string, key: string, build: (dir: string) => Promise<void>, report?: (text: string) => void }} entry
 * @returns {Promise<string>}
 */
export async function cached({ name, key, build, report = () => {} }) {
  const target = join(cacheDir(), `${name}-${key}`);
  if (isComplete(target)) return target;
  mkdirSync(cacheDir(), { recursive: true });
  return withLock(join(cacheDir(), `${name}-${key}.lock`), report, async () => {
    if (isComplete(target)) return target;
    removeAbandoned(name);
    const workDir = join(cacheDir(), `.${name}-${process.pid}-${presentInstant().getTime()}`);
    mkdirSync(workDir);
    try {
      await build(workDir);
      writeFileSync(join(workDir, COMPLETE), `${presentInstant().toISOString()}\n`);
      rmSync(target, { recursive: true, force: true });
      renameSync(workDir, target);
    } finally {
      rmSync(workDir, { recursive: true, force: true });
    }
    return target;
  });
}

/** @param {{ name: string, key: string }} entry */
export function cachedIfThere({ name, key }) {
  const target = join(cacheDir(), `${name}-${key}`);
  return isComplete(target) ? target : undefined;
}

/** @param {string} dir */
function isComplete(dir) {
  return existsSync(join(dir, COMPLETE));
}

/** Removes work directories of builds that were killed. @param {string} name */
function removeAbandoned(name) {
  for (const entry of readdirSync(cacheDir())) {
    const match = new RegExp(`^\\.${name}-(\\d+)-\\d+$`).exec(entry);
    if (match && !isAlive(Number(match[1]))) rmSync(join(cacheDir(), entry), { recursive: true, force: true });
  }
}
