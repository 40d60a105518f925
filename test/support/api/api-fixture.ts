import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOfApiKey, newApiKey, type Role } from '#libs/platform/access';
import { newId } from '#libs/kernel';
import { createLogger } from '#libs/platform/observability';
import type { HttpConfig, MasterKeysConfig, TicketMailConfig } from '#libs/platform/config';
import type { MailDns } from '#libs/platform/outgoing';
import { startApi, type RunningApi } from '../../../apps/api/create-api.js';
import { cookieFaults } from './cookie-faults.js';
import { testMasterKeys } from '../master-keys.js';
import { freePort } from '../../../tools/sandbox/directory/free-port.js';
import { createTestDatabase, type TestDatabase } from '../database.js';
import { goLive } from './tenancy.factory.js';

const TENANTS = [
  { id: 'msp', kind: 'msp', roles: ['owner', 'operator', 'technician', 'auditor'] },
  { id: 'muster', kind: 'customer', roles: ['customer_admin', 'approver', 'requester', 'auditor'] },
  { id: 'nordlicht', kind: 'customer', roles: ['customer_admin', 'approver', 'requester', 'auditor'] },
] as const;

/** Who calls, e.g. `muster/requester`. */
export type Who = `${string}/${Role}`;

export interface Call {
  readonly as?: Who;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; tests state its shape. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** The real API on a free port, over a real PostgreSQL with one MSP, two customers and a key for each of their roles. */
export interface ApiFixture {
  readonly database: TestDatabase;
  readonly api: RunningApi;
  readonly masterKeys: MasterKeysConfig;
  /** The key of a role. */
  keyOf(who: Who): string;
  call(method: string, path: string, call?: Call): Promise<ApiAnswer>;
  /** Another API over another address of the database, without a key to sign with. */
  startAnother(
    databaseUrl: string,
    http?: Partial<HttpConfig>,
    masterKeys?: MasterKeysConfig,
    reachedAt?: string,
  ): Promise<RunningApi>;
  stop(): Promise<void>;
}

/** Tests call far more often than people do; those of limits set their own. */
export const CORES = 24;

const HTTP: HttpConfig = { host: '127.0.0.1', port: 0, bodyLimitBytes: 262_144 };
const logger = createLogger('api', 'silent');

/** How mails come in; they do not when nothing is said. */
export interface MailSettings {
  readonly ticketMail?: TicketMailConfig;
  readonly mailDns?: MailDns;
  readonly mailLookMs?: number;
}

export async function startApiFixture(
  secretsFile: string | null = null,
  ownHttp: Partial<HttpConfig> = {},
  mails: MailSettings = {},
): Promise<ApiFixture> {
  const database = await createTestDatabase();
  const keys = await seed(database);
  const dir = mkdtempSync(join(tmpdir(), 'stellwerk-api-'));
  const keyFile = join(dir, 'signing.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  const ownKeys = testMasterKeys();
  // known beforehand: issuers send people back to it
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const start = (
    url: string,
    signingKeyFile: string | null,
    http: Partial<HttpConfig> = {},
    masterKeys = ownKeys,
    reachedAt = publicUrl,
    mails: MailSettings = {},
  ): Promise<RunningApi> => {
    const kafka = { brokers: [], prefix: 'test.' };
    const settings = {
      http: { ...HTTP, ...ownHttp, ...http },
      kafka,
      signingKeyFile,
      masterKeys,
      secretsFile,
      publicUrl: reachedAt,
      cores: CORES,
      ...(mails.ticketMail && { ticketMail: mails.ticketMail }),
    };
    const { mailDns, mailLookMs } = mails;
    const options = { logger, ...(mailDns && { mailDns }), ...(mailLookMs && { mailLookMs }) };
    return startApi({ database: { url, poolSize: 10 }, ...settings }, options);
  };
  const api = await start(database.urlFor('api'), keyFile, { port }, ownKeys, publicUrl, mails);
  const others: RunningApi[] = [];
  return {
    database,
    api,
    masterKeys: ownKeys,
    keyOf: (who) => keys.get(who)!,
    call: (method, path, call = {}) =>
      callApi(api.url, method, path, { ...call, headers: { ...bearer(keys, call.as), ...call.headers } }),
    startAnother: async (url, http, masterKeys, reachedAt) => {
      const other = await start(url, null, http, masterKeys, reachedAt);
      others.push(other);
      return other;
    },
    stop: async () => {
      for (const running of [...others, api]) await running.stop();
      await database.drop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Calls an API by real HTTP. */
export async function callApi(url: string, method: string, path: string, call: Call): Promise<ApiAnswer> {
  const sent = call.raw ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
  const type: Record<string, string> = sent === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url + path, {
    method,
    headers: { ...type, ...call.headers },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await response.text();
  const faults = response.headers.getSetCookie().flatMap(cookieFaults);
  if (faults.length > 0) throw new Error(`${method} ${path} sets a cookie that is not safe: ${faults.join(', ')}`);
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : null,
  };
}

/** Headers with a new idempotency key. */
export function fresh(): Record<string, string> {
  return { 'idempotency-key': randomUUID() };
}

function bearer(keys: ReadonlyMap<string, string>, who: Who | undefined): Record<string, string> {
  return who ? { authorization: `Bearer ${keys.get(who)}` } : {};
}

async function seed(database: TestDatabase): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  for (const { id, kind, roles } of TENANTS) {
    await database.admin
      .insertInto('tenants')
      .values({ id, kind, name: id, time_zone: 'Europe/Berlin' })
      // a migration makes the MSP's
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    if (kind === 'customer') await goLive(database.admin, id);
    for (const role of roles) {
      const key = newApiKey();
      keys.set(`${id}/${role}`, key);
      const row = {
        tenant_id: id,
        id: newId(),
        role,
        subject: `${role}@${id}`,
        name: 'test',
        key_hash: hashOfApiKey(key),
      };
      await database.admin.insertInto('api_keys').values(row).execute();
    }
  }
  return keys;
}
