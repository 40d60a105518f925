// @ts-check
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheKey } from './cache.mjs';
import { attempt, run } from './command.mjs';

const PACKAGES = ['slapd', 'libltdl7', 'libwrap0'];
const LISTS = '/var/lib/apt/lists';

export function slapdKey() {
  return cacheKey({ words: ['slapd 1', systemRelease(), ...PACKAGES] });
}

/**
 * Downloads the sandbox's directory server as Debian packages (apt checks their signatures) and unpacks them into the
 * cache; nothing is installed and no root is needed. `STELLWERK_SLAPD_ROOT` names an unpacked one instead.
 * @param {{ report: (text: string) => void, log: string }} options
 * @returns {Promise<string>} the unpacked root: `usr/sbin/slapd`, `usr/lib/ldap`, `etc/ldap/schema`
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
  const debs = join(dir, 'debs');
  const unpacked = join(dir, 'root');
  mkdirSync(debs);
  mkdirSync(unpacked);
  await download(dir, debs, report, log);
  for (const name of readdirSync(debs)) await run('dpkg-deb', ['-x', join(debs, name), unpacked]);
  // What was fetched, for whoever has to explain a difference between two machines.
  writeFileSync(join(dir, 'manifest.txt'), `${readdirSync(debs).sort().join('\n')}\n`);
  await checkLibraries(unpacked);
  rmSync(debs, { recursive: true });
}

/**
 * Uses the system's package lists; when they are missing or outdated, fetches lists of its own.
 * @param {string} dir
 * @param {string} debs
 * @param {(text: string) => void} report
 * @param {string} log
 */
async function download(dir, debs, report, log) {
  if (existsSync(LISTS) && readdirSync(LISTS).some((name) => name.includes('_Packages'))) {
    report('apt-get download');
    const first = await attempt('apt-get', [...asSelf(), 'download', ...(await wantedPackages([]))], {
      cwd: debs,
      log,
    });
    if (first.status === 0) return;
  }
  report('apt-get update, into lists of its own');
  const own = ownLists(dir);
  await run('apt-get', [...own, 'update'], { log: `${log}.update` });
  report('apt-get download');
  await run('apt-get', [...own, 'download', ...(await wantedPackages(own))], { cwd: debs, log });
  rmSync(join(dir, 'apt'), { recursive: true });
}

/** @param {string} dir */
function ownLists(dir) {
  const state = join(dir, 'apt', 'state');
  mkdirSync(join(state, 'lists', 'partial'), { recursive: true });
  const cache = join(dir, 'apt', 'cache');
  mkdirSync(join(cache, 'archives', 'partial'), { recursive: true });
  // The real status file: what the system has installed need not be downloaded.
  return [
    ...asSelf(),
    '-o',
    `Dir::State=${state}`,
    '-o',
    'Dir::State::status=/var/lib/dpkg/status',
    '-o',
    `Dir::Cache=${cache}`,
  ];
}

/** As root, apt would change to the user `_apt`, who cannot enter root's home. */
function asSelf() {
  return ['-o', 'APT::Sandbox::User='];
}

/**
 * The packages always taken, plus the libraries that the system lacks for them.
 * @param {string[]} options
 */
async function wantedPackages(options) {
  const { stdout } = await attempt('apt-get', [...options, '-s', 'install', '--no-install-recommends', ...PACKAGES]);
  const missing = [...stdout.matchAll(/^Inst (lib\S+)/gm)].map((match) => match[1] ?? '');
  return [...new Set([...PACKAGES, ...missing])];
}

/** @param {string} unpacked */
async function checkLibraries(unpacked) {
  const env = { ...process.env, LD_LIBRARY_PATH: libraryDirs(unpacked).join(':') };
  const listing = await run('ldd', [join(unpacked, 'usr', 'sbin', 'slapd')], { env });
  const missing = listing
    .split('\n')
    .filter((line) => line.includes('not found'))
    .map((line) => line.trim().split(' ')[0]);
  if (missing.length > 0)
    throw new Error(
      `slapd was unpacked, but this system lacks ${missing.join(', ')}. Install them by: apt-get install -y slapd`,
    );
}

function systemRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return process.platform;
  }
}
