import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { sql } from 'kysely';
import { canonicalJson, newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { openDatabase, type Database } from '#libs/platform/database';
import { DATA_MAP, exportedTables, HandoverWriter, type HandoverRef } from '#libs/tenancy';
import { fresh, startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { PersonFactory } from '../../support/api/people.factory.js';
import { LOCKED, RequestFactory } from '../../support/api/request.factory.js';
import { signedInAs } from '../../support/api/session.js';
import { decryptFor, readTar } from '../../support/handed-over.js';
import { rowsOf } from '../api/scan/tenant-tables.js';

const CREDENTIAL = 'Zwiebelkuchen-2026';
let fixture: ApiFixture;
let worker: Database;
let identity: string;
let recipient: string;
let ref: HandoverRef;
/** Headers of Muster's administrator, who signed in. */
let ina: Record<string, string>;
/** As it was when the files were written. */
let database: ReadonlyMap<string, readonly string[]>;
beforeAll(async () => {
  fixture = await startApiFixture();
  worker = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 4 }, 'test');
  identity = await generateIdentity();
  recipient = await identityToRecipient(identity);
  const admin = PersonFactory.at('muster').named('ina').granted('customer_admin', 'home');
  ina = await signedInAs(fixture, 'muster', await admin.in(fixture.database.admin));
  const about = RequestFactory.of('muster').planned().inStatus('closed').withRun('completed');
  await about.wrote('disable_sign_in', LOCKED).in(fixture.database.admin);
});
afterAll(async () => {
  await worker.destroy();
  await fixture.stop();
});

const PATH = '/v1/tenants/muster/exports';
const send = (method: string, path: string, body?: unknown, as: Who = 'msp/owner') =>
  fixture.call(method, path, { as, body, headers: fresh() });
const release = (hash: string, as: Who) => send('POST', `${PATH}/${ref.id}/release`, { hash }, as);

const asIna = (method: string, path: string, body?: unknown) =>
  fixture.call(method, path, { body, headers: { ...fresh(), ...ina } });

async function archive(): Promise<Map<string, Buffer>> {
  const response = await fetch(`${fixture.api.url}${PATH}/${ref.id}/archive`, {
    headers: ina,
  });
  expect(response.status).toBe(200);
  return readTar(Buffer.from(await response.arrayBuffer()));
}

const decrypted = (file: Buffer): Promise<string> => decryptFor(identity, file);

