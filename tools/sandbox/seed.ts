import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { SandboxDescription } from './sandbox-parts.js';
import { demoLogins, identitySecrets, seedIdentity } from './seed-identity.js';
import { completeKeys, demoSecrets, seedDemo, type DemoKeys } from './seed-demo.js';

/**
 * Loads the demo customers and writes `dev.json`, the addresses and keys for scripts. Environment:
 * STELLWERK_DATABASE_ADMIN_URL, STELLWERK_DATABASE_NAME, STELLWERK_SANDBOX_PORT, STELLWERK_SECRETS_FILE,
 * STELLWERK_IDENTITY_DIR, STELLWERK_IDENTITY_PORT,
 * STELLWERK_DEV_JSON (where to write), STELLWERK_DEV_JSON_BASE (the stack's addresses, JSON).
 */
const needed = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}.`);
  return value;
};

const HTTP_OFFSET = 5;
const sandboxUrl = `http://127.0.0.1:${Number(needed('STELLWERK_SANDBOX_PORT')) + HTTP_OFFSET}`;
const sandbox = (await (await fetch(sandboxUrl)).json()) as SandboxDescription;
const devFile = needed('STELLWERK_DEV_JSON');
const known = existsSync(devFile) ? (JSON.parse(readFileSync(devFile, 'utf8')) as { keys?: DemoKeys }) : {};
const keys = completeKeys(known.keys ?? {});

const database = new URL(needed('STELLWERK_DATABASE_ADMIN_URL'));
database.pathname = `/${process.env['STELLWERK_DATABASE_NAME'] ?? 'stellwerk'}`;
await seedDemo(database.href, sandbox, keys);
const firstIssuer = Number(needed('STELLWERK_IDENTITY_PORT'));
const issuers = { msp: `http://127.0.0.1:${firstIssuer}`, muster: `http://127.0.0.1:${firstIssuer + 1}` };
await seedIdentity(database.href, issuers);

const ofIssuers = identitySecrets(needed('STELLWERK_IDENTITY_DIR'));
const secrets = Object.entries(ofIssuers).map(([tenant, values]) => [
  tenant,
  { ...demoSecrets(sandbox)[tenant], ...values },
]);
writePrivately(needed('STELLWERK_SECRETS_FILE'), Object.fromEntries(secrets));
const directories = Object.fromEntries(
  Object.entries(sandbox.tenants).map(([tenant, { url, caFile, baseDn, rootDn, rootPassword }]) => [
    tenant,
    { url, baseDn, bindDn: rootDn, password: rootPassword, ...(url.startsWith('ldaps:') ? { caFile } : {}) },
  ]),
);
const mail = { smtp: sandbox.mail.url, received: `${sandboxUrl}/mails` };
const base = JSON.parse(needed('STELLWERK_DEV_JSON_BASE')) as object;
writePrivately(devFile, {
  ...base,
  directories,
  mail,
  hooks: sandbox.http.hooksUrl,
  sandbox: sandboxUrl,
  issuers,
  people: demoLogins(),
  keys,
});
console.log(`demo customers ${Object.keys(sandbox.tenants).join(' and ')} are loaded`);

/** Whole or not at all, readable by its owner only. */
function writePrivately(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
