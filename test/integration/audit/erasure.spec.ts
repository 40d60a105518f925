import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { AuditErasureInvalid } from '#libs/platform/audit';
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
