// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { profilePlaces, root } from '../setup/places.mjs';
import { roleUrl } from './apps.mjs';
import { keptSecret, readJson } from './files.mjs';

/**
 * Runs a program of `dist` with this process's words, on the installation that the environment names, else on that of
 * `npm start`. Ends with its exit code.
 * @param {string} program its path below `dist`
 * @param {string} role the database role that it works as there
 * @param {(portBase: number) => NodeJS.ProcessEnv} [more] what it needs besides the database and the master key
 */
export function runOnInstallation(program, role, more = () => ({})) {
  const { status } = spawnSync(process.execPath, [join(root, 'dist', program), ...process.argv.slice(2)], {
    cwd: root,
    env: process.env.STELLWERK_DATABASE_URL ? process.env : { ...process.env, ...developmentSettings(role, more) },
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}

/** @param {string} role @param {(portBase: number) => NodeJS.ProcessEnv} more @returns {NodeJS.ProcessEnv} */
function developmentSettings(role, more) {
  const places = profilePlaces('dev');
  const { addresses, portBase } = readJson(places.state) ?? {};
  const file = join(places.base, 'master.key');
  if (!addresses || !existsSync(file))
    throw new Error('The servers do not run. Start them by: npm start (or set STELLWERK_DATABASE_URL)');
  const password = keptSecret(places.secrets, 'databaseRoles');
  const database = process.env.STELLWERK_DATABASE_NAME || 'stellwerk';
  return {
    STELLWERK_DATABASE_URL: roleUrl(addresses.postgresUrl, role, password, database),
    STELLWERK_MASTER_KEY_FILE: file,
    ...more(portBase),
  };
}
