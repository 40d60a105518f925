// @ts-check
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheKey } from './cache.mjs';
import { run } from './command.mjs';
import { systemRelease, unpackPackages } from './debian-packages.mjs';

// openssh-server: the tests' SSH servers
const PACKAGES = ['slapd', 'libltdl7', 'libwrap0', 'openssh-server'];

export function slapdKey() {
  return cacheKey({ words: ['slapd 1', systemRelease(), ...PACKAGES] });
}

/**
 * Downloads the sandbox's directory server and the tests' SSH server as Debian packages and unpacks them into the cache.
 * `STELLWERK_SLAPD_ROOT` names an unpacked one instead.
 * @param {{ report: (text: string) => void, log: string }} options
 * @returns {Promise<string>} the unpacked root: `usr/sbin/slapd`, `usr/sbin/sshd`, `usr/lib/ldap`, `etc/ldap/schema`
 */
export async function fetchSlapd({ report, log }) {
  if (process.env.STELLWERK_SLAPD_ROOT) return process.env.STELLWERK_SLAPD_ROOT;
  const dir = await cached({ name: 'slapd', key: slapdKey(), report, build: (target) => build(target, report, log) });
  return join(dir, 'root');
}

/** Where the shared libraries of an unpacked root lie. @param {string} unpacked @returns {string[]} */
export function libraryDirs(unpacked) {
  const lib = join(unpacked, 'usr', 'lib');
  return readdirSync(lib)
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(lib, name));
}

/**
 * @param {string} dir
 * @param {(text: string) => void} report
 * @param {string} log
 */
async function build(dir, report, log) {
  await checkLibraries(await unpackPackages(dir, { names: PACKAGES, dependencies: /^lib/ }, { report, log }));
}

/** @param {string} unpacked */
async function checkLibraries(unpacked) {
  const env = { ...process.env, LD_LIBRARY_PATH: libraryDirs(unpacked).join(':') };
  const programs = ['slapd', 'sshd'].map((name) => join(unpacked, 'usr', 'sbin', name));
  const listing = await run('ldd', programs, { env });
  const missing = listing
    .split('\n')
    .filter((line) => line.includes('not found'))
    .map((line) => line.trim().split(' ')[0]);
  if (missing.length > 0)
    throw new Error(
      `slapd and sshd were unpacked, but this system lacks ${[...new Set(missing)].join(', ')}. Install them by: apt-get install -y slapd openssh-server`,
    );
}
