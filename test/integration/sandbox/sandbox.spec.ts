import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTransport, type Transporter } from 'nodemailer';
import {
  nordlicht,
  startSandbox,
  type ReceivedCall,
  type ReceivedMail,
  type Sandbox,
  type SandboxDescription,
} from '../../../tools/sandbox/index.js';
import { testStack } from '../../support/test-stack.js';
import { change, read, Resources, slapdRoot } from './sandbox-fixture.js';

const resources = new Resources();
let dir: string;
let sandbox: Sandbox;
let base: string;

async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${base}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Answer;
}

function transport(overrides: { pass?: string } = {}): Transporter {
  const { host, port, user, password, caFile } = sandbox.description.mail;
  const auth = { user, pass: overrides.pass ?? password };
  const options = { host, port, requireTLS: true, auth, tls: { ca: readFileSync(caFile), servername: 'localhost' } };
  return resources.add(createTransport(options), (one) => one.close());
}

beforeAll(async () => {
  dir = resources.folder();
  const samba = testStack();
  const options = { dir, port: 0, slapdRoot: slapdRoot(), samba };
  sandbox = resources.add(await startSandbox(options), (one) => one.stop());
  base = sandbox.description.http.url;
});

afterAll(() => resources.cleanUp());

describe('the sandbox', () => {
  it('is healthy and describes itself', async () => {
    expect(await call('GET', '/health')).toEqual({ status: 'ok' });
    const description = await call<SandboxDescription>('GET', '/');
    expect(Object.keys(description.tenants)).toEqual(['muster', 'nordlicht']);
    const access = sandbox.description.tenants['nordlicht'];
    if (!access) throw new Error('nordlicht is missing');
    const { searchEntries } = await (await resources.service(access)).search(access.peopleOu, { scope: 'one' });
    expect(searchEntries).toHaveLength(nordlicht.people.length);
  });

  it('keeps its passwords readable to the owner only', () => {
    for (const file of ['passwords.json', 'muster/passwords.json', 'muster/slapd.conf', 'tls/server-key.pem']) {
      expect(statSync(join(dir, file)).mode & 0o077).toBe(0);
    }
  });

  it('answers only to its own names', async () => {
    expect((await fetch(`${base}/gate/nobody/hold`)).status).toBe(404);
    expect((await fetch(`${base}/gate/muster/hold`, { method: 'POST', body: 'x' })).status).toBe(400);
  });
});

