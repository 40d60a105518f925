// @ts-check
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheKey } from './cache.mjs';
import { run } from './command.mjs';
import { compareJars, describeJars } from './jar-lock.mjs';
import { root } from './places.mjs';

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

const MAIN = 'LoopbackTestServer.java';
const launcher = `#!/bin/sh
# Temporal's time-skipping test server; the argument is its port.
here=$(dirname "$0")
exec java -Xmx256m -XX:+UseSerialGC -cp "$here/classes:$here/libs/*" LoopbackTestServer "$1"
`;

/** Directory names under `tools/stack`, each with a `pom.xml` and a `jars.lock`. */
const sets = /** @type {const} */ (['kafka', 'test-server']);
/** @typedef {(typeof sets)[number]} JarSet */

/** @param {JarSet} set */
export function jarsKey(set) {
  return cacheKey({
    files: [sourceOf(set, 'pom.xml'), sourceOf(set, 'jars.lock')],
    words: [COPY, ...(set === 'test-server' ? [readFileSync(sourceOf(set, MAIN), 'utf8'), launcher] : [])],
  });
}

/**
 * Copies a set's jars into the cache by Maven and checks each against the committed lock.
 * @param {JarSet} set
 * @param {{ report: (text: string) => void, log: string }} options
 * @returns {Promise<string>} the directory; its jars are in `libs/`
 */
export function fetchJars(set, { report, log }) {
  return cached({
    name: set,
    key: jarsKey(set),
    report,
    build: async (dir) => {
      report('Maven copies the jars');
      await copyJars(set, join(dir, 'libs'), log);
      verifyJars(set, join(dir, 'libs'));
      if (set === 'test-server') await makeLauncher(dir, log);
    },
  });
}

/** Path of the script that starts the time-skipping test server; its argument is a port. @param {string} dir */
export function testServerLauncher(dir) {
  return join(dir, 'temporal-test-server');
}

/** Writes the lock anew, after a version in the pom was changed on purpose. @param {JarSet} set @param {string} dir */
export async function relock(set, dir) {
  await copyJars(set, dir, join(dir, '..', `${set}.log`));
  writeFileSync(sourceOf(set, 'jars.lock'), describeJars(dir));
}

/** @param {JarSet} set @param {string} target @param {string} log */
function copyJars(set, target, log) {
  // --strict-checksums: a download whose checksum is wrong ends the step instead of warning.
  const args = [
    '-B',
    '-ntp',
    '--strict-checksums',
    '-f',
    sourceOf(set, 'pom.xml'),
    COPY,
    '-DincludeScope=runtime',
    `-DoutputDirectory=${target}`,
  ];
  return run('mvn', args, { log, cwd: join(root, 'tools', 'stack', set) });
}

/** @param {JarSet} set @param {string} dir */
function verifyJars(set, dir) {
  const differences = compareJars(readFileSync(sourceOf(set, 'jars.lock'), 'utf8'), describeJars(dir));
  if (differences.length > 0)
    throw new Error(`The jars of ${set} do not match tools/stack/${set}/jars.lock: ${differences.join('; ')}`);
}

/** @param {string} dir @param {string} log */
async function makeLauncher(dir, log) {
  await run('javac', ['-cp', join(dir, 'libs', '*'), '-d', join(dir, 'classes'), sourceOf('test-server', MAIN)], {
    log: `${log}.javac`,
  });
  writeFileSync(testServerLauncher(dir), launcher);
  chmodSync(testServerLauncher(dir), 0o755);
}

/** @param {JarSet} set @param {string} file */
function sourceOf(set, file) {
  return join(root, 'tools', 'stack', set, file);
}
