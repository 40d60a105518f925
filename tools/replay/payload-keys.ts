import { readFileSync } from 'node:fs';
import { openKeyRing, PayloadKeys } from '#libs/platform/secrets';
import { openInstallation } from '../database/installation.js';

const HERE = new URL('../../../.stellwerk/', import.meta.url);

/** The keys of the development stack's payloads, as the workers read them. */
export function openPayloadKeys(): { readonly payloads: PayloadKeys; stop(): Promise<void> } {
  const { addresses } = read<{ addresses: { postgresUrl: string } }>('state.json');
  const { databaseRoles } = read<{ databaseRoles: string }>('stack-secrets.json');
  const url = new URL(addresses.postgresUrl);
  Object.assign(url, { username: 'stellwerk_worker', password: databaseRoles, pathname: '/stellwerk' });
  const database = openInstallation({ name: 'store-history', role: 'stellwerk_worker' }, url.href);
  const ring = openKeyRing({ file: new URL('master.key', HERE).pathname, text: null, vault: null });
  return { payloads: new PayloadKeys(database, ring), stop: () => database.destroy() };
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, HERE), 'utf8')) as T;
}
