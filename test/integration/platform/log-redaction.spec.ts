import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { Client as LdapClient } from 'ldapts';
import nodemailer from 'nodemailer';
import pg from 'pg';
import { fetch as undiciFetch } from 'undici';
import { createLogger, hideFromLogs } from '#libs/platform/observability';
import { FileSecrets } from '#libs/platform/secrets';
import { holdersOf } from '../../support/secret-search.js';
import { testStack } from '../../support/test-stack.js';

const lines: string[] = [];
const logger = createLogger('test', 'trace', { write: (line: string) => void lines.push(line) });
const planted = (): string => `Geplant-${randomBytes(9).toString('base64url')}`;

/** Logs in every way that the product does; the secret must be in no line. */
async function expectCut(secret: string, failing: () => Promise<unknown>, fields: object = {}): Promise<void> {
  lines.length = 0;
  const error = await failing().then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  logger.error({ err: error, ...fields }, 'activity failed');
  logger.error(error as Error);
  logger.warn({ err: new Error(`wrapped: ${String((error as Error).message)}`, { cause: error }) }, 'wrapped');
  logger.warn({ temporal: { error, attempt: 1 } }, `it failed: ${String((error as Error).message)}`);
  expect(lines).toHaveLength(4);
  expect(holdersOf([secret], { log: lines.join('') })).toEqual([]);
  expect(lines.join('')).not.toContain('it did not fail');
}

const unreachable = { host: '127.0.0.1', port: 1 };

describe('a secret never gets into the log', () => {
  it('by an error of pg that quotes a parameter, nor by an address with a password', async () => {
    const secret = planted();
    hideFromLogs(secret);
    const client = new pg.Client({ connectionString: testStack().postgresUrl });
    await client.connect();
    await expectCut(secret, () => client.query('SELECT $1::int', [secret]));
    await client.end();
    const url = `postgres://stellwerk:${planted()}@127.0.0.1:1/x`;
    await expectCut(new URL(url).password, () => new pg.Client({ connectionString: url }).connect(), { url });
  });

  it('by an error of ldapts, with the connection beside it', async () => {
    const secret = planted();
    const client = new LdapClient({ url: 'ldap://127.0.0.1:1', connectTimeout: 500 });
    await expectCut(secret, () => client.bind('cn=x', secret), { bind: { dn: 'cn=x', bindPassword: secret } });
  });

  it('by an error of nodemailer, with its transport beside it', async () => {
    const secret = planted();
    const auth = { user: 'x', pass: secret };
    const transport = nodemailer.createTransport({ ...unreachable, auth });
    const line = `535 5.7.8 failed: AUTH PLAIN ${Buffer.from(`\0x\0${secret}`).toString('base64')}`;
    await expectCut(secret, () => transport.sendMail({ to: 'a@b.example', text: 'x' }), { auth, command: line });
  });

  it('by an error of undici that quotes an address, nor by headers', async () => {
    const secret = planted();
    const headers = { authorization: `Bearer ${secret}`, cookie: `stellwerk-session=${secret}`, 'x-api-key': secret };
    await expectCut(secret, () => undiciFetch(`http://user:${secret}@127.0.0.1:1/`), { request: { headers } });
    await expectCut(secret, () => undiciFetch('http://127.0.0.1:1/', { headers }), { request: { deep: { headers } } });
  });

  it('by an error of kafkajs, with its login beside it', async () => {
    const secret = planted();
    const sasl = { mechanism: 'plain' as const, username: 'x', password: secret };
    const kafka = new Kafka({ brokers: ['127.0.0.1:1'], sasl, retry: { retries: 0 }, logLevel: logLevel.NOTHING });
    await expectCut(secret, () => kafka.admin().connect(), { kafka: { sasl } });
  });

  it('by an error of JSON that quotes a broken secrets file', async () => {
    const secret = planted();
    const dir = mkdtempSync(join(tmpdir(), 'stellwerk-log-'));
    const file = join(dir, 'secrets.json');
    writeFileSync(file, `{"muster": {"ldap": ${secret}}}`);
    await expectCut(secret, () => new FileSecrets(file).resolve('muster', 'secret://ldap'));
    rmSync(dir, { recursive: true });
  });

  it.each([
    ['a bearer token', (secret: string) => `sent Bearer ${secret}`],
    ['a cookie', (secret: string) => `cookie: stellwerk-session=${secret}; other=1`],
    ['a password in a query', (secret: string) => `GET /x?user=a&password=${secret}&b=1`],
    ['a token in JSON', (secret: string) => `{"access_token":"${secret}"}`],
    ['an API key', (secret: string) => `key swk_${secret.replace('-', '_')}${'x'.repeat(20)}`],
    ['a one-time link', (secret: string) => `https://portal.example/hand-over/${secret}${'x'.repeat(30)}`],
    ['a private key', (secret: string) => `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`],
    ['a Vault token', (secret: string) => `hvs.${secret}`],
  ])('as %s in a message', async (_what, text) => {
    const secret = planted();
    await expectCut(secret, () => Promise.reject(new Error(text(secret))), {
      note: text(secret),
      list: [text(secret)],
    });
  });

  it('and what is none stays readable', () => {
    lines.length = 0;
    const circle: Record<string, unknown> = { attempt: 3 };
    circle['self'] = circle;
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    const err = new Error('secret://directory-bind of muster is not known.', { cause });
    logger.warn({ err, circle, tenant: 'muster', secretRef: 'secret://directory-bind', workflowId: 'a/b/c' }, 'waits');
    const line = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(line).toMatchObject({
      msg: 'waits',
      tenant: 'muster',
      secretRef: 'secret://directory-bind',
      circle: { attempt: 3, self: '[…]' },
      err: {
        type: 'Error',
        message: 'secret://directory-bind of muster is not known.',
        cause: { message: 'connect ECONNREFUSED 127.0.0.1:1', code: 'ECONNREFUSED' },
      },
    });
  });
});
