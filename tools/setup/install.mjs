// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.mjs';
import { withLock } from './lock.mjs';
import { root } from './places.mjs';

/**
 * Runs `npm ci` when `node_modules` is missing or holds other versions than `package-lock.json`.
 * @param {{ report: (text: string) => void, log: string }} options
 * @returns {Promise<boolean>} whether anything was installed
 */
export async function installDependencies({ report, log }) {
  if (isInstalled(root)) return false;
  await withLock(join(root, '.stellwerk', 'install.lock'), report, async () => {
    if (isInstalled(root)) return;
    report('npm ci');
    // The level is given because `npm run --silent` hands its own on to whatever it starts.
    await run('npm', ['ci', '--loglevel=warn', '--no-progress', '--include=dev'], { cwd: root, log });
  });
  return true;
}

/**
 * Compares content, not file times: a checkout or a copy gives every file a new time.
 * @param {string} directory
 */
export function isInstalled(directory) {
  const installed = join(directory, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  return sameVersions(readPackages(join(directory, 'package-lock.json')), readPackages(installed));
}

/**
 * @typedef {Record<string, { version?: string, optional?: boolean, link?: boolean }>} LockedPackages
 * @param {LockedPackages} wanted
 * @param {LockedPackages} present
 */
export function sameVersions(wanted, present) {
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const found = present[path];
    // Optional packages for other platforms are in the lock and not on the disk.
    return found ? found.version === entry.version : entry.optional === true;
  });
}

/** @param {string} path @returns {LockedPackages} */
function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
}
