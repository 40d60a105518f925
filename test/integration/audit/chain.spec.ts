import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { appendAudit, chainEntries, type GivenAnchor } from '#libs/platform/audit';
import { setTenants } from '#libs/platform/database';
import { AuditChain } from '../../../apps/bridge/audit-chain.js';
import { TAMPERED, INTACT, CANNOT_SAY, verifyCommand } from '../../../tools/audit/verify-command.js';
import { act, AuditFixture } from './audit-fixture.js';

let audit: AuditFixture;
beforeAll(async () => {
  audit = await AuditFixture.create();
});
afterAll(() => audit?.stop());

async function chainOf(tenant: string): Promise<string[]> {
  const { rows } = await sql<{ action: string }>`
    SELECT e.action FROM audit_chain c JOIN audit_entries e ON e.tenant_id = c.tenant_id AND e.id = c.entry_id
    WHERE c.tenant_id = ${tenant} ORDER BY c.seq`.execute(audit.database.admin);
  return rows.map(({ action }) => action);
}

describe('the chain', () => {
  it('takes an entry that commits late after those that were there before, and passes none over', async () => {
    const tenant = await audit.newTenant();
    const late = await audit.api.startTransaction().execute();
    await setTenants(late, [tenant]);
    await appendAudit(late, tenant, act({ action: 'act.late' }));
    await audit.append(tenant, act({ action: 'act.early' }));
    await audit.chain();
    expect(await chainOf(tenant)).toEqual(['act.early']);
    await late.commit().execute();
    await audit.chain();
    expect(await chainOf(tenant)).toEqual(['act.early', 'act.late']);
    expect(await audit.verify(tenant)).toMatchObject({ findings: [] });
  });

  it('has one owner at a time: several that chain at once neither fork it nor wait', async () => {
    const tenants = [await audit.newTenant(), await audit.newTenant()];
    for (const tenant of tenants)
      await audit.append(
        tenant,
        Array.from({ length: 700 }, () => act()),
      );
    while ((await Promise.all([1, 2, 3].map(() => chainEntries(audit.bridge)))).some(({ chained }) => chained > 0));
    for (const tenant of tenants) expect(await audit.verify(tenant)).toMatchObject({ findings: [], chained: 700 });
  });

  it('keeps no writer waiting while it is being chained', async () => {
    const tenant = await audit.newTenant();
    await audit.append(tenant, act());
    await audit.bridge.transaction().execute(async (tx) => {
      await sql`SELECT pg_advisory_xact_lock(57239, 2)`.execute(tx);
      await audit.append(tenant, act());
    });
    await audit.chain();
    expect(await audit.verify(tenant)).toMatchObject({ chained: 2 });
  });
});

describe('anchors', () => {
  it('are made once nothing new came for two seconds, at most every 15 seconds, and at the latest each minute', async () => {
    let now = 0;
    const tenant = await audit.newTenant();
    const chain = new AuditChain(
      audit.bridge,
      (payload) => audit.keys.sign(payload),
      () => now,
    );
    const anchorsAfter = async (milliseconds: number, entries: number): Promise<number> => {
      now += milliseconds;
      if (entries > 0)
        await audit.append(
          tenant,
          Array.from({ length: entries }, () => act()),
        );
      await chain.look();
      const { rows } = await sql<{ n: number }>`
        SELECT count(*)::int AS n FROM audit_anchors WHERE tenant_id = ${tenant}`.execute(audit.database.admin);
      return rows[0]!.n;
    };
    expect(await anchorsAfter(0, 2)).toBe(1);
    expect(await anchorsAfter(14_000, 1)).toBe(1);
    expect(await anchorsAfter(1_000, 1)).toBe(1);
    expect(await anchorsAfter(1_999, 0)).toBe(1);
    expect(await anchorsAfter(1, 0)).toBe(2);
    for (let second = 0; second < 59; second++) expect(await anchorsAfter(1_000, 1)).toBe(2);
    expect(await anchorsAfter(1_000, 1)).toBe(3);
    expect(await anchorsAfter(120_000, 0)).toBe(3);
  });
});

describe('npm run audit -- verify', () => {
  const run = async (
    tenant: string,
    keys = true,
    anchors: readonly GivenAnchor[] | null = null,
  ): Promise<{ code: number; lines: string[] }> => {
    const lines: string[] = [];
    const check = keys ? () => 'valid' as const : null;
    const code = await verifyCommand(audit.bridge, { tenant, anchors, check }, (line) => lines.push(line));
    return { code, lines };
  };

  it('says what is intact, what is not, and what it cannot say', async () => {
    const tenant = await audit.newTenant();
    await audit.append(tenant, [act(), act()]);
    await audit.chain();
    await audit.append(tenant, act());
    expect((await run(tenant, false, [])).code).toBe(INTACT);
    const intact = await run(tenant, false);
    expect(intact.code).toBe(CANNOT_SAY);
    expect(intact.lines.join('\n')).toMatch(
      /✔ customer-\d+: 2 chained, head 2 [\s\S]*1 not chained yet[\s\S]*note: Anchors were not[\s\S]*note: No keys/,
    );
    expect(JSON.parse(intact.lines.at(-1)!)).toMatchObject({ intact: null, publishedAnchors: null });
    await audit.chain();
    await audit.attack(
      `DELETE FROM audit_entries WHERE tenant_id = '${tenant}' AND id = (SELECT entry_id FROM audit_chain WHERE tenant_id = '${tenant}' AND seq = 1)`,
    );
    const tampered = await run(tenant);
    expect(tampered.code).toBe(TAMPERED);
    expect(tampered.lines.join('\n')).toMatch(/✘ entry_removed at link 1, entry /);
  });

  it('does not call a chain intact whose anchors nobody signed although keys are known', async () => {
    const tenant = await audit.newTenant();
    await audit.append(tenant, [act(), act()]);
    await audit.chain();
    await audit.anchor(null);
    const { code, lines } = await run(tenant, true, []);
    expect(code).toBe(CANNOT_SAY);
    expect(lines.join('\n')).toContain(`note: no anchor of ${tenant} is signed`);
  });

  it('tells how many entries erasures replaced, and who ordered them', async () => {
    const tenant = await audit.newTenant();
    await audit.append(tenant, [act({ actor: 'eva.beck@muster' }), act({ actor: 'eva.beck@muster' })]);
    await audit.chain();
    await audit.erase(tenant, 'eva.beck@muster');
    await audit.chain();
    const { lines } = await run(tenant, true, []);
    expect(lines.join('\n')).toContain('2 entries were replaced by erasures that owner@msp ordered');
  });

  it('cannot say while an erasure is not chained', async () => {
    const tenant = await audit.newTenant();
    await audit.append(tenant, act({ actor: 'eva.beck@muster' }));
    await audit.chain();
    await audit.erase(tenant, 'eva.beck@muster');
    expect((await run(tenant)).code).toBe(CANNOT_SAY);
    await audit.chain();
    expect((await run(tenant, true, [])).code).toBe(INTACT);
  });
});
