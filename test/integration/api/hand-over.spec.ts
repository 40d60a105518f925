import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { systemClock } from '#libs/kernel';
import { openDatabase, type Database } from '#libs/platform/database';
import { newLinkToken, OneTimeLinks, type OfferedLink } from '#libs/platform/secrets';
import { startApi, type RunningApi } from '../../../apps/api/create-api.js';
import { keepHouse } from '../../../apps/bridge/housekeeping.js';
import { fresh, startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { LOCKED, RequestFactory } from '../../support/api/request.factory.js';
import { testMasterKeys } from '../../support/master-keys.js';

const PASSWORD = 'Grün&<7-Tal"mühle';

let fixture: ApiFixture;
let api: RunningApi;
let worker: Database;
const log: string[] = [];

beforeAll(async () => {
  fixture = await startApiFixture();
  worker = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 2 }, 'test-links');
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  api = await startApi(
    {
      database: { url: fixture.database.urlFor('api'), poolSize: 10 },
      http: { host: '127.0.0.1', port: 0, bodyLimitBytes: 1024 },
      kafka: { brokers: [], prefix: 'test.' },
      signingKeyFile: null,
      secretsFile: null,
      publicUrl: 'http://127.0.0.1:1',
      cores: 24,
      masterKeys: testMasterKeys(),
    },
    { logger },
  );
});
afterAll(async () => {
  await api.stop();
  await worker.destroy();
  await fixture.stop();
});

interface Offered {
  readonly token: string;
  readonly runId: string;
  readonly requestId: string;
  readonly links: OneTimeLinks;
  readonly link: OfferedLink;
}

/** A link as a step makes it, with the worker's rights. */
async function offered(validHours = 72): Promise<Offered> {
  const { runId, id } = await RequestFactory.of('muster')
    .inStatus('closed')
    .withRun('completed')
    .in(fixture.database.admin);
  const token = newLinkToken();
  const links = new OneTimeLinks(worker, api.url);
  const place = { tenant: 'muster', runId, stepId: 'hand_over_password' };
  const link = await links.offer({ ...place, token, secret: PASSWORD, validHours });
  return { token, runId, requestId: id, links, link };
}

/** What a browser sends. */
async function open(url: string, method: 'GET' | 'POST' = 'GET', language = 'de-DE,de;q=0.9') {
  const type = method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
  const response = await fetch(url, { method, headers: { 'accept-language': language, ...type } });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const SHOWN = 'Grün&#38;&#60;7-Tal&#34;mühle';

async function expire({ link }: Offered): Promise<void> {
  await sql`UPDATE one_time_links SET expires_at = now() - interval '1 second' WHERE id = ${link.id}`.execute(
    fixture.database.admin,
  );
}

const rowOf = ({ link }: Offered) =>
  fixture.database.admin.selectFrom('one_time_links').selectAll().where('id', '=', link.id).executeTakeFirstOrThrow();

const statesOf = async ({ runId }: Offered) =>
  (await fixture.call('GET', `/v1/runs/${runId}/hand-overs`, { as: 'muster/auditor' })).body.items;

describe('opening a one-time link', () => {
  it('shows a page without the secret, as often as mail scanners like, in the reader’s language', async () => {
    const { link, token } = await offered();
    for (let scan = 0; scan < 3; scan += 1) {
      const { status, text } = await open(link.url);
      expect(status).toBe(200);
      expect(text).toContain('Kennwort anzeigen');
      expect(text).toContain('(Europe/Berlin)');
      expect(text).not.toContain(token);
      expect(text).not.toContain(SHOWN);
    }
    expect((await open(link.url, 'GET', 'fr, en;q=0.5')).text).toContain('<html lang="en">');
    expect((await open(link.url, 'POST')).text).toContain(SHOWN);
  });

  it('answers pages that nothing leaks out of', async () => {
    const { link } = await offered();
    for (const method of ['GET', 'POST', 'POST'] as const) {
      const { headers, text } = await open(link.url, method);
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-robots-tag')).toBe('noindex, nofollow');
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      );
      expect(text).toMatch(/^<!doctype html>\n<html lang="de">/);
      expect(text).toMatch(/<title>[^<]+<\/title>[^]*<main>\n<h1>[^<]+<\/h1>/);
      expect(text).not.toMatch(/<script|https?:|src=|href=/);
    }
  });
});

