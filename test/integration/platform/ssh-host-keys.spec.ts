import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import {
  forgetHostKey,
  openSsh,
  OutgoingGuards,
  putPolicy,
  readPlace,
  TenantHostKeys,
  trustHostKey,
} from '#libs/platform/outgoing';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { SshServer } from '../../support/ssh-server.js';
import { Resources } from '../sandbox/sandbox-fixture.js';

const TENANT = 'muster';
const OTHER = 'nordlicht';
const resources = new Resources();
let database: TestDatabase;
let worker: Database;
let api: Database;
let server: SshServer;

beforeAll(async () => {
  database = resources.add(await createTestDatabase(), (one) => one.drop());
  worker = resources.add(openDatabase({ url: database.urlFor('worker'), poolSize: 2 }, 'test'), (one) => one.destroy());
  api = resources.add(openDatabase({ url: database.urlFor('api'), poolSize: 2 }, 'test'), (one) => one.destroy());
  const kind = 'customer' as const;
  await database.admin
    .insertInto('tenants')
    .values([TENANT, OTHER].map((id) => ({ id, kind, name: id, time_zone: 'Europe/Berlin' })))
    .execute();
  for (const tenant of [TENANT, OTHER]) await allow(tenant, '127.0.0.1');
  server = await SshServer.start();
});
afterAll(async () => {
  await server.stop();
  await resources.cleanUp();
});

function allow(tenant: string, ...places: string[]) {
  const allowances = places.map((to) => ({
    ...readPlace(to)!,
    ...{ ports: null, protocols: ['ssh' as const], reason: 'The test’s servers.' },
  }));
  const wish = { publicAddresses: 'listed' as const, allowances };
  return inTenants(api, [tenant], (tx) => putPolicy(tx, tenant, wish, 'owner@msp'));
}

async function connect(tenant = TENANT, { host = '127.0.0.1', port = server.port } = {}): Promise<unknown> {
  const guard = new OutgoingGuards(worker).of(tenant);
  const login = { user: server.user, privateKey: server.privateKey };
  try {
    const client = await openSsh(guard, new TenantHostKeys(worker, tenant), { host, port }, login);
    client.end();
    return 'logged in';
  } catch (error) {
    return (error as { readonly code?: unknown }).code ?? error;
  }
}

const trust = (fingerprint: string, tenant = TENANT) =>
  inTenants(api, [tenant], (tx) =>
    trustHostKey(
      tx,
      tenant,
      { host: '127.0.0.1', port: server.port, fingerprint, reason: 'Read at the console.' },
      'owner@msp',
    ),
  );
const keys = (tenant = TENANT) =>
  database.admin.selectFrom('ssh_host_keys').selectAll().where('tenant_id', '=', tenant).orderBy('id').execute();
const audited = (action: string) =>
  database.admin.selectFrom('audit_entries').selectAll().where('action', '=', action).orderBy('id').execute();

describe('an SSH server', () => {
  it('is not trusted at first sight: its key is put on record, and nothing is sent', async () => {
    expect(await connect()).toBe('outgoing.host_key_not_trusted');
    expect(await connect()).toBe('outgoing.host_key_not_trusted');
    expect(await keys()).toMatchObject([
      {
        host: '127.0.0.1',
        port: server.port,
        fingerprint: server.fingerprint,
        algorithm: 'ssh-ed25519',
        trusted_at: null,
      },
    ]);
    expect(await audited('host_key.refused')).toMatchObject([{ outcome: 'denied', actor: 'stellwerk' }]);
    expect(await database.admin.selectFrom('outbox').selectAll().execute()).toEqual([]);
  });

  it('is logged in to once a person trusted the key that stands at its console', async () => {
    await trust(server.fingerprint);
    expect(await connect()).toBe('logged in');
    expect(await audited('host_key.trusted')).toMatchObject([
      { actor: 'owner@msp', reason: 'Read at the console.', after: { fingerprint: server.fingerprint } },
    ]);
  });

  it('is trusted by one customer, not by another', async () => {
    expect(await connect(OTHER)).toBe('outgoing.host_key_not_trusted');
  });

  it.each(['ed25519', 'rsa'])(
    'that shows another key (man in the middle, %s) is refused and told of',
    async (hostKey) => {
      const { port, fingerprint } = server;
      await server.stop();
      server = await SshServer.start({ port, hostKey });
      expect(server.fingerprint).not.toBe(fingerprint);
      expect(await connect()).toBe('outgoing.host_key_changed');
      expect(await connect()).toBe('outgoing.host_key_changed');
      const seen = (await keys()).find((key) => key.fingerprint === server.fingerprint)!;
      expect(seen.trusted_at).toBeNull();
      const events = (await database.admin.selectFrom('outbox').selectAll().execute()).filter((row) =>
        row.value.toString().includes(seen.id),
      );
      expect(events.map((row) => row.headers['ce_type'])).toEqual(['de.stellwerk.outgoing.host_key.refused.v1']);
    },
  );

  it('is trusted again by its new key, and no more once that is forgotten', async () => {
    const { id } = await trust(server.fingerprint);
    expect(await connect()).toBe('logged in');
    for (const key of await keys())
      await inTenants(api, [TENANT], (tx) => forgetHostKey(tx, TENANT, key.id, 'owner@msp'));
    expect((await audited('host_key.forgotten')).map((entry) => entry.object_id)).toContain(id);
    expect(await connect()).toBe('outgoing.host_key_not_trusted');
  });

  it('is not connected to where nothing allows it, nor by a name that stands for this machine', async () => {
    await allow(OTHER);
    expect(await connect(OTHER)).toBe('outgoing.not_allowed');
    expect(await connect(OTHER, { host: 'localhost' })).toBe('outgoing.not_allowed');
    expect(await connect(TENANT, { host: '0x7f.2' })).toBe('outgoing.not_allowed');
  });

  it('that says nothing is given up', async () => {
    const silent = resources.add(
      createServer(() => undefined),
      (one) => one.close(),
    );
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const guard = new OutgoingGuards(worker).of(TENANT);
    const login = { user: 'nobody', password: 'secret' };
    const late = openSsh(guard, new TenantHostKeys(worker, TENANT), { host: '127.0.0.1', port }, login, {
      readyMs: 150,
    });
    await expect(late).rejects.toMatchObject({ code: 'outgoing.timeout' });
    const ending = new AbortController();
    const cut = openSsh(guard, new TenantHostKeys(worker, TENANT), { host: '127.0.0.1', port }, login, ending);
    ending.abort(new Error('the worker ends'));
    await expect(cut).rejects.toThrow('the worker ends');
  });
});

describe('a policy', () => {
  it('keeps one customer’s allowances from another, and whoever gave them on record', async () => {
    await allow(OTHER);
    const rows = await database.admin.selectFrom('outgoing_allowances').selectAll().execute();
    expect(rows).toMatchObject([{ tenant_id: TENANT, cidr: '127.0.0.1/32', created_by: 'owner@msp' }]);
    const [last] = (await audited('outgoing_policy.changed')).slice(-1);
    expect(last).toMatchObject({ tenant_id: OTHER, actor: 'owner@msp', after: { allowances: [] } });
  });
});
