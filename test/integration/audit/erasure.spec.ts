import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { AuditErasureInvalid, PERSONAL_KINDS } from '#libs/platform/audit';
import { inTenants } from '#libs/platform/database';
import { act, AuditFixture } from './audit-fixture.js';

let audit: AuditFixture;
let tenant: string;
const EVA = 'eva.beck@muster';

beforeAll(async () => {
  audit = await AuditFixture.create();
});
afterAll(() => audit?.stop());

beforeEach(async () => {
  tenant = await audit.newTenant();
  await audit.append(tenant, [
    act({ actor: EVA, reason: 'Eva.Beck@muster asked me' }),
    act({ actor: 'x@muster', origin: EVA, after: { list: ['eva.beck@muster', 'eva.beckmann'], n: 7 } }),
    act({ actor: 'x@muster', object: { kind: 'protected_account', id: 'eva.beck' }, reason: 'is our director' }),
    act({ actor: 'y@muster', reason: 'nothing about her: eva.beckmann' }),
  ]);
});

const erase = (subject: string | readonly string[] = [EVA, 'eva.beck']): Promise<number> =>
  audit.erase(tenant, subject);

async function textOfAudit(): Promise<string> {
  const { rows } = await sql`
    SELECT to_jsonb(e) AS entry, to_jsonb(c) AS link FROM audit_entries e
    LEFT JOIN audit_chain c ON c.tenant_id = e.tenant_id AND c.entry_id = e.id WHERE e.tenant_id = ${tenant} ORDER BY e.id`.execute(
    audit.database.admin,
  );
  return JSON.stringify(rows);
}

describe('erasing a person from the audit', () => {
  it('knows the same kinds of objects that are persons as the database, which looks at each erasure', async () => {
    const { rows } = await sql<{ source: string }>`
      SELECT prosrc AS source FROM pg_proc WHERE proname = 'is_erasure_of'`.execute(audit.database.admin);
    const kinds = rows.flatMap(({ source }) => /object_kind IN \(([^)]*)\)/.exec(source)?.[1]?.match(/[a-z_]+/g) ?? []);
    expect(rows).toHaveLength(1);
    expect(kinds.sort()).toEqual([...PERSONAL_KINDS].sort());
  });

  it('leaves no trace of the person, keeps who did what otherwise, and the chain holds', async () => {
    await audit.chain();
    await audit.anchor();
    expect(await erase()).toBe(3);
    const text = await textOfAudit();
    expect(text).not.toMatch(/eva\.beck(?!mann)/i);
    expect(text).not.toContain('director');
    expect(text).toContain('nothing about her: eva.beckmann');
    expect(text).toContain('"list":["person-4711","eva.beckmann"]');
    await audit.chain();
    expect(await audit.verify(tenant)).toMatchObject({ findings: [], chained: 5 });
  });

  it('takes a name out of a long text with signs that patterns know', async () => {
    const text = `100 % of C:\\eva.beck (a_b) [x] .* ${'ä'.repeat(9_000)}`;
    await audit.append(tenant, act({ reason: text, after: { [text]: [text, true, null] } }));
    expect(await erase()).toBe(4);
    expect(await textOfAudit()).not.toMatch(/eva\.beck(?!mann)/i);
  });

  it('is itself on record, chained, with who did it and why', async () => {
    await erase();
    const rows = await audit.database.admin
      .selectFrom('audit_entries')
      .select(['actor', 'object_id', 'reason', 'outcome'])
      .where('tenant_id', '=', tenant)
      .where('action', '=', 'audit.person_erased')
      .execute();
    expect(rows).toEqual([{ actor: 'owner@msp', object_id: 'person-4711', reason: 'asked to', outcome: 'done' }]);
  });

  it('holds for entries that are chained only afterwards, and for an erasure after an erasure', async () => {
    await erase();
    await audit.chain();
    expect(await audit.verify(tenant)).toMatchObject({ findings: [] });
    expect(await erase(['x@muster'])).toBe(2);
    await audit.chain();
    expect(await audit.verify(tenant)).toMatchObject({ findings: [] });
    expect(await erase()).toBe(0);
  });

  it('is not accepted before its own entry is chained, and verify says that one waits', async () => {
    await audit.chain();
    await erase();
    const verdict = await audit.verify(tenant);
    expect(verdict.notYetChained).toMatchObject({ entries: 1, erasures: 1 });
    expect(verdict.findings.map(({ kind }) => kind)).toEqual(Array(3).fill('erased_without_record'));
  });

  it.each([
    ['changing what an erasure left', `actor = 'somebody else'`],
    ['putting a name back that was erased', `actor = '${EVA}', erased_by = NULL`],
  ])('does not hide %s', async (_attack, change) => {
    await audit.chain();
    await erase();
    await audit.chain();
    await audit.attack(
      `UPDATE audit_entries SET ${change} WHERE tenant_id = '${tenant}' AND erased_by IS NOT NULL AND origin IS NULL AND object_kind = 'plan'`,
    );
    const { findings } = await audit.verify(tenant);
    expect(findings.map(({ kind }) => kind)).toEqual(['entry_changed']);
  });

  it('does not reach into another tenant', async () => {
    const other = await audit.newTenant();
    await audit.append(other, act({ actor: EVA }));
    await erase();
    const kept = await audit.database.admin
      .selectFrom('audit_entries')
      .select('actor')
      .where('tenant_id', '=', other)
      .execute();
    expect(kept).toEqual([{ actor: EVA }]);
  });

  it.each([[['ab']], [[]], [['person-4711']]])('refuses the names %p', async (names) => {
    await expect(erase(names)).rejects.toThrow(AuditErasureInvalid);
  });
});