describe('a handover', () => {
  it('is asked for by an owner, to a key that can be encrypted to', async () => {
    const wish = { recipient, reason: 'The contract ended.' };
    expect(await send('POST', PATH, wish, 'msp/operator')).toMatchObject({ status: 403 });
    expect(await send('POST', PATH, { ...wish, recipient: 'age1nobody' })).toMatchObject({
      status: 422,
      body: { code: 'tenant_export.recipient_invalid' },
    });
    const { status, body } = await send('POST', PATH, wish);
    expect([status, body.status, body.hash]).toEqual([201, 'building', null]);
    ref = { tenant: 'muster', id: body.id };
    expect(await send('POST', PATH, wish)).toMatchObject({
      status: 409,
      body: { code: 'tenant_export.not_available' },
    });
  });

  it('goes on after its writer died in the middle, and writes no file twice', async () => {
    const dying = new HandoverWriter(worker, () => Promise.reject(new Error('killed')));
    const writer = new HandoverWriter(worker, () => Promise.resolve({ 'directory-bind': CREDENTIAL }));
    await expect(dying.write(ref, 'credentials.json')).rejects.toThrow();
    // pieces of a try that did not finish
    const left = { tenant_id: 'muster', export_id: ref.id, file: 'data/runs.ndjson', seq: 0, bytes: Buffer.from('x') };
    await fixture.database.admin.insertInto('tenant_export_chunks').values(left).execute();
    database = await rowsOf(fixture.database.admin, 'muster');
    for (const file of writer.files()) await writer.write(ref, file);
    await writer.write(ref, 'data/runs.ndjson');
    await writer.finish(ref);
    const { body } = await send('GET', `${PATH}/${ref.id}`);
    expect(body).toMatchObject({ status: 'ready', hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(body.manifest.files).toHaveLength(writer.files().length);
  });

  it('cannot be had before both sides released this very export: not by one side twice, nor for another hash', async () => {
    const { hash } = (await send('GET', `${PATH}/${ref.id}`)).body;
    const download = (as: Who) => send('GET', `${PATH}/${ref.id}/archive`, undefined, as);
    expect(await release('0'.repeat(64), 'msp/owner')).toMatchObject({ body: { code: 'tenant_export.hash_mismatch' } });
    expect((await release(hash, 'msp/owner')).body.releases).toHaveLength(1);
    expect((await release(hash, 'msp/owner')).body.releases).toHaveLength(1);
    expect(await asIna('GET', `${PATH}/${ref.id}/archive`)).toMatchObject({
      status: 409,
      body: { code: 'tenant_export.not_available' },
    });
    expect(await release(hash, 'muster/approver')).toMatchObject({ status: 403 });
    expect(await release(hash, 'nordlicht/customer_admin')).toMatchObject({ status: 404 });
    expect((await download('msp/owner')).status).toBe(403);
  });

  it('is not released by a customer’s machine, nor by an administrator appointed after it was asked for', async () => {
    const { hash } = (await send('GET', `${PATH}/${ref.id}`)).body;
    const key = newApiKey();
    const machine = { role: 'customer_admin', subject: 'key.backup@muster', name: 'x', key_hash: hashOfApiKey(key) };
    await fixture.database.admin
      .insertInto('api_keys')
      .values({ tenant_id: 'muster', id: newId(), ...machine })
      .execute();
    const headers = { ...fresh(), authorization: `Bearer ${key}` };
    for (const [method, what] of [
      ['POST', 'release'],
      ['GET', 'archive'],
    ] as const)
      expect(
        await fixture.call(method, `${PATH}/${ref.id}/${what}`, {
          headers,
          ...(what === 'release' && { body: { hash } }),
        }),
      ).toMatchObject({ status: 403, body: { code: 'access.denied' } });
    const puppet = PersonFactory.at('muster').granted('customer_admin', 'home');
    const late = await signedInAs(fixture, 'muster', await puppet.in(fixture.database.admin));
    const tried = { body: { hash }, headers: { ...fresh(), ...late } };
    expect(await fixture.call('POST', `${PATH}/${ref.id}/release`, tried)).toMatchObject({
      status: 403,
      body: { code: 'tenant_export.release_refused' },
    });
    expect((await asIna('POST', `${PATH}/${ref.id}/release`, { hash })).body.releases).toHaveLength(2);
  });

  it('is, decrypted by the receiver, every row of the database, and its manifest and signature hold', async () => {
    const files = await archive();
    const manifest = JSON.parse(files.get('manifest.json')!.toString());
    const { hash } = (await send('GET', `${PATH}/${ref.id}`)).body;
    expect(createHash('sha256').update(files.get('manifest.json')!).digest('hex')).toBe(hash);
    expect(files.get('manifest.json.jws')!.toString()).toMatch(/^[\w-]+\.\.[\w-]+$/);
    for (const { name, sha256, plainSha256 } of manifest.files) {
      expect(createHash('sha256').update(files.get(name)!).digest('hex')).toBe(sha256);
      const plain = await decrypted(files.get(name)!);
      expect(createHash('sha256').update(plain).digest('hex')).toBe(plainSha256);
    }
    for (const table of exportedTables()) {
      const lines = (await decrypted(files.get(`data/${table}.ndjson.age`)!)).split('\n').slice(0, -1);
      const hidden = DATA_MAP[table]!.secret ?? [];
      const expected = (database.get(table) ?? []).map((row) => {
        const fields = JSON.parse(row) as Record<string, unknown>;
        for (const column of hidden) delete fields[column];
        return fields;
      });
      expect([table, sorted(lines.map((line) => JSON.parse(line)))]).toEqual([table, sorted(expected)]);
    }
    expect(JSON.parse(await decrypted(files.get('credentials.json.age')!))).toEqual({ 'directory-bind': CREDENTIAL });
    expect(Buffer.concat([...files.values()]).includes(CREDENTIAL)).toBe(false);
  });

  it('leaves nothing in the clear in the database, and its files go when their time is over', async () => {
    const { rows } = await sql<{ found: number }>`
      SELECT count(*) AS found FROM tenant_export_chunks WHERE position(convert_to(${CREDENTIAL}, 'UTF8') IN bytes) > 0`.execute(
      fixture.database.admin,
    );
    expect(rows[0]!.found).toBe(0);
    await fixture.database.admin
      .updateTable('tenant_exports')
      .set({ available_until: new Date(0) })
      .execute();
    expect(await asIna('GET', `${PATH}/${ref.id}/archive`)).toMatchObject({ status: 409 });
    await new HandoverWriter(worker, () => Promise.resolve({})).discard(ref);
    const left = await fixture.database.admin.selectFrom('tenant_export_chunks').select('seq').execute();
    expect(left).toEqual([]);
    expect((await send('GET', `${PATH}/${ref.id}`)).body.status).toBe('gone');
  });

  it('cannot be used by the worker’s database role to read a customer when none is being built', async () => {
    const read = worker.transaction().execute(async (tx) => {
      await sql`SELECT set_config('stellwerk.tenants', 'nordlicht', true)`.execute(tx);
      await sql`SELECT * FROM handover_page('nordlicht', ${newId()}, 'contacts', '{}', NULL, 10)`.execute(tx);
    });
    await expect(read).rejects.toThrow(/No export of nordlicht/);
  });
});

function sorted(rows: readonly unknown[]): string[] {
  return rows.map((row) => canonicalJson(row)).sort();
}
