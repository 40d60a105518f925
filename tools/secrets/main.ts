import { parseArgs } from 'node:util';
import type { Database } from '#libs/platform/database';
import { openKeyRing, rotateMasterKey, statusOfKeys, type KeyRing, type RotationOptions } from '#libs/platform/secrets';
import { masterKeysOfInstallation, onInstallation } from '../database/installation.js';

/**
 * Master keys: `status` tells what needs which, `rotate [--batch <rows>] [--new-key]` exchanges the present one, or takes up a rotation that
 * was interrupted; with `--new-key` it never does the latter. Environment:
 * STELLWERK_DATABASE_URL as the role `stellwerk_keeper`, and the programs' settings of master keys. Exit code 1: something
 * needs a master key that is not there, or could not be taken along.
 */
const USAGE = 'Usage: npm run secrets -- status | rotate [--batch <rows>] [--new-key]';

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(words: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: words,
    allowPositionals: true,
    options: { batch: { type: 'string', default: '200' }, 'new-key': { type: 'boolean', default: false } },
  });
  const [verb, ...rest] = positionals;
  const batch = Number(values.batch);
  const isKnown = verb === 'status' || verb === 'rotate';
  if (!isKnown || rest.length > 0 || !Number.isInteger(batch) || batch < 1) throw new Error(USAGE);
  return onInstallation({ name: 'secrets', role: 'stellwerk_keeper', poolSize: 9 }, (database) => {
    const ring = openKeyRing(masterKeysOfInstallation());
    return verb === 'status'
      ? tellStatus(database, ring)
      : rotate(database, ring, { batch, newKey: values['new-key'] });
  });
}

async function rotate(database: Database, ring: KeyRing, options: RotationOptions): Promise<number> {
  const { keyId, resumed, rewrapped, left } = await rotateMasterKey(
    database,
    ring,
    ({ table, done, of }) => console.log(`${table}: ${done} of ${of}`),
    options,
  );
  console.log(`${resumed ? 'went on with' : 'new master key'} ${keyId}; ${rewrapped} data keys are wrapped by it now`);
  for (const { table, at, reason } of left) console.error(`left: ${table} ${at.join(' / ')}: ${reason}`);
  return (await tellStatus(database, ring)) || (left.length > 0 ? 1 : 0);
}

async function tellStatus(database: Database, ring: KeyRing): Promise<number> {
  const { current, counts, missing, removable } = await statusOfKeys(database, ring);
  console.log(`${current} wraps from now on`);
  for (const { table, keyId, count } of counts) console.log(`${keyId} wrapped ${count} of ${table}`);
  for (const keyId of missing)
    console.error(`${keyId} is needed and not there: put it back, or what it wrapped is lost`);
  for (const keyId of removable)
    console.log(`${keyId} is needed by nothing here: it can be removed, once no backup from before has to be read`);
  if (counts.some(({ keyId }) => keyId !== current))
    console.log('older keys are still needed; go on by: npm run secrets -- rotate');
  return missing.length > 0 ? 1 : 0;
}