describe('an erasure by a program that was taken over', () => {
  const ABOUT_PLAN = `action = 'plan.approved' AND reason LIKE 'nothing about%'`;
  const KEPT = { actor: 'y@muster', origin: null, object_id: 'x', reason: null, before: null, after: null };

  /** Puts an erasure on record and calls the stored function by hand, as the API's role could. */
  function forge(pseudonym: string, change: Readonly<Record<string, unknown>>, which = ABOUT_PLAN): Promise<void> {
    return inTenants(audit.api, [tenant], async (tx) => {
      const { rows } = await sql<{ id: string }>`
        INSERT INTO audit_entries (tenant_id, action, outcome, object_kind, actor, object_id)
        VALUES (${tenant}, 'audit.person_erased', 'done', 'person', 'owner@msp', ${pseudonym}) RETURNING id`.execute(
        tx,
      );
      const old = await sql<Record<string, unknown>>`
        SELECT id, actor, origin, object_id, reason, before, after, gen_random_uuid() AS salt FROM audit_entries
        WHERE tenant_id = ${tenant} AND ${sql.raw(which)}`.execute(tx);
      const row = JSON.stringify([{ ...old.rows[0], ...change }]);
      await sql`SELECT erase_from_audit(${tenant}, ${rows[0]!.id}, ${row}::jsonb)`.execute(tx);
    });
  }

  it.each([
    ['names somebody else as the actor', 'person-4711', { actor: 'innocent@muster' }],
    ['makes another story of the reason', 'person-4711', { reason: 'all fine' }],
    ['adds words around the pseudonym', 'person-4711', { reason: 'person-4711 said that all was fine' }],
    ['turns what was done into its opposite', 'person-4711', { after: { approved: false } }],
    ['leaves out what was done', 'person-4711', { reason: null, before: null, after: null }],
    ['names somebody else as the pseudonym', 'innocent@muster', { actor: 'innocent@muster' }],
    ['empties a customer that stays', 'everybody', { ...KEPT, object_id: 'person-0123456789ab' }],
  ])('is refused when it %s', async (_attack, pseudonym, change) => {
    await audit.chain();
    await expect(forge(pseudonym, change)).rejects.toThrow(/append-only/);
    expect(await textOfAudit()).toContain('nothing about her');
  });

  it('is refused by the leave of an older one', async () => {
    await erase();
    const again = inTenants(audit.api, [tenant], (tx) =>
      sql`SELECT erase_from_audit(${tenant}, (SELECT id FROM audit_entries WHERE tenant_id = ${tenant} AND action = 'audit.person_erased'),
        (SELECT jsonb_agg(to_jsonb(e) || jsonb_build_object('actor', 'person-4711', 'salt', gen_random_uuid()))
          FROM audit_entries e WHERE tenant_id = ${tenant} AND ${sql.raw(ABOUT_PLAN)}))`.execute(tx),
    );
    await expect(again).rejects.toThrow(/append-only/);
  });
});
