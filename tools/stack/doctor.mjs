// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../setup/command.mjs';
import { fromDocker, isExternal } from '../setup/external.mjs';
import { isInstalled } from '../setup/install.mjs';
import { cacheDir, root } from '../setup/places.mjs';
import { namespaceOptions, NO_NAMESPACES } from '../setup/samba.mjs';
import { PYTHON_FLOOR, pythonVersion } from '../setup/schemathesis.mjs';

/**
 * @typedef {object} ToolCheck
 * @property {string} name
 * @property {string} why
 * @property {() => Promise<string | undefined>} find what was found, or undefined
 * @property {Record<Platform, string>} install
 * @property {(forTests: boolean) => boolean} needed
 */
/** @typedef {'debian' | 'macos' | 'other'} Platform */

const NODE_FLOOR = [20, 19];
const GO_FLOOR = '1.26.8';

/** @type {ToolCheck[]} */
const checks = [
  {
    name: `Node ${NODE_FLOOR.join('.')} or newer`,
    why: 'runs everything',
    find: async () => (atLeast(process.versions.node, NODE_FLOOR) ? `Node ${process.versions.node}` : undefined),
    install: {
      debian: 'apt-get install -y nodejs npm && npm install --global n && n 24',
      macos: 'brew install node@24',
      other: 'install Node 24 by your system’s packages',
    },
    needed: () => true,
  },
  {
    name: 'npm',
    why: 'installs the dependencies and PostgreSQL',
    find: () => firstLine('npm', ['--version'], 'npm '),
    install: {
      debian: 'apt-get install -y npm',
      macos: 'brew install node@24',
      other: 'install npm by your system’s packages',
    },
    needed: () => true,
  },
  {
    name: `Go ${GO_FLOOR} or newer`,
    why: 'builds the Temporal server and its UI',
    // Asked in the module's directory: an older Go may fetch the one that go.mod names.
    find: async () => {
      const { status, stdout } = await attempt('go', ['env', 'GOVERSION'], {
        cwd: join(root, 'tools', 'stack', 'temporal'),
      });
      return status === 0 && atLeast(stdout.trim().replace(/^go/, ''), GO_FLOOR.split('.').map(Number))
        ? stdout.trim()
        : undefined;
    },
    install: {
      debian:
        'apt-get install -y golang-go && go env -w GOTOOLCHAIN=auto   (Go 1.21 or newer then fetches 1.26.8; on Debian 12 take golang-go from bookworm-backports)',
      macos: 'brew install go',
      other: 'install Go by your system’s packages, then: go env -w GOTOOLCHAIN=auto',
    },
    needed: () => !isExternal('temporal'),
  },
  {
    name: 'Java 17 or newer with its compiler',
    why: 'runs Kafka and Temporal’s test server',
    find: async () => {
      const { status, output } = await attempt('java', ['-version']);
      const version = /version "([^"]+)"/.exec(output)?.[1];
      const compiler = await attempt('javac', ['-version']);
      return status === 0 && compiler.status === 0 && version && atLeast(version, [17]) ? `Java ${version}` : undefined;
    },
    install: {
      debian: 'apt-get install -y openjdk-17-jdk-headless',
      macos: 'brew install openjdk@17',
      other: 'install a Java 17 development kit by your system’s packages',
    },
    needed: (forTests) => forTests || !isExternal('kafka'),
  },
  {
    name: 'Maven',
    why: 'fetches Kafka and Temporal’s test server',
    find: () => firstLine('mvn', ['--version']),
    install: {
      debian: 'apt-get install -y maven',
      macos: 'brew install maven',
      other: 'install Maven by your system’s packages',
    },
    needed: (forTests) => forTests || !isExternal('kafka'),
  },
  {
    name: 'apt-get and dpkg-deb',
    why: 'fetch the sandbox’s directory servers (slapd, Samba)',
    find: async () =>
      ((await firstLine('dpkg-deb', ['--version'])) && (await firstLine('apt-get', ['--version']))) || undefined,
    install: {
      debian: 'apt-get install -y apt dpkg',
      macos:
        'give an unpacked OpenLDAP server in STELLWERK_SLAPD_ROOT (usr/sbin/slapd, usr/sbin/sshd, usr/lib/ldap, etc/ldap/schema below it)',
      other:
        'give an unpacked OpenLDAP server in STELLWERK_SLAPD_ROOT (usr/sbin/slapd, usr/sbin/sshd, usr/lib/ldap, etc/ldap/schema below it)',
    },
    needed: () => !process.env.STELLWERK_SLAPD_ROOT,
  },
  {
    name: `Python ${PYTHON_FLOOR.join('.')} or newer with venv`,
    why: 'runs Schemathesis, which fuzzes the API',
    find: async () => {
      const version = await pythonVersion();
      const hasVenv = (await attempt('python3', ['-c', 'import ensurepip, venv'])).status === 0;
      return version && hasVenv && atLeast(version, PYTHON_FLOOR) ? `Python ${version}` : undefined;
    },
    install: {
      debian: 'apt-get install -y python3-venv',
      macos: 'brew install python@3.13',
      other: 'install Python 3.11 or newer by your system’s packages',
    },
    needed: (forTests) => forTests,
  },
  {
    name: 'namespaces for an ordinary user',
    why: 'run the domain controller of the second demo customer (Samba); without them that customer has no directory',
    find: async () => ((await namespaceOptions()) ? 'unshare gives mount, network and process namespaces' : undefined),
    install: { debian: NO_NAMESPACES, macos: 'run the tests on Linux', other: NO_NAMESPACES },
    needed: (forTests) => forTests,
  },
  {
    name: 'unshare or setpriv (util-linux)',
    why: 'runs PostgreSQL, which refuses root, when you are root',
    find: async () => (await firstLine('unshare', ['--version'])) ?? (await firstLine('setpriv', ['--version'])),
    install: {
      debian: 'apt-get install -y util-linux',
      macos: 'run as an ordinary user',
      other: 'install util-linux, or run as an ordinary user',
    },
    needed: () => process.getuid?.() === 0 && !isExternal('postgres'),
  },
];

