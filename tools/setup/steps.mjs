// @ts-check
import { join } from 'node:path';
import { cachedIfThere } from './cache.mjs';
import { chromiumAtHand, chromiumKey, fetchChromium } from './chromium.mjs';
import { fetchSlapd, slapdKey } from './debian.mjs';
import { dovecotKey, fetchDovecot } from './dovecot.mjs';
import { installDependencies, isInstalled } from './install.mjs';
import { fetchJars, jarsKey, testServerLauncher } from './jars.mjs';
import { root } from './places.mjs';
import { fetchSamba, namespaceOptions, NO_NAMESPACES, sambaKey } from './samba.mjs';
import { buildTemporal, temporalKey } from './temporal-build.mjs';
import { isExternal } from './external.mjs';
import { fetchSchemathesis, schemathesisKey } from './schemathesis.mjs';

/** @typedef {import('./progress.mjs').Progress} Progress */
/**
 * @typedef {object} Tools what the set-up leaves in the cache
 * @property {string | undefined} temporal directory of the built Temporal programs; undefined where Temporal is given by address
 * @property {string | undefined} kafka directory of Kafka's jars; undefined where Kafka is given by address
 * @property {string} timeSkippingServer launcher of Temporal's test server
 * @property {string} slapdRoot root directory of the unpacked directory server
 * @property {import('./samba.mjs').Samba | undefined} samba undefined where this system cannot run it
 * @property {string | undefined} dovecotRoot root directory of the tests' IMAP server; undefined where no tests are run
 * @property {string | undefined} chromium the tests' browser; undefined where no tests are run
 */

export const setupLogs = join(root, '.stellwerk', 'logs', 'setup');

/** Installs node_modules when they are missing or outdated. @param {Progress} progress */
export async function ensureInstalled(progress) {
  if (isInstalled(root)) return;
  await progress.step('npm ci', (report) => installDependencies({ report, log: join(setupLogs, 'npm-ci.log') }));
}

/**
 * Fills the cache, all parts side by side; what is there already costs nothing and prints nothing.
 * @param {Progress} progress
 * @param {{ testServer?: boolean }} [options]
 * @returns {Promise<Tools>}
 */
export async function ensureTools(progress, { testServer = true } = {}) {
  const log = (/** @type {string} */ name) => join(setupLogs, `${name}.log`);
  const parts = await settleAll([
    isExternal('temporal')
      ? undefined
      : shown(progress, 'Temporal server and UI (Go)', { name: 'temporal', key: temporalKey() }, (report) =>
          buildTemporal({ report, log: log('temporal') }),
        ),
    // One after the other: both write to Maven's one local repository.
    mavenSets(progress, testServer),
    shown(
      progress,
      'directory server for the sandbox (Debian packages)',
      { name: 'slapd', key: slapdKey() },
      (report) => fetchSlapd({ report, log: log('slapd') }),
    ),
    sambaIfPossible(progress),
    // only tests need these
    testServer ? browser(progress) : undefined,
    testServer ? imapServer(progress) : undefined,
    testServer ? fuzzer(progress) : undefined,
  ]);
  const [temporal, jars, slapdRoot, samba, chromium, dovecotRoot] =
    /** @type {[string | undefined, { kafka: string | undefined, testServer: string }, string, import('./samba.mjs').Samba | undefined, string | undefined, string | undefined]} */ (
      parts
    );
  return { temporal, kafka: jars.kafka, timeSkippingServer: jars.testServer, slapdRoot, samba, chromium, dovecotRoot };
}

/** Whether everything that tests need was built or fetched before. */
export function toolsAreCached() {
  const entries = [
    { name: 'kafka', key: jarsKey('kafka'), needed: !isExternal('kafka') },
    { name: 'test-server', key: jarsKey('test-server'), needed: true },
    { name: 'temporal', key: temporalKey(), needed: !isExternal('temporal') },
  ];
  return entries.every((entry) => !entry.needed || cachedIfThere(entry) !== undefined);
}

/**
 * The second demo customer has an Active Directory, which needs namespaces of its own. Without them the rest works, and
 * that customer has no directory.
 * @param {Progress} progress
 */
async function sambaIfPossible(progress) {
  if (!(await namespaceOptions())) {
    progress.line(`    nordlicht has no directory here. ${NO_NAMESPACES}`);
    return undefined;
  }
  const title = 'domain controller for the sandbox (Debian packages, an empty domain)';
  return shown(progress, title, { name: 'samba', key: sambaKey() }, (report) =>
    fetchSamba({ report, log: join(setupLogs, 'samba.log') }),
  );
}

/** @param {Progress} progress */
async function browser(progress) {
  const log = join(setupLogs, 'chromium.log');
  if (chromiumAtHand()) return fetchChromium({ report: () => {}, log });
  const entry = { name: 'chromium', key: chromiumKey() };
  return shown(progress, 'Chromium for tests in a browser (Debian packages)', entry, (report) =>
    fetchChromium({ report, log }),
  );
}

/** @param {Progress} progress */
function imapServer(progress) {
  const entry = { name: 'dovecot', key: dovecotKey() };
  return shown(progress, 'IMAP server for the tests (Debian packages)', entry, (report) =>
    fetchDovecot({ report, log: join(setupLogs, 'dovecot.log') }),
  );
}

/** @param {Progress} progress */
async function fuzzer(progress) {
  const entry = { name: 'schemathesis', key: await schemathesisKey() };
  return shown(progress, 'Schemathesis for the API’s fuzzing (PyPI)', entry, (report) =>
    fetchSchemathesis({ report, log: join(setupLogs, 'schemathesis.log') }),
  );
}

/** @param {Progress} progress @param {boolean} testServer */
async function mavenSets(progress, testServer) {
  const fetch = (/** @type {'kafka' | 'test-server'} */ set, /** @type {string} */ title) =>
    shown(progress, title, { name: set, key: jarsKey(set) }, (report) =>
      fetchJars(set, { report, log: join(setupLogs, `${set}.log`) }),
    );
  const kafka = isExternal('kafka') ? undefined : await fetch('kafka', 'Kafka (Maven)');
  const dir = testServer ? await fetch('test-server', "Temporal's time-skipping test server (Maven)") : '';
  return { kafka, testServer: dir && testServerLauncher(dir) };
}

/**
 * @template T
 * @param {Progress} progress
 * @param {string} title
 * @param {{ name: string, key: string }} entry
 * @param {(report: import('./progress.mjs').Report) => Promise<T>} work
 * @returns {Promise<T>}
 */
function shown(progress, title, entry, work) {
  return cachedIfThere(entry) ? work(() => {}) : progress.step(title, work);
}

/**
 * Waits for all, then fails with every failure: one missing tool must not hide another.
 * @param {unknown[]} parts
 */
export async function settleAll(parts) {
  const results = await Promise.allSettled(parts);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length > 0) throw new Error(failures.map((failure) => failure?.message ?? String(failure)).join('\n\n'));
  return results.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
}