describe('collecting the password', () => {
  it('waits while the customer is suspended, and the link is not used up', async () => {
    const one = await offered();
    const stands = (now: string) =>
      sql`UPDATE tenants SET status = ${now} WHERE id = 'muster'`.execute(fixture.database.admin);
    await stands('suspended');
    for (const method of ['GET', 'POST'] as const) {
      const { status, text } = await open(one.link.url, method);
      expect([status, text]).toEqual([403, expect.stringContaining('Zugang Ihres Unternehmens ruht')]);
      expect(text).not.toContain(SHOWN);
    }
    await stands('active');
    expect((await open(one.link.url, 'POST')).text).toContain(SHOWN);
  });

  it('is for the first of many who ask at once; then the page says what to do', async () => {
    const one = await offered();
    const answers = await Promise.all(Array.from({ length: 8 }, () => open(one.link.url, 'POST')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(410)]);
    expect(answers.filter(({ text }) => text.includes(SHOWN))).toHaveLength(1);
    const again = await open(one.link.url);
    expect(again).toMatchObject({ status: 410, text: expect.stringContaining('schon abgeholt') });
    expect(again.text).toContain('Melden Sie sich sofort bei Ihrer IT');
    expect(await rowOf(one)).toMatchObject({ ciphertext: null, revealed_at: expect.any(Date) });
  });

  it('stands in the history and in one event, by ids alone', async () => {
    const one = await offered();
    await open(one.link.url, 'POST');
    await open(one.link.url, 'POST');
    const run = await fixture.call('GET', `/v1/runs/${one.runId}`, { as: 'muster/auditor' });
    expect(run.body.timeline).toMatchObject([
      { kind: 'password_collected', step: 'hand_over_password', data: { linkId: one.link.id } },
    ]);
    const events = await fixture.database.admin
      .selectFrom('outbox')
      .selectAll()
      .where('key', '=', `muster/run/${one.runId}`)
      .execute();
    expect(events.map(({ headers, value }) => [headers['ce_type'], JSON.parse(value.toString())])).toEqual([
      [
        'de.stellwerk.secret.link.revealed.v1',
        { linkId: one.link.id, requestId: one.requestId, runId: one.runId, stepId: 'hand_over_password' },
      ],
    ]);
    expect(await statesOf(one)).toEqual([
      expect.objectContaining({ state: 'collected', collectedAt: expect.any(String) }),
    ]);
  });

  it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(190)])('of an unknown token %p is a page with 404', async (token) => {
    if (token === '') return expect((await open(`${api.url}/hand-over/`)).status).toBe(404);
    for (const method of ['GET', 'POST'] as const) {
      const { status, text } = await open(`${api.url}/hand-over/${token}`, method);
      expect({ status, text }).toMatchObject({
        status: 404,
        text: expect.stringContaining('Diesen Link gibt es nicht'),
      });
    }
  });

  it('takes no form with fields', async () => {
    const { link } = await offered();
    const body = new URLSearchParams({ a: 'b' });
    expect((await fetch(link.url, { method: 'POST', body })).status).toBe(415);
    expect((await open(link.url, 'POST')).status).toBe(200);
  });

  it('says so and keeps the link while the database is away', async () => {
    const { token } = await offered();
    const away = await fixture.startAnother('postgres://stellwerk_api:x@127.0.0.1:1/none');
    const { status, headers, text } = await open(`${away.url}/hand-over/${token}`, 'POST', 'en');
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('60');
    expect(text).toContain('not used up');
  });
});

