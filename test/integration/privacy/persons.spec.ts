import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { runEnded } from '#libs/events';
import { AppError, newId, systemClock } from '#libs/kernel';
import { appendAudit, chainEntries, verifyAudit } from '#libs/platform/audit';
import { inTenants, openDatabase } from '#libs/platform/database';
import { shareHolds } from '#libs/tenancy';
import { DeadLetterStore } from '../../../apps/bridge/dispatch/dead-letter.store.js';
import { fresh, startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { eventually } from '../../support/eventually.js';
import { LOCKED, RequestFactory } from '../../support/api/request.factory.js';
import { agreement } from '../../support/api/tenancy.factory.js';
import { rowsOf } from '../api/scan/tenant-tables.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture.stop());

class UnreadableEvent extends AppError {
  readonly code = 'event.unreadable';
  readonly title = 'No event';
  readonly kind = 'malformed';
}

const EVA = { user: 'eva.beck', mail: 'eva@privat.example', alsoNamed: ['Eva Beck', '+49 431 7712'] };
const send = (method: string, path: string, body?: unknown, as: Who = 'muster/customer_admin') =>
  fixture.call(method, path, { as, body, headers: fresh() });
const erase = (who: object = EVA, as: Who = 'muster/customer_admin') =>
  send('POST', '/v1/tenants/muster/person-erasures', { ...who, reason: 'Art. 17, asked by Eva Beck' }, as);
const closeRequests = () =>
  fixture.database.admin.updateTable('requests').set({ status: 'closed' }).where('subject', '=', 'eva.beck').execute();

const EVAS = /eva.beck|privat\.example|431 7712|eva beck/i;
/** A row as JSON, and after it what its columns of bytes say, in three ways of reading. */
const withBytes = (row: string): string =>
  [...row.matchAll(/\\\\x([0-9a-f]+)/g)]
    .map(([, hex]) => Buffer.from(hex!, 'hex'))
    .flatMap((bytes) => [bytes.toString('utf8'), bytes.toString('latin1'), bytes.toString('utf16le')])
    .reduce((whole, text) => `${whole}\n${text}`, row);

/** A leaver whose traces are everywhere; who approved, and another leaver, are not to be touched. */
async function leaveTraces(): Promise<void> {
  const { admin } = fixture.database;
  const body = JSON.stringify({
    type: 'offboarding',
    user: 'eva.beck',
    startsAt: '2026-01-31T16:00:00.000Z',
    notify: { mail: ['eva@privat.example'] },
    note: 'Eva Beck moves to Kiel',
  });
  const about = RequestFactory.of('muster').about('eva.beck').with({ body }).planned().inStatus('closed');
  const { runId } = await about.withRun('completed').wrote('disable_sign_in', LOCKED).in(admin);
  await admin
    .updateTable('run_steps')
    .set({ evidence: JSON.stringify({ by: 'read-back', phone: '+49 431 7712', dn: 'uid=eva.beck,ou=people' }) })
    .where('run_id', '=', runId)
    .execute();
  const contact = { tenant_id: 'muster', id: newId(), name: 'Eva Beck', role: 'technical' as const, changed_by: 'x' };
  await admin
    .insertInto('contacts')
    .values({ ...contact, mail: EVA.mail, phone: '+49 431 7712', external_references: '{"crm":"eva.beck"}' })
    .execute();
  const person = { tenant_id: 'muster', id: newId(), subject: 'eva.beck@muster', display_name: 'Eva Beck' };
  await sql`ALTER TABLE people DISABLE TRIGGER refuse_account_of_leaver`.execute(admin);
  await admin
    .insertInto('people')
    .values({ ...person, mail: EVA.mail, language: 'de', status: 'closed', closed_by: 'x', source: 'invitation' })
    .execute();
  await RequestFactory.of('muster', 'eva.beck@muster').about('tom.ahlers').inStatus('closed').in(admin);
  const asApi = openDatabase({ url: fixture.database.urlFor('api'), poolSize: 1 }, 'test');
  await inTenants(asApi, ['muster'], (tx) =>
    appendAudit(tx, 'muster', {
      ...{ action: 'plan.approved', actor: 'eva.beck@muster', object: { kind: 'request', id: newId() } },
      reason: 'Eva Beck agreed',
    }),
  );
  await asApi.destroy();
  await admin
    .insertInto('webhook_subscriptions')
    .values([hook('eva.beck'), hook('tom.ahlers')])
    .execute();
}

/** A receiver whose address names somebody, and lets whoever has it in. */
const hook = (user: string) => ({
  ...{ tenant_id: 'muster', id: newId(), event_types: ['de.stellwerk.run.ended.v1'], created_by: 'x' },
  url: `https://${user}.hooks.example/${user}?token=t0ken`,
});

/** What nobody could read, as the bridge buries it: in every form that bytes have arrived in. */
const LETTERS = {
  json: [Buffer.from('{"user":"eva.beck","note":"Eva\\u0020Beck leaves","phone":"+49 431 7712"}'), 'muster/eva.beck'],
  text: [Buffer.from('user=eva.beck;mail=eva@privat.example'), null],
  cut: [Buffer.from('{"user":"eva.beck","note":'), null],
  latin1: [Buffer.from('Kündigung von Eva Beck', 'latin1'), null],
  utf16: [Buffer.from('Eva Beck geht', 'utf16le'), null],
  others: [Buffer.from('{ "user": "tom.ahlers" }'), 'muster/tom'],
} as const;

async function buryLetters(tenant: string): Promise<void> {
  const bridge = openDatabase({ url: fixture.database.urlFor('bridge'), poolSize: 1 }, 'test');
  const error = new UnreadableEvent('No event: by eva.beck@muster.');
  const burials = Object.entries(LETTERS).map(([form, [value, key]], at) => ({
    tenant,
    error,
    record: {
      ...{ topic: `letters.${tenant}`, partition: 0, offset: BigInt(at), value, key: key && Buffer.from(key) },
      headers: { form, who: form === 'others' ? 'tom' : 'Eva Beck\u0000' },
      undecodable: form === 'others' ? {} : { who: Buffer.from('Eva Beck\x80', 'latin1') },
      timestamp: '0',
    },
  }));
  await new DeadLetterStore(bridge).bury(burials);
  await bridge.destroy();
}

const lettersOf = (tenant: string) =>
  fixture.database.admin
    .selectFrom('dead_letters')
    .select(['headers', 'key', 'value', 'reason'])
    .where('tenant_id', '=', tenant)
    .orderBy('kafka_offset')
    .execute();

/** A decision's event of the first version, which named who decided and why. */
async function sendOldEvent(): Promise<string> {
  const event = newId();
  await fixture.database.admin
    .insertInto('outbox')
    .values({
      ...{
        tenant_id: 'muster',
        event_id: event,
        shard: 0,
        topic: 'stellwerk.request.v1',
        key: 'muster/old',
        sequence: 1,
      },
      headers: JSON.stringify({ ce_id: event }),
      value: Buffer.from(JSON.stringify({ decidedBy: 'eva.beck@muster', reason: 'Eva Beck agreed' })),
      sent_at: sql<Date>`now()`,
    })
    .execute();
  return event;
}

describe('a person’s data', () => {
  it('are given in full where rows are about them, and without others where they are only named', async () => {
    await leaveTraces();
    const { status, body } = await send('POST', '/v1/tenants/muster/person-data', EVA);
    expect(status).toBe(200);
    const tables = new Map<string, { about: boolean; content: Record<string, unknown> }[]>(
      body.tables.map((one: { table: string; rows: [] }) => [one.table, one.rows]),
    );
    expect([...tables.keys()]).toEqual(
      expect.arrayContaining(['requests', 'runs', 'run_steps', 'plans', 'contacts', 'people', 'audit_entries']),
    );
    const own = tables.get('requests')!.find(({ about }) => about)!;
    expect(own.content).toMatchObject({ subject: 'eva.beck', body: { note: 'Eva Beck moves to Kiel' } });
    const asRequester = tables.get('requests')!.find(({ about }) => !about)!;
    expect(asRequester.content).toMatchObject({ requested_by: 'eva.beck@muster' });
    expect(JSON.stringify(asRequester)).not.toContain('tom.ahlers');
    expect(JSON.stringify(body)).not.toContain('key_hash');
    const page = await send('POST', '/v1/tenants/muster/person-data/page?lang=de', EVA);
    expect(page.text).toContain('Auskunft über personenbezogene Daten');
    expect(page.headers.get('content-security-policy')).toContain(`default-src 'none'`);
  });

  it('are found in the bytes of dead letters and events, in whatever encoding they came', async () => {
    await buryLetters('muster');
    await buryLetters('nordlicht');
    await sendOldEvent();
    const { body } = await send('POST', '/v1/tenants/muster/person-data', EVA);
    const rowsIn = (name: string): { content: Record<string, unknown> }[] =>
      body.tables.find(({ table }: { table: string }) => table === name).rows;
    const letters = rowsIn('dead_letters').map(({ content }) => content['value'] as string);
    expect(letters.filter((text) => EVAS.test(text))).toHaveLength(Object.keys(LETTERS).length - 1);
    expect(letters.join()).toContain('Kündigung von Eva Beck');
    expect(JSON.stringify(rowsIn('dead_letters'))).not.toContain('tom.ahlers');
    expect(rowsIn('outbox')).toMatchObject([{ content: { value: expect.stringContaining('Eva Beck agreed') } }]);
  });

  it('keep confidential requests from whoever may not see them, the person they are about included', async () => {
    const { admin } = fixture.database;
    const UNTIL = '2099-01-01T00:00:00Z';
    const secret = RequestFactory.of('muster').about('customer_admin').planned().inStatus('closed');
    const { id } = await secret.with({ confidential_until: UNTIL, confidants: ['boss@muster'] }).in(admin);
    const whole = (await send('POST', '/v1/tenants/muster/person-data', { user: 'customer_admin' }, 'msp/owner')).text;
    const own = (await send('POST', '/v1/tenants/muster/person-data', { user: 'customer_admin' })).text;
    for (const text of [whole, own]) expect(text).not.toContain(id);
    const page = await send('POST', '/v1/tenants/muster/person-data/page?lang=en', { user: 'customer_admin' });
    expect(page.text).not.toContain(id);
    await sql`UPDATE requests SET confidential_until = now() WHERE id = ${id}`.execute(admin);
    expect((await send('POST', '/v1/tenants/muster/person-data', { user: 'customer_admin' })).text).toContain(id);
    await sql`UPDATE requests SET confidential_until = ${UNTIL}, status = 'running' WHERE id = ${id}`.execute(admin);
    const refused = await erase({ user: 'customer_admin' }, 'msp/owner');
    expect(refused.status).toBe(409);
    expect(refused.text).not.toContain(id);
    await admin.deleteFrom('plans').where('request_id', '=', id).execute();
    await admin.deleteFrom('requests').where('id', '=', id).execute();
  });

  it('cannot be asked for at another customer, nor by an approver', async () => {
    expect((await send('POST', '/v1/tenants/nordlicht/person-data', EVA)).status).toBe(404);
    expect((await send('POST', '/v1/tenants/muster/person-data', EVA, 'muster/approver')).status).toBe(403);
  });

  it('cannot be searched by a name that is a pattern, nor by two letters', async () => {
    const { body } = await send('POST', '/v1/tenants/muster/person-data', { user: 'e.*k' });
    expect(body.tables.map((one: { table: string }) => one.table)).not.toContain('requests');
    expect(await erase({ user: 'ev' })).toMatchObject({ status: 422, body: { code: 'privacy.names_invalid' } });
  });
});

/** What could be written again says the same of somebody else, what could not is gone; others' letters have their bytes. */
async function expectLettersWithout(pseudonym: string): Promise<void> {
  const [json, text, cut, latin1, utf16, others] = await lettersOf('muster');
  const asText = (value: Buffer | null | undefined): string => value?.toString('utf8') ?? '';
  expect(JSON.parse(asText(json!.value))).toEqual({ user: pseudonym, note: `${pseudonym} leaves`, phone: pseudonym });
  expect(asText(json!.key)).toBe(`muster/${pseudonym}`);
  expect(asText(text!.value)).toBe(`user=${pseudonym};mail=${pseudonym}`);
  expect(asText(cut!.value)).toBe(`{"user":"${pseudonym}","note":`);
  for (const letter of [latin1!, utf16!]) expect(asText(letter.value)).toBe(pseudonym);
  expect(json!.headers).toMatchObject({ 'who;base64': pseudonym, form: 'json' });
  expect(others!.value).toEqual(LETTERS.others[0]);
  expect((await lettersOf('nordlicht')).map(({ value }) => value)).toEqual(
    Object.values(LETTERS).map(([value]) => value),
  );
}

/** Calls are counted also when they are refused. */
async function rowsButLimits() {
  const rows = [...(await rowsOf(fixture.database.admin, 'muster'))];
  return new Map(rows.filter(([table]) => !table.startsWith('limit_')));
}

describe('an erasure', () => {
  it('is refused while a process, an account, a key or a hold needs the person, and says which', async () => {
    const { admin } = fixture.database;
    const { id } = await RequestFactory.of('muster').about('eva.beck').in(admin);
    // closed by the step of a run, which was taken back
    await admin.updateTable('people').set({ status: 'active' }).where('subject', '=', 'eva.beck@muster').execute();
    const hold = await send('POST', '/v1/tenants/muster/legal-holds', { person: 'Eva.Beck', reason: 'lawsuit' });
    const before = await rowsButLimits();
    const refused = await erase();
    expect(refused).toMatchObject({ status: 409, body: { code: 'privacy.person_still_needed' } });
    const { needs } = refused.body.context as { needs: { need: string; ref: string }[] };
    expect(needs.map(({ need }) => need).sort()).toEqual(['active_account', 'legal_hold', 'open_request']);
    expect(needs.map(({ ref }) => ref)).toEqual(expect.arrayContaining([id, hold.body.id]));
    expect(await rowsButLimits()).toEqual(before);
    await admin.updateTable('people').set({ status: 'closed' }).where('subject', '=', 'eva.beck@muster').execute();
    await closeRequests();
    await send('POST', `/v1/tenants/muster/legal-holds/${hold.body.id}/end`, { reason: 'settled' });
    await admin.deleteFrom('legal_holds').execute();
  });

  it('does not get round a legal hold by other names of the same person', async () => {
    const { admin } = fixture.database;
    const hold = await send(
      'POST',
      '/v1/tenants/muster/legal-holds',
      { person: 'eva.beck', reason: 'lawsuit' },
      'msp/owner',
    );
    const before = await rowsButLimits();
    const refused = await erase({ user: 'zzz.nobody', mail: EVA.mail, alsoNamed: ['Eva Beck'] });
    expect(refused).toMatchObject({ status: 409, body: { code: 'privacy.person_still_needed' } });
    expect(await rowsButLimits()).toEqual(before);
    await send('POST', `/v1/tenants/muster/legal-holds/${hold.body.id}/end`, { reason: 'settled' }, 'msp/owner');
    await admin.deleteFrom('legal_holds').execute();
  });

  it('cannot be aimed at the MSP’s people, nor at requests and other things by their ids', async () => {
    const { rows } = await sql<{ id: string }>`SELECT id FROM requests WHERE tenant_id = 'muster' LIMIT 1`.execute(
      fixture.database.admin,
    );
    for (const name of ['owner@msp', rows[0]!.id, `ref ${rows[0]!.id}`])
      expect(await erase({ user: 'zzz.nobody', alsoNamed: [name] })).toMatchObject({
        status: 422,
        body: { code: 'privacy.names_invalid' },
      });
  });

  it('takes words out of the audit, never what was done to something that is no person', async () => {
    const asApi = openDatabase({ url: fixture.database.urlFor('api'), poolSize: 1 }, 'test');
    const after = { decision: 'approved', on: 'bind-account' };
    const object = { kind: 'secret', id: 'bind-account' };
    await inTenants(asApi, ['muster'], (tx) =>
      appendAudit(tx, 'muster', {
        action: 'secret.set',
        actor: 'owner@msp',
        object,
        reason: 'bind-account was due',
        after,
      }),
    );
    await asApi.destroy();
    const order = { user: 'zzz.nobody', alsoNamed: ['bind-account'], reason: 'Art. 17' };
    expect((await send('POST', '/v1/tenants/muster/person-erasures', order)).status).toBe(201);
    const entry = await fixture.database.admin
      .selectFrom('audit_entries')
      .select(['actor', 'reason', 'after'])
      .where('action', '=', 'secret.set')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(entry.actor).toBe('owner@msp');
    expect(entry.reason).toMatch(/^person-[0-9a-f]{12} was due$/);
    expect(entry.after).toMatchObject({ decision: 'approved' });
  });

  it('waits for nothing that is set meanwhile: a hold comes before it or after it, never in between', async () => {
    const { admin } = fixture.database;
    const asApi = openDatabase({ url: fixture.database.urlFor('api'), poolSize: 2 }, 'test');
    let isSet = false;
    let setting: Promise<unknown> = Promise.resolve();
    await inTenants(asApi, ['muster'], async (tx) => {
      await shareHolds(tx, 'muster');
      setting = send('POST', '/v1/tenants/muster/legal-holds', { person: 'eva.beck', reason: 'lawsuit' }).then(
        () => (isSet = true),
      );
      await eventually('the hold waits', async () => {
        const { rows } = await sql`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`.execute(admin);
        return rows.length > 0;
      });
      expect(isSet).toBe(false);
    });
    await setting;
    expect(isSet).toBe(true);
    await admin.deleteFrom('legal_holds').execute();
    await asApi.destroy();
  });

  it('leaves no name in any table of the customer, and a chain that holds', async () => {
    const { admin } = fixture.database;
    const bridge = openDatabase({ url: fixture.database.urlFor('bridge'), poolSize: 1 }, 'test');
    await chainEntries(bridge);
    const done = await erase();
    expect(done).toMatchObject({ status: 201, body: { pseudonym: expect.stringMatching(/^person-[0-9a-f]{12}$/) } });
    const left = [...(await rowsOf(admin, 'muster'))].flatMap(([table, rows]) =>
      rows.filter((row) => EVAS.test(withBytes(row))).map((row) => `${table}: ${row}`),
    );
    expect(left).toEqual([]);
    await expectLettersWithout(done.body.pseudonym);
    const hooks = await admin.selectFrom('webhook_subscriptions').select(['url', 'disabled_because']).execute();
    expect(hooks).toEqual(
      expect.arrayContaining([
        // nobody knows whose address that is now
        { url: expect.stringContaining(`https://${done.body.pseudonym}.hooks`), disabled_because: 'person' },
        { url: hook('tom.ahlers').url, disabled_because: null },
      ]),
    );
    const { rows } = await sql<{ text: string }>`
      SELECT body::text AS text FROM requests WHERE subject = ${done.body.pseudonym} LIMIT 1`.execute(admin);
    // what kind it was and when it was stays
    expect(JSON.parse(rows[0]!.text)).toMatchObject({ type: 'offboarding', startsAt: '2026-01-31T16:00:00.000Z' });
    const others = await admin.selectFrom('requests').select('subject').where('tenant_id', '=', 'muster').execute();
    expect(others.map(({ subject }) => subject)).toContain('tom.ahlers');
    await chainEntries(bridge);
    for await (const verdict of verifyAudit(admin, { tenant: 'muster', check: null }))
      expect(verdict.findings).toEqual([]);
    await bridge.destroy();
    // the requests that are listed can still be shown
    expect((await send('GET', '/v1/requests')).status).toBe(200);
    expect((await send('GET', '/v1/runs')).status).toBe(200);
  });

  it('cannot be played by the api’s database role on its own: without a record, on the audit, or for another tenant', async () => {
    const asApi = openDatabase({ url: fixture.database.urlFor('api'), poolSize: 1 }, 'test');
    const call = (tenant: string, table: string) =>
      inTenants(asApi, ['muster'], (tx) =>
        sql`SELECT erase_person_in(${tenant}, ${newId()}, ${table}, '{subject}', '{}', NULL, 'x')`.execute(tx),
      );
    await expect(call('muster', 'requests')).rejects.toThrow(/not on record/);
    await expect(call('muster', 'audit_entries')).rejects.toThrow(/not one for this/);
    await expect(call('nordlicht', 'requests')).rejects.toThrow(/does not write for/);
    await asApi.destroy();
  });
});

describe('a receiver’s address', () => {
  it('is on record by its origin alone: path and query may be what lets in', async () => {
    const wish = { url: 'https://hooks.example/p4th/services?key=s3cret', eventTypes: [runEnded.type] };
    const { body, status } = await send('POST', '/v1/webhooks', wish);
    expect([status, body]).toMatchObject([201, { url: wish.url }]);
    const changed = { ...wish, url: `${wish.url}&more=1`, enabled: false };
    const as = 'muster/customer_admin';
    const put = await fixture.call('PUT', `/v1/webhooks/${body.id}`, { as, body: changed });
    expect(put).toMatchObject({ status: 200 });
    expect((await fixture.call('DELETE', `/v1/webhooks/${body.id}`, { as })).status).toBe(204);
    const { rows } = await sql<{ entry: string }>`
      SELECT to_jsonb(e)::text AS entry FROM audit_entries e WHERE object_id = ${body.id}`.execute(
      fixture.database.admin,
    );
    expect(rows).toHaveLength(3);
    for (const { entry } of rows) {
      expect(entry).toContain('https://hooks.example');
      expect(entry).not.toMatch(/p4th|s3cret/);
    }
    const events = await fixture.database.admin.selectFrom('outbox').select('value').execute();
    expect(events.map(({ value }) => value.toString('utf8')).join()).not.toMatch(/p4th|s3cret/);
  });
});

describe('the record of processing', () => {
  it('tells processor, controller, agreement and third countries, to machines and readers', async () => {
    const signed = agreement({ subProcessors: [{ name: 'Cloud Inc.', service: 'Mail', country: 'US' }] });
    await send('POST', '/v1/tenants/nordlicht/agreements', signed, 'msp/owner');
    const dpo = { name: 'Dr. Dirk Schutz', role: 'data_protection', mail: 'dsb@nordlicht.example' };
    await send('POST', '/v1/tenants/nordlicht/contacts', dpo, 'msp/owner');
    const { body } = await send(
      'GET',
      '/v1/tenants/nordlicht/processing-record',
      undefined,
      'nordlicht/customer_admin',
    );
    expect(body).toMatchObject({
      processor: { name: expect.any(String) },
      controller: { name: 'nordlicht', contacts: [{ name: 'Dr. Dirk Schutz' }] },
      agreement: { version: 2, documentReference: 'AVV-2025-17' },
      thirdCountries: ['US'],
    });
    const page = await send('GET', '/v1/tenants/nordlicht/processing-record/page?lang=de', undefined, 'msp/owner');
    expect(page.text).toContain('Verzeichnis von Verarbeitungstätigkeiten');
    expect(page.text).toContain('Dr. Dirk Schutz');
    expect(systemClock.now().toISOString().slice(0, 4)).toBe(body.drawnAt.slice(0, 4));
  });
});
