// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.mjs';
import { withLock } from './lock.mjs';
import { root } from './places.mjs';
import { readJson, writeJson } from '../stack/files.mjs';

const SOURCES = ['apps', 'libs', 'workflows', 'tools'];
const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
const stampFile = join(root, 'dist', '.stellwerk-build.json');

/** @typedef {{ hash: string, files: string[] }} BuildStamp */

/** Whether `dist/` was built from the sources as they are. */
export function isBuilt() {
  return readJson(stampFile)?.hash === describeSources().hash;
}

/**
 * Compiles the programs into `dist/` and bundles the workflows, when any source changed since the last time.
 * @param {{ report: (text: string) => void, log: string }} options
 */
export async function build({ report, log }) {
  await withLock(join(root, '.stellwerk', 'build.lock'), report, async () => {
    const now = describeSources();
    const before = /** @type {BuildStamp | undefined} */ (readJson(stampFile));
    if (before?.hash === now.hash) return;
    removeStale(before?.files ?? [], now.files);
    report('npm run build');
    await run('npm', ['run', '--silent', 'build'], { cwd: root, log });
    writeJson(stampFile, now);
  });
}

/** The compiler leaves behind what it made of a file that is gone. @param {string[]} before @param {string[]} now */
function removeStale(before, now) {
  const present = new Set(now);
  for (const file of before.filter((name) => name.endsWith('.ts') && !present.has(name))) {
    const output = join(root, 'dist', file.replace(/\.ts$/, '.js'));
    for (const path of [output, `${output}.map`]) rmSync(path, { force: true });
  }
}

/** @returns {BuildStamp} */
function describeSources() {
  const files = [...SOURCES.flatMap((dir) => filesBelow(dir)), ...SETTINGS].sort();
  const hash = createHash('sha256');
  // Content, not times: a branch switched to and fro needs no build.
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  return { hash: hash.digest('hex'), files };
}

/** @param {string} dir @returns {string[]} paths relative to the root */
function filesBelow(dir) {
  if (!existsSync(join(root, dir))) return [];
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' || isToolOnly(path) ? [] : filesBelow(path);
    return entry.isFile() && !entry.name.endsWith('.spec.ts') ? [path] : [];
  });
}

/** These run as they are and compile nothing into `dist/`. @param {string} path */
function isToolOnly(path) {
  return path === 'tools/stack' || path === 'tools/setup';
}
