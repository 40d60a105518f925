// @ts-check
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone's root directory, without a trailing slash. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * Where built servers and downloaded packages are kept, outside the clone, so that another clone reuses them:
 * `STELLWERK_CACHE`, else `$XDG_CACHE_HOME/stellwerk`, else `~/.cache/stellwerk`.
 * @param {NodeJS.ProcessEnv} [env]
 */
export function cacheDir(env = process.env) {
  if (env.STELLWERK_CACHE) return resolve(env.STELLWERK_CACHE);
  // The XDG specification says that a relative value must be ignored.
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, 'stellwerk');
  return join(homedir(), '.cache', 'stellwerk');
}

/**
 * @typedef {object} ProfilePlaces everything that one running stack writes, all inside the clone
 * @property {string} base
 * @property {string} data one directory per server
 * @property {string} run one `<name>.pid` per server
 * @property {string} logs one `<name>.log` per server
 * @property {string} config generated configuration files, mode 600
 * @property {string} state the JSON file that `status` reads
 * @property {string} secrets generated passwords, mode 600
 */

/**
 * The directories of a profile: `dev` (npm start) lives directly in `.stellwerk/`, any other in `.stellwerk/<profile>/`.
 * @param {string} profile
 * @returns {ProfilePlaces}
 */
export function profilePlaces(profile) {
  const base = profile === 'dev' ? join(root, '.stellwerk') : join(root, '.stellwerk', profile);
  return {
    base,
    data: join(base, 'data'),
    run: join(base, 'run'),
    logs: join(base, 'logs'),
    config: join(base, 'config'),
    state: join(base, 'state.json'),
    secrets: join(base, 'stack-secrets.json'),
  };
}
