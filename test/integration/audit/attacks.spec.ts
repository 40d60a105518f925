import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { anchorPayload, type GivenAnchor, type TenantVerdict } from '#libs/platform/audit';
import { act, AuditFixture, newSigningKeys } from './audit-fixture.js';

let audit: AuditFixture;
/** `muster` and `nord` in the statements below stand for these; each test has new ones. */
let muster: string;
let nord: string;

beforeAll(async () => {
  audit = await AuditFixture.create();
});
afterAll(() => audit?.stop());

beforeEach(async () => {
  muster = await audit.newTenant();
  nord = await audit.newTenant();
  await audit.append(muster, [act(), act(), act(), act(), act(), act()]);
  await audit.append(nord, [act(), act()]);
  await audit.chain();
  await audit.anchor();
});

const attack = (...statements: readonly string[]): Promise<void> =>
  audit.attack(
    ...statements.map((text) => text.replaceAll(`'muster'`, `'${muster}'`).replaceAll(`'nord'`, `'${nord}'`)),
  );
const verify = (anchors: readonly GivenAnchor[] = []): Promise<TenantVerdict> => audit.verify(muster, anchors);
const kindsOf = (verdict: TenantVerdict): string[] => verdict.findings.map(({ kind }) => kind);
const ENTRY = (seq: number): string => `(SELECT entry_id FROM audit_chain WHERE tenant_id = 'muster' AND seq = ${seq})`;

async function anchorsOf(tenant: string): Promise<GivenAnchor[]> {
  const { rows } = await sql<GivenAnchor>`
    SELECT tenant_id AS tenant, seq, encode(hash, 'hex') AS hash, signature FROM audit_anchors WHERE tenant_id = ${tenant}`.execute(
    audit.database.admin,
  );
  return rows;
}

const CUT_FROM = (seq: number): string[] => [
  `DELETE FROM audit_entries WHERE tenant_id = 'muster' AND id IN (SELECT entry_id FROM audit_chain WHERE tenant_id = 'muster' AND seq >= ${seq})`,
  `DELETE FROM audit_chain WHERE tenant_id = 'muster' AND seq >= ${seq}`,
];

describe('an audit that nobody touched', () => {
  it('is intact, names its head and says that its anchors are signed', async () => {
    const verdict = await verify();
    expect(verdict).toMatchObject({
      ...{ findings: [], chained: 6, head: { seq: 6 }, late: 0 },
      ...{ notYetChained: { entries: 0, oldest: null }, anchors: { signed: 1, unsigned: 0, linksSince: 0 } },
    });
    expect(verdict.head!.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await audit.verify(nord)).toMatchObject({ findings: [], chained: 2 });
  });

  it('names the tail that is not chained yet, and links after the last anchor', async () => {
    await audit.append(muster, [act(), act()]);
    expect(await verify()).toMatchObject({ findings: [], chained: 6, notYetChained: { entries: 2 } });
    await audit.chain();
    expect(await verify()).toMatchObject({ notYetChained: { entries: 0 }, anchors: { linksSince: 2 } });
  });

  it('says that anchors are unsigned where no key is configured', async () => {
    await audit.append(muster, act());
    await audit.chain();
    await audit.anchor(null);
    expect(await verify()).toMatchObject({ anchors: { signed: 1, unsigned: 1 } });
  });

  it('does not take an anchor without a signature after one that had it', async () => {
    await audit.append(muster, act());
    await audit.chain();
    await audit.anchor(null);
    expect((await verify()).findings.map(({ kind }) => kind)).toContain('anchor_unsigned');
  });
});

