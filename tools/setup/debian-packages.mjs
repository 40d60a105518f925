// @ts-check
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, run } from './command.mjs';

const LISTS = '/var/lib/apt/lists';

/**
 * @typedef {object} WantedPackages
 * @property {string[]} names always taken, installed or not
 * @property {string[]} [programs] taken where the system lacks them
 * @property {RegExp} dependencies which of the packages that the system lacks for them are taken too
 */

/**
 * Downloads Debian packages (apt checks their signatures) and unpacks them into `<dir>/root`; nothing is installed and no
 * root is needed. `<dir>/manifest.txt` says which versions came.
 * @param {string} dir
 * @param {WantedPackages} wanted
 * @param {{ report: (text: string) => void, log: string }} options
 * @returns {Promise<string>} the unpacked root
 */
export async function unpackPackages(dir, wanted, { report, log }) {
  const debs = join(dir, 'debs');
  const unpacked = join(dir, 'root');
  mkdirSync(debs);
  mkdirSync(unpacked);
  await download(dir, debs, wanted, report, log);
  for (const name of readdirSync(debs)) await run('dpkg-deb', ['-x', join(debs, name), unpacked]);
  // What was fetched, for whoever has to explain a difference between two machines.
  writeFileSync(join(dir, 'manifest.txt'), `${readdirSync(debs).sort().join('\n')}\n`);
  rmSync(debs, { recursive: true });
  return unpacked;
}

/** What tells two systems apart whose packages are not the same. */
export function systemRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return process.platform;
  }
}

/**
 * Uses the system's package lists; when they are missing or outdated, fetches lists of its own.
 * @param {string} dir
 * @param {string} debs
 * @param {WantedPackages} wanted
 * @param {(text: string) => void} report
 * @param {string} log
 */
async function download(dir, debs, wanted, report, log) {
  if (existsSync(LISTS) && readdirSync(LISTS).some((name) => name.includes('_Packages'))) {
    report('apt-get download');
    const names = await wantedNames([], wanted);
    const first = await attempt('apt-get', [...asSelf(), 'download', ...names], { cwd: debs, log });
    if (first.status === 0) return;
  }
  report('apt-get update, into lists of its own');
  const own = ownLists(dir);
  await run('apt-get', [...own, 'update'], { log: `${log}.update` });
  report('apt-get download');
  await run('apt-get', [...own, 'download', ...(await wantedNames(own, wanted))], { cwd: debs, log });
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
 * The packages always taken, plus those that the system lacks for them.
 * @param {string[]} options
 * @param {WantedPackages} wanted
 */
async function wantedNames(options, { names, programs = [], dependencies }) {
  const install = ['-s', 'install', '--no-install-recommends', ...names, ...programs];
  const { stdout } = await attempt('apt-get', [...options, ...install]);
  const missing = [...stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
  return [...new Set([...names, ...missing.filter((name) => dependencies.test(name))])];
}