/**
 * Prints each tool with what was found or the command that installs it.
 * @returns {Promise<boolean>} whether nothing is missing
 */
export async function printDoctor() {
  const results = await examine(true);
  for (const { check, found } of results)
    console.log(found ? `  ok       ${check.name}: ${found}` : `  missing  ${describeMissing(check)}`);
  console.log(
    `  ${isInstalled(root) ? 'ok      ' : 'later   '} node_modules ${isInstalled(root) ? 'match package-lock.json' : 'are installed by npm start and npm test'}`,
  );
  console.log(`  cache    ${cacheDir()}`);
  const missing = results.filter(({ found }) => !found);
  if (missing.length > 0) console.log(await dockerOffer());
  return missing.length === 0;
}

/**
 * @param {{ forTests: boolean }} purpose tests also need what only their servers need
 * @throws when a tool is missing, with doctor's lines
 */
export async function assertTools({ forTests }) {
  const missing = (await examine(forTests)).filter(({ found }) => !found);
  if (missing.length === 0) return;
  throw new Error(
    ['Tools are missing:', ...missing.map(({ check }) => `  ${describeMissing(check)}`), await dockerOffer()].join(
      '\n',
    ),
  );
}

/** @param {boolean} forTests */
async function examine(forTests) {
  return Promise.all(
    checks.filter((check) => check.needed(forTests)).map(async (check) => ({ check, found: await check.find() })),
  );
}

/** @param {ToolCheck} check */
function describeMissing({ name, why, install }) {
  return `${name} (${why}). Install: ${install[platform()]}`;
}

/** @returns {Platform} */
function platform() {
  if (process.platform === 'darwin') return 'macos';
  return existsSync('/etc/debian_version') || /debian/.test(osRelease()) ? 'debian' : 'other';
}

function osRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

async function dockerOffer() {
  if (fromDocker()) return '';
  const engine =
    (await attempt('docker', ['compose', 'version'])).status === 0 && (await attempt('docker', ['info'])).status === 0;
  return `  Or let containers run PostgreSQL, Kafka and Temporal: STELLWERK_STACK=docker npm start (${engine ? 'Docker with compose was found' : 'needs Docker with its compose plugin, which was not found running'}),
  or give servers that you have: STELLWERK_POSTGRES_URL, STELLWERK_KAFKA_BROKERS, STELLWERK_TEMPORAL_ADDRESS.`;
}

/** @param {string} command @param {string[]} args @param {string} [prefix] */
async function firstLine(command, args, prefix = '') {
  const { status, stdout } = await attempt(command, args);
  // Maven colours its first line even when nobody watches.
  return status === 0
    ? prefix +
        (stdout
          .replace(/\x1b\[[0-9;]*m/g, '')
          .trim()
          .split('\n')[0] ?? '')
    : undefined;
}

/** @param {string} version @param {number[]} floor */
export function atLeast(version, floor) {
  const parts = version.split(/[.+_-]/).map(Number);
  for (const [index, wanted] of floor.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