describe('a link that nobody opens', () => {
  it('expires: no password, its ciphertext deleted, and the history says so once', async () => {
    const one = await offered();
    await expire(one);
    for (const method of ['GET', 'POST'] as const)
      expect(await open(one.link.url, method)).toMatchObject({
        status: 410,
        text: expect.stringContaining('ist abgelaufen'),
      });
    expect(await statesOf(one)).toMatchObject([{ state: 'expired', collectedAt: null }]);
    const bridge = openDatabase({ url: fixture.database.urlFor('bridge'), poolSize: 2 }, 'test-bridge');
    const logger = pino({ level: 'silent' });
    await Promise.all([keepHouse(bridge, systemClock.now(), logger), keepHouse(bridge, systemClock.now(), logger)]);
    await bridge.destroy();
    expect(await rowOf(one)).toMatchObject({ ciphertext: null, expired_at: expect.any(Date) });
    const { timeline } = (await fixture.call('GET', `/v1/runs/${one.runId}`, { as: 'muster/auditor' })).body;
    expect(timeline).toMatchObject([{ kind: 'link_expired', step: 'hand_over_password' }]);
  });

  it('can be revoked, and is valid anew when its step repeats', async () => {
    const one = await offered(1);
    await expire(one);
    const repeated = await one.links.offer({ ...one.link, token: one.token, secret: PASSWORD, validHours: 2 });
    expect(repeated).toMatchObject({ id: one.link.id, state: 'open', url: one.link.url });
    expect((await open(one.link.url)).status).toBe(200);
    expect(await one.links.revoke('muster', one.link.id)).toMatchObject({ state: 'revoked' });
    expect(await open(one.link.url, 'POST')).toMatchObject({
      status: 410,
      text: expect.stringContaining('zurückgezogen'),
    });
    expect(await rowOf(one)).toMatchObject({ ciphertext: null });
    expect(await one.links.offer({ ...one.link, token: one.token, secret: PASSWORD, validHours: 2 })).toMatchObject({
      state: 'revoked',
    });
  });

  it('cannot be revoked once it was collected', async () => {
    const one = await offered();
    await open(one.link.url, 'POST');
    expect(await one.links.revoke('muster', one.link.id)).toMatchObject({ state: 'collected' });
  });
});

describe('what is kept', () => {
  it('has neither token nor password: not the log, not the table, whoever reads it', async () => {
    const one = await offered();
    await open(`${one.link.url}/`);
    await open(`${api.url}/Hand-Over/${one.token}`);
    await open(`${api.url}//hand-over/${one.token}?x=${one.token}`);
    await open(one.link.url.replace('hand-over', 'hand%2Dover'));
    await open(`${one.link.url}.`);
    await open(one.link.url, 'POST');
    const logged = log.join('');
    expect(logged).toContain('"path":"/hand-over/:token"');
    expect(logged).not.toContain(one.token);
    expect(logged).not.toContain(PASSWORD);
    const { rows } = await sql<{ text: string }>`SELECT l::text AS text FROM one_time_links l`.execute(
      fixture.database.admin,
    );
    const table = rows.map((row) => row.text).join('\n');
    for (const secret of [one.token, PASSWORD, Buffer.from(one.token, 'base64url').toString('hex')])
      expect(table).not.toContain(secret);
  });
});

describe('a reinstatement', () => {
  it('may say who gets the new password', async () => {
    const { admin } = fixture.database;
    const { runId } = await RequestFactory.of('muster')
      .inStatus('closed')
      .withRun('completed')
      .wrote('reset_password', LOCKED)
      .in(admin);
    await admin
      .updateTable('run_steps')
      .set({
        block: 'ldap.user.reset-password',
        before_image: sql`before_image || '{"irreversible": "The old password cannot be read."}'`,
      })
      .where('run_id', '=', runId)
      .execute();
    const passwordTo = ['eva@privat.example'];
    const answer = await fixture.call('POST', `/v1/runs/${runId}/reinstate`, {
      as: 'muster/requester',
      body: { passwordTo },
      headers: fresh(),
    });
    expect(answer.status).toBe(202);
    const shown = await fixture.call('GET', `/v1/requests/${answer.body.id}`, { as: 'muster/auditor' });
    expect(shown.body.body).toMatchObject({ runId, passwordTo });
  });
});
