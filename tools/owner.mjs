// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { profilePlaces, root } from './setup/places.mjs';
import { roleUrl } from './stack/apps.mjs';
import { keptSecret, readJson } from './stack/files.mjs';

// npm run owner -- create …: on the installation that the environment names, else on that of npm start.
const { status } = spawnSync(process.execPath, [join(root, 'dist/tools/owner/main.js'), ...process.argv.slice(2)], {
  cwd: root,
  env: process.env.STELLWERK_DATABASE_URL ? process.env : { ...process.env, ...developmentSettings() },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;

/** @returns {NodeJS.ProcessEnv} */
function developmentSettings() {
  const places = profilePlaces('dev');
  const { addresses, portBase } = readJson(places.state) ?? {};
  const file = join(places.base, 'master.key');
  if (!addresses || !existsSync(file))
    throw new Error('The servers do not run. Start them by: npm start (or set STELLWERK_DATABASE_URL)');
  const password = keptSecret(places.secrets, 'databaseRoles');
  const database = process.env.STELLWERK_DATABASE_NAME || 'stellwerk';
  return {
    STELLWERK_DATABASE_URL: roleUrl(addresses.postgresUrl, 'stellwerk_founder', password, database),
    STELLWERK_MASTER_KEY_FILE: file,
    // passkeys are for names, hence the loopback's
    STELLWERK_PUBLIC_URL: process.env.STELLWERK_PUBLIC_URL ?? `http://localhost:${portBase}`,
  };
}
