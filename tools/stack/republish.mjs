// @ts-check
import { join } from 'node:path';
import { attempt } from '../setup/command.mjs';
import { profilePlaces, root } from '../setup/places.mjs';
import { roleUrl } from './apps.mjs';
import { keptSecret, readJson } from './files.mjs';

/**
 * Has the bridge publish a period of the outbox again: `--from <instant> --to <instant> [--topic <name>]`. Needs a
 * running PostgreSQL, and uses the bridge's role.
 * @param {string} profile
 * @param {string[]} words
 * @returns {Promise<boolean>}
 */
export async function republish(profile, words) {
  const places = profilePlaces(profile);
  const { addresses } = readJson(places.state) ?? {};
  if (!addresses) throw new Error('The servers do not run. Start them by: npm start');
  const password = keptSecret(places.secrets, 'databaseRoles');
  const database = process.env.STELLWERK_DATABASE_NAME || 'stellwerk';
  const { status } = await attempt(process.execPath, [join(root, 'dist/tools/database/republish.js'), ...words], {
    cwd: root,
    env: {
      ...process.env,
      STELLWERK_DATABASE_URL: roleUrl(addresses.postgresUrl, 'stellwerk_bridge', password, database),
    },
    echo: true,
  });
  return status === 0;
}
