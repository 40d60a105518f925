// @ts-check
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, cacheKey } from './cache.mjs';
import { attempt, run } from './command.mjs';
import { systemRelease, unpackPackages } from './debian-packages.mjs';

/**
 * @typedef {object} Samba
 * @property {string} sambaRoot root directory below which Samba is unpacked (`usr/sbin/samba`)
 * @property {string} sambaTemplate an empty domain, to be copied; with `administrator-password` and
 *   `namespaces.json`, the options by which `unshare` works here
 */

const PACKAGES = ['samba', 'samba-ad-provision', 'samba-dsdb-modules', 'samba-vfs-modules', 'winbind'];
const PROGRAMS = ['python3', 'iproute2'];
/** The second demo customer's domain. */
const REALM = 'NORDLICHT.EXAMPLE';
const SHORT_NAME = 'NORDLICHT';
const HOST = 'dc1';
const PROVISION = fileURLToPath(new URL('./samba-provision.py', import.meta.url));

/** Ways into namespaces of its own, by preference; without a user namespace only root has one. */
const NAMESPACES = [['--user', '--map-root-user'], ...(process.getuid?.() === 0 ? [[]] : [])];

export function sambaKey() {
  const words = ['samba 2', systemRelease(), ...PACKAGES, REALM, process.env.STELLWERK_SAMBA_ROOT ?? ''];
  return cacheKey({ words, files: [PROVISION] });
}

/**
 * The options of `unshare` by which this user gets mount, network and process namespaces; undefined where the system
 * has none for it. Samba's ports are compiled in, so a domain controller needs a network of its own.
 * @returns {Promise<string[] | undefined>}
 */
export async function namespaceOptions() {
  for (const options of NAMESPACES) {
    const { status } = await attempt('unshare', [...options, '--mount', '--net', '--pid', '--fork', 'true']);
    if (status === 0) return options;
  }
  return undefined;
}

/**
 * Downloads Samba as Debian packages, unpacks them into the cache and makes an empty domain there, once. No root is needed.
 * `STELLWERK_SAMBA_ROOT` names an unpacked Samba instead.
 * @param {{ report: (text: string) => void, log: string }} options
 * @returns {Promise<Samba>}
 */
export async function fetchSamba({ report, log }) {
  const given = process.env.STELLWERK_SAMBA_ROOT;
  const build = async (/** @type {string} */ dir) => {
    const wanted = { names: PACKAGES, programs: PROGRAMS, dependencies: /./ };
    const samba = given ?? (await unpackPackages(dir, wanted, { report, log }));
    // The domain's folder is mounted here when it runs: a short path, because names of Unix sockets are short.
    mkdirSync(join(samba, 'usr', 'ad'), { recursive: true });
    report('makes an empty domain');
    await provision(samba, join(dir, 'domain'), `${log}.provision`);
  };
  const dir = await cached({ name: 'samba', key: sambaKey(), report, build });
  return { sambaRoot: given ?? join(dir, 'root'), sambaTemplate: join(dir, 'domain') };
}

/**
 * @param {string} samba
 * @param {string} domain
 * @param {string} log
 */
async function provision(samba, domain, log) {
  const namespaces = await namespaceOptions();
  if (!namespaces) throw new Error(NO_NAMESPACES);
  mkdirSync(domain, { mode: 0o700 });
  // Letters of both cases and digits: what a domain asks of a password.
  const password = `Ad1-${randomBytes(18).toString('base64url')}`;
  const tool = ['domain', 'provision', `--targetdir=${domain}`, `--realm=${REALM}`, `--domain=${SHORT_NAME}`];
  const more = ['--server-role=dc', '--dns-backend=NONE', `--host-name=${HOST}`, '--host-ip=127.0.0.1'];
  const overlay =
    'mount -t overlay overlay -o "lowerdir=$1/usr:/usr,userxattr" /usr; shift; exec /usr/bin/python3 "$@"';
  const inside = ['bash', '-euc', overlay, 'provision', samba, PROVISION, ...tool, ...more, `--adminpass=${password}`];
  const env = {
    ...process.env,
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONNOUSERSITE: '1',
  };
  await run('unshare', [...namespaces, '--mount', ...inside], { env, log });
  writeFileSync(join(domain, 'administrator-password'), password, { mode: 0o600 });
  // How it ran here is how it will run.
  writeFileSync(join(domain, 'namespaces.json'), `${JSON.stringify(namespaces)}\n`);
  // Samba would make a key of its own at the first start; the sandbox gives it the one that its clients trust.
  rmSync(join(domain, 'private', 'tls'), { recursive: true, force: true });
}

export const NO_NAMESPACES =
  'This system gives no user namespaces (unshare --user failed), which the Active Directory of the second demo customer needs. ' +
  'Allow them (Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0; Docker: --security-opt seccomp=unconfined).';
