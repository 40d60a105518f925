import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'oidc-provider';
import { ensurePasswords } from '../secrets.js';
import { demoIssuers } from './identity-people.js';
import { startIssuer, type RunningIssuer } from './issuer.js';
import type { ClientSecrets } from './issuer-settings.js';

export interface IdentityOptions {
  /** Data folder: keys and client secrets are kept between starts, who is signed in is not. */
  readonly dir: string;
  /** The issuers' ports by name; 0 takes a free one. */
  readonly ports: Readonly<Record<DemoIssuerName, number>>;
  /** Where people reach the API, without a slash at its end. */
  readonly apiUrl: string;
}

export type DemoIssuerName = (typeof demoIssuers)[number]['name'];

/** The demo's issuers. */
export interface Identity {
  readonly issuers: Readonly<Record<DemoIssuerName, RunningIssuer & { readonly secrets: ClientSecrets }>>;
  stop(): Promise<void>;
}

/** Starts the issuers of the MSP and of muster. @throws Error when a port is taken; what has been started is stopped by then. */
export async function startIdentity({ dir, ports, apiUrl }: IdentityOptions): Promise<Identity> {
  const started: [DemoIssuerName, RunningIssuer & { secrets: ClientSecrets }][] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(([, issuer]) => issuer.stop()));
  };
  try {
    for (const issuer of demoIssuers) {
      const { name, organisation } = issuer;
      const { cookieKey, ...secrets } = clientSecrets(dir, name);
      const keys = [await signingKey(join(dir, name, 'signing.json'))];
      const running = await startIssuer(issuer, ports[name], {
        name,
        organisation,
        apiUrl,
        keys,
        cookieKey,
        secrets,
      });
      started.push([name, { ...running, secrets }]);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { issuers: Object.fromEntries(started) as Identity['issuers'], stop };
}

/** The secrets of an issuer's clients: drawn when they are first asked for, and kept. */
export function clientSecrets(dir: string, name: DemoIssuerName): ClientSecrets & { readonly cookieKey: string } {
  return ensurePasswords(join(dir, name, 'clients.json'), ['web', 'machine', 'cookieKey']);
}

async function signingKey(file: string): Promise<JWK> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as JWK;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kty: 'RSA', use: 'sig', alg: 'RS256', kid: crypto.randomUUID() };
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(key), { mode: 0o600 });
  return key as JWK;
}