describe('the gate over HTTP', () => {
  it('holds an answer, tells so by long poll and releases it', async () => {
    const access = sandbox.description.tenants['muster'];
    if (!access) throw new Error('muster is missing');
    const dn = `uid=jana.keller,${access.peopleOu}`;
    const [service, root] = [await resources.service(access), await resources.root(access)];
    expect(await call('POST', '/gate/muster/hold', { entry: 'jana.keller' })).toEqual({ state: 'armed' });
    const holding = call('GET', '/gate/muster/hold?wait=30');
    const write = service.modify(dn, change('replace', 'title', 'Assistentin'));
    expect(await holding).toMatchObject({ state: 'holding', operation: 'modify', dn });
    expect(await read(root, dn, 'title')).toEqual(['Assistentin']);
    expect((await fetch(`${base}/gate/muster/hold`, { method: 'POST' })).status).toBe(409);
    expect(await call('DELETE', '/gate/muster/hold')).toEqual({ state: 'idle' });
    await write;
    const writes = await call<{ dn: string }[]>('GET', '/directory/muster/writes');
    expect(writes.filter((one) => one.dn === dn)).toHaveLength(1);
  });

  it('takes one customer offline and not the other', async () => {
    const { muster, nordlicht: other } = sandbox.description.tenants;
    if (!muster || !other) throw new Error('a customer is missing');
    expect(await call('POST', '/gate/muster/offline')).toEqual({ online: false });
    await expect(resources.service(muster)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(resources.service(other)).resolves.toBeDefined();
    expect(await call('POST', '/gate/muster/online')).toEqual({ online: true });
    await expect(resources.service(muster)).resolves.toBeDefined();
  });
});

describe('mail', () => {
  const mail = { from: 'Stellwerk <noreply@msp.example>', subject: 'Zugang für Jana Keller', text: 'Grüße' };

  it('is received, parsed and found again', async () => {
    const to = 'markus.hoffmann@muster.example';
    const arrival = call<ReceivedMail[]>('GET', `/mails?to=${to}&wait=30`);
    await transport().sendMail({ ...mail, to, html: '<b>Grüße</b>', headers: { 'X-Run': '42' } });
    const [received] = await arrival;
    expect(received).toMatchObject({
      from: 'noreply@msp.example',
      to: [to],
      subject: mail.subject,
      messageId: expect.stringContaining('@'),
      text: expect.stringContaining('Grüße'),
      html: expect.stringContaining('<b>Grüße</b>'),
      encrypted: true,
    });
    expect(received?.headers['x-run']).toBe('42');
    expect(readFileSync(join(dir, 'mail', `${received?.id}.eml`), 'utf8')).toContain('X-Run: 42');
    expect(await call('GET', '/mails?to=nobody@muster.example')).toEqual([]);
    await call('DELETE', '/mails');
    expect(await call('GET', '/mails')).toEqual([]);
  });

  it('bounces, greylists once and refuses wrong credentials', async () => {
    const send = (to: string, pass?: string): Promise<unknown> =>
      transport(pass === undefined ? {} : { pass }).sendMail({ ...mail, to });
    await expect(send('bounce@muster.example')).rejects.toMatchObject({ responseCode: 550 });
    await expect(send('greylist@muster.example')).rejects.toMatchObject({ responseCode: 451 });
    await expect(send('greylist@muster.example')).resolves.toBeDefined();
    await expect(send('petra.vogelsang@muster.example', 'falsch')).rejects.toMatchObject({ responseCode: 535 });
  });

  it('can be offline', async () => {
    await call('POST', '/mail/offline');
    await expect(transport().sendMail({ ...mail, to: 'a@muster.example' })).rejects.toMatchObject({ code: 'ESOCKET' });
    await call('POST', '/mail/online');
    await expect(transport().sendMail({ ...mail, to: 'a@muster.example' })).resolves.toBeDefined();
  });
});

describe('hooks', () => {
  it('records a call with its headers and body', async () => {
    const url = `${base}/hooks/erp/v1/users?dry=1`;
    const response = await fetch(url, { method: 'PUT', body: '{"a":1}', headers: { 'Idempotency-Key': 'run-7' } });
    expect(response.status).toBe(200);
    const [received] = await call<ReceivedCall[]>('GET', '/hooks?name=erp');
    expect(received).toMatchObject({ method: 'PUT', path: '/hooks/erp/v1/users?dry=1', body: '{"a":1}' });
    expect(received?.headers['idempotency-key']).toBe('run-7');
  });

  it('answers as it was told', async () => {
    await call('PUT', '/hooks/crm', { status: 503, body: { error: 'busy' } });
    const response = await fetch(`${base}/hooks/crm`, { method: 'POST' });
    expect([response.status, await response.json()]).toEqual([503, { error: 'busy' }]);
    expect((await fetch(`${base}/hooks/crm`, { method: 'PUT', body: '{"status":42}' })).status).toBe(400);
  });

  it('holds one answer until the behaviour is set again', async () => {
    await call('PUT', '/hooks/shop', { status: 200, holdOnce: true });
    let answered = false;
    const held = fetch(`${base}/hooks/shop`, { method: 'POST' }).then(() => (answered = true));
    expect(await call<ReceivedCall[]>('GET', '/hooks?name=shop&wait=30')).toHaveLength(1);
    expect((await fetch(`${base}/hooks/shop`, { method: 'POST' })).status).toBe(200);
    expect(answered).toBe(false);
    await call('PUT', '/hooks/shop', { status: 200 });
    await held;
    expect(await call<ReceivedCall[]>('GET', '/hooks?name=shop&count=2&wait=30')).toHaveLength(2);
  });
});
