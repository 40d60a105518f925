import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { appendAudit, type AuditEntry } from '#libs/platform/audit';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { createTestDatabase, type AppRole, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
const pools = new Map<AppRole, Database>();
const ENTRY: AuditEntry = {
  action: 'plan.approved',
  actor: 'approver@muster',
  object: { kind: 'plan', id: 'x' },
  reason: 'agreed',
};

beforeAll(async () => {
  database = await createTestDatabase();
  for (const role of ['api', 'bridge', 'worker'] as const)
    pools.set(role, openDatabase({ url: database.urlFor(role), poolSize: 1 }, 'audit-test'));
  await inTenants(pools.get('api')!, ['muster'], (tx) => appendAudit(tx, 'muster', ENTRY));
});
afterAll(async () => {
  await Promise.all([...pools.values()].map((pool) => pool.destroy()));
  await database?.drop();
});

/** As the owner of the tables, who may do anything that no trigger refuses. */
async function asOwner(statement: string): Promise<void> {
  await database.admin.transaction().execute(async (tx) => {
    await sql`SET LOCAL ROLE stellwerk_owner`.execute(tx);
    await sql.raw(statement).execute(tx);
  });
}

describe('the audit is append-only', () => {
  const TABLES = ['audit_entries', 'audit_chain', 'audit_anchors'];
  const CHANGES = [
    `UPDATE audit_entries SET reason = 'never agreed'`,
    `UPDATE audit_entries SET at = now() - interval '1 year'`,
    `UPDATE audit_entries SET erased_by = id, actor = 'somebody else', salt = gen_random_uuid()`,
    `DELETE FROM audit_entries`,
    ...[...TABLES, 'audit_waiting'].map((table) => `TRUNCATE ${table}`),
  ];

  it.each(CHANGES)('refuses the owner of its tables: %s', async (statement) => {
    await expect(asOwner(statement)).rejects.toThrow(/append-only/);
  });

  it('refuses a superuser who has not switched the triggers off', async () => {
    await expect(sql`DELETE FROM audit_entries`.execute(database.admin)).rejects.toThrow(/append-only/);
  });

  it.each<AppRole>(['api', 'bridge', 'worker'])('gives %s no right to change or remove anything', async (role) => {
    for (const statement of CHANGES.concat(TABLES.map((table) => `DELETE FROM ${table}`)))
      await expect(inTenants(pools.get(role)!, ['muster'], (tx) => sql.raw(statement).execute(tx))).rejects.toThrow(
        /permission denied/,
      );
  });

  it('refuses an erasure that is not on record', async () => {
    const erase = (tenant: string) =>
      inTenants(pools.get('api')!, [tenant], (tx) =>
        sql`SELECT erase_from_audit('muster', (SELECT id FROM audit_entries LIMIT 1), '[]')`.execute(tx),
      );
    await expect(erase('muster')).rejects.toThrow(/not on record/);
    await expect(erase('other')).rejects.toThrow(/does not write/);
  });
});

describe('an entry', () => {
  it('queues for the chain, however it was written', async () => {
    await sql`INSERT INTO audit_entries (tenant_id, action, outcome, object_kind, actor, object_id)
      VALUES ('muster', 'key.made', 'done', 'key', 'x', 'y')`.execute(database.admin);
    const { rows } = await sql<{ missing: number }>`
      SELECT count(*) AS missing FROM audit_entries e LEFT JOIN audit_waiting w ON w.tenant_id = e.tenant_id AND w.entry_id = e.id
      WHERE w.entry_id IS NULL`.execute(database.admin);
    expect(rows).toEqual([{ missing: 0 }]);
  });

  it('cannot be put into another tenant’s audit', async () => {
    await expect(inTenants(pools.get('api')!, ['muster'], (tx) => appendAudit(tx, 'nord', ENTRY))).rejects.toThrow(
      /row-level security/,
    );
  });

  it('holds what it was given, with characters that the database refuses replaced and what is too large left out', async () => {
    const after = { text: 'a\u0000b\ud800c', list: [1, 2.5, null] };
    await inTenants(pools.get('worker')!, ['muster'], (tx) =>
      appendAudit(tx, 'muster', [
        { ...ENTRY, actor: 'odd@muster', before: { text: 'x'.repeat(40_000) }, after, outcome: 'failed' },
      ]),
    );
    const [row] = await database.admin
      .selectFrom('audit_entries')
      .selectAll()
      .where('actor', '=', 'odd@muster')
      .execute();
    expect(row).toMatchObject({
      ...{ tenant_id: 'muster', action: 'plan.approved', outcome: 'failed', object_kind: 'plan', object_id: 'x' },
      before: { leftOut: 'too_large', bytes: 40_011 },
      after: { text: 'a\ufffdb\ufffdc', list: [1, 2.5, null] },
    });
  });
});

describe('an act whose audit cannot be appended', () => {
  it('is not committed', async () => {
    const act = inTenants(pools.get('api')!, ['msp'], async (tx) => {
      await tx
        .insertInto('tenant_settings')
        .values({ tenant_id: 'msp', accounts_per_hour: 5, last_administrator: 'refuse', set_by: 'x' })
        .execute();
      await appendAudit(tx, 'msp', { ...ENTRY, action: 'not an action' });
    });
    await expect(act).rejects.toThrow(/audit_entries_action_check/);
    expect(await database.admin.selectFrom('tenant_settings').selectAll().execute()).toEqual([]);
  });
});
