import { generateKeyPairSync } from 'node:crypto';
import { sql } from 'kysely';
import {
  anchorChains,
  appendAudit,
  chainEntries,
  eraseFromAudit,
  verifyAudit,
  type AuditEntry,
  type GivenAnchor,
  type TenantVerdict,
} from '#libs/platform/audit';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { checkSignature, SigningKeys } from '#libs/platform/secrets';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

export function newSigningKeys(): SigningKeys {
  return SigningKeys.fromPem(
    generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  );
}

/** A database with the roles that append, chain and verify. */
export class AuditFixture {
  readonly keys = newSigningKeys();

  private constructor(
    readonly database: TestDatabase,
    readonly api: Database,
    readonly bridge: Database,
  ) {}

  static async create(): Promise<AuditFixture> {
    const database = await createTestDatabase();
    const open = (role: 'api' | 'bridge') => openDatabase({ url: database.urlFor(role), poolSize: 4 }, 'audit-test');
    return new AuditFixture(database, open('api'), open('bridge'));
  }

  /** A new customer, with an audit of its own. */
  async newTenant(): Promise<string> {
    const id = `customer-${(tenants += 1)}`;
    const row = { id, kind: 'customer' as const, name: id, time_zone: 'UTC' };
    await this.database.admin.insertInto('tenants').values(row).execute();
    return id;
  }

  async stop(): Promise<void> {
    await Promise.all([this.api.destroy(), this.bridge.destroy()]);
    await this.database.drop();
  }

  append(tenant: string, entries: AuditEntry | readonly AuditEntry[]): Promise<void> {
    return inTenants(this.api, [tenant], (tx) => appendAudit(tx, tenant, entries));
  }

  async chain(): Promise<void> {
    while ((await chainEntries(this.bridge)).more);
  }

  anchor(keys: SigningKeys | null = this.keys): Promise<number> {
    return anchorChains(this.bridge, keys === null ? null : (payload) => keys.sign(payload));
  }

  erase(tenant: string, subject: string | readonly string[]): Promise<number> {
    return inTenants(this.api, [tenant], (tx) =>
      eraseFromAudit(tx, tenant, subject, 'person-4711', 'owner@msp', 'asked to'),
    );
  }

  async verify(tenant: string, anchors: readonly GivenAnchor[] = []): Promise<TenantVerdict> {
    const check = (payload: Buffer, signature: string) => checkSignature(this.keys.published, payload, signature);
    for await (const verdict of verifyAudit(this.bridge, { tenant, anchors, check })) return verdict;
    throw new Error('no verdict');
  }

  /** As a superuser who switches the triggers off first. */
  async attack(...statements: readonly string[]): Promise<void> {
    await this.database.admin.transaction().execute(async (tx) => {
      await sql`SET LOCAL session_replication_role = replica`.execute(tx);
      for (const statement of statements) await sql.raw(statement).execute(tx);
    });
  }
}

let tenants = 0;
let count = 0;

export function act(given: Partial<AuditEntry> = {}): AuditEntry {
  count += 1;
  return {
    ...{ action: 'plan.approved', actor: 'approver@muster', object: { kind: 'plan', id: `plan-${count}` } },
    ...{ reason: `reason ${count}`, before: { n: count }, after: { n: count + 1 } },
    ...given,
  };
}