describe('a superuser who switches the triggers off is found', () => {
  const attacks: Record<string, { statements: string[]; kinds: string[] }> = {
    'changing who did it': {
      statements: [`UPDATE audit_entries SET actor = 'somebody@muster' WHERE id = ${ENTRY(2)}`],
      kinds: ['entry_changed'],
    },
    'changing why': {
      statements: [`UPDATE audit_entries SET reason = NULL WHERE id = ${ENTRY(2)}`],
      kinds: ['entry_changed'],
    },
    'changing one value of what was there after': {
      statements: [`UPDATE audit_entries SET after = jsonb_set(after, '{n}', '99') WHERE id = ${ENTRY(6)}`],
      kinds: ['entry_changed'],
    },
    'moving an act by a millisecond': {
      statements: [`UPDATE audit_entries SET at = at - interval '1 millisecond' WHERE id = ${ENTRY(3)}`],
      kinds: ['entry_changed'],
    },
    'turning a denial into a success': {
      statements: [`UPDATE audit_entries SET outcome = 'failed' WHERE id = ${ENTRY(1)}`],
      kinds: ['entry_changed'],
    },
    'removing an entry': {
      statements: [`DELETE FROM audit_entries WHERE id = ${ENTRY(4)}`],
      kinds: ['entry_removed'],
    },
    'removing an entry with its link': {
      statements: [
        `DELETE FROM audit_entries WHERE id = ${ENTRY(4)}`,
        `DELETE FROM audit_chain WHERE tenant_id = 'muster' AND seq = 4`,
      ],
      kinds: ['chain_gap'],
    },
    'removing the first entry with its link': {
      statements: [
        `DELETE FROM audit_entries WHERE id = ${ENTRY(1)}`,
        `DELETE FROM audit_chain WHERE tenant_id = 'muster' AND seq = 1`,
      ],
      kinds: ['chain_gap'],
    },
    'removing an entry and closing the gap': {
      statements: [
        `DELETE FROM audit_entries WHERE id = ${ENTRY(4)}`,
        `DELETE FROM audit_chain WHERE tenant_id = 'muster' AND seq = 4`,
        `UPDATE audit_chain SET seq = seq - 1 WHERE tenant_id = 'muster' AND seq > 4`,
      ],
      kinds: ['chain_broken', 'chain_broken', 'tail_cut_off'],
    },
    'reordering two entries': {
      statements: [
        `UPDATE audit_chain SET seq = CASE seq WHEN 2 THEN 1003 ELSE 1002 END WHERE tenant_id = 'muster' AND seq IN (2, 3)`,
        `UPDATE audit_chain SET seq = seq - 1000 WHERE tenant_id = 'muster' AND seq > 1000`,
      ],
      kinds: ['chain_broken', 'chain_broken', 'chain_broken'],
    },
    'swapping what stands in two entries': {
      statements: [
        `UPDATE audit_entries e SET reason = o.reason, before = o.before, after = o.after, object_id = o.object_id, salt = o.salt
         FROM audit_entries o WHERE (e.id = ${ENTRY(2)} AND o.id = ${ENTRY(3)}) OR (e.id = ${ENTRY(3)} AND o.id = ${ENTRY(2)})`,
      ],
      kinds: ['entry_changed', 'entry_changed'],
    },
    'putting an entry in past the queue': {
      statements: [
        `INSERT INTO audit_entries (tenant_id, action, outcome, object_kind, actor, object_id) VALUES ('muster', 'plan.approved', 'done', 'plan', 'x', 'y')`,
      ],
      kinds: ['entry_not_queued'],
    },
    'removing the last link only': {
      statements: [`DELETE FROM audit_chain WHERE tenant_id = 'muster' AND seq = 6`],
      kinds: ['tail_cut_off', 'entry_not_queued'],
    },
    'cutting off the tail': { statements: CUT_FROM(5), kinds: ['tail_cut_off'] },
    'emptying the whole audit of a tenant': { statements: CUT_FROM(1), kinds: ['tail_cut_off'] },
    'erasing a person without putting it on record': {
      statements: [
        `UPDATE audit_entries SET actor = 'person-1', salt = gen_random_uuid(), erased_by = id WHERE id = ${ENTRY(2)}`,
      ],
      kinds: ['erased_without_record'],
    },
    'moving an entry to another tenant': {
      statements: [`UPDATE audit_entries SET tenant_id = 'nord' WHERE id = ${ENTRY(2)}`],
      kinds: ['entry_removed'],
    },
    'writing the last link anew without the key': {
      statements: [`UPDATE audit_chain SET hash = sha256('x') WHERE tenant_id = 'muster' AND seq = 6`],
      kinds: ['chain_broken', 'anchor_mismatch'],
    },
    'forging an anchor': {
      statements: [`UPDATE audit_anchors SET hash = sha256('x') WHERE tenant_id = 'muster'`],
      kinds: ['anchor_forged'],
    },
    'taking another’s signature for an anchor': {
      statements: [
        `UPDATE audit_anchors a SET signature = o.signature FROM audit_anchors o WHERE a.tenant_id = 'muster' AND o.tenant_id = 'nord'`,
      ],
      kinds: ['anchor_forged'],
    },
  };

  it.each(Object.entries(attacks))('%s', async (_name, { statements, kinds }) => {
    await attack(...statements);
    expect(kindsOf(await verify())).toEqual(kinds);
  });

  it('removing an entry before it is chained', async () => {
    await audit.append(muster, act());
    await attack(
      `DELETE FROM audit_entries WHERE id = (SELECT entry_id FROM audit_waiting WHERE tenant_id = 'muster')`,
    );
    await audit.chain();
    expect(kindsOf(await verify())).toEqual(['entry_removed']);
  });

  it('cutting off the tail with its anchors, by the anchors that Kafka has', async () => {
    const published = await anchorsOf(muster);
    await attack(...CUT_FROM(5), `DELETE FROM audit_anchors WHERE tenant_id = 'muster'`);
    expect(kindsOf(await verify())).toEqual([]);
    expect(kindsOf(await verify(published))).toEqual(['anchor_removed', 'tail_cut_off']);
  });

  it('cutting off the tail and letting the chain grow past the anchor again', async () => {
    await attack(...CUT_FROM(5));
    await audit.append(muster, [act(), act(), act()]);
    await audit.chain();
    await audit.anchor();
    expect(kindsOf(await verify())).toEqual(['anchor_mismatch']);
  });

  it('signing an anchor of a chain written anew with a key of one’s own', async () => {
    const published = await anchorsOf(muster);
    await attack(...CUT_FROM(5), `DELETE FROM audit_anchors WHERE tenant_id = 'muster'`);
    await audit.append(muster, [act(), act(), act()]);
    await audit.chain();
    await audit.anchor(newSigningKeys());
    expect(kindsOf(await verify())).toEqual(['anchor_forged']);
    expect(kindsOf(await verify(published))).toEqual(['anchor_forged', 'anchor_removed', 'anchor_mismatch']);
  });

  it('publishing an anchor that nobody signed with our key', async () => {
    const hash = 'ab'.repeat(32);
    const signature = newSigningKeys().sign(anchorPayload({ tenant: muster, seq: 6, hash }));
    expect(kindsOf(await verify([{ tenant: muster, seq: 6, hash, signature }]))).toEqual(['anchor_forged']);
  });
});
