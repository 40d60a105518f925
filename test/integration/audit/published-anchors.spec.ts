import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { appendAudit, verifyAudit, type GivenAnchor } from '#libs/platform/audit';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { sql } from 'kysely';
import { publishedAnchors } from '../../../tools/audit/published-anchors.js';
import { eventually } from '../../support/eventually.js';
import { BridgeFixture, TENANT } from '../bridge/bridge-fixture.js';
import { act } from './audit-fixture.js';

let fixture: BridgeFixture;
let bridge: Database;

beforeAll(async () => {
  fixture = await BridgeFixture.create();
  bridge = openDatabase({ url: fixture.database.urlFor('bridge'), poolSize: 2 }, 'audit-test');
  await inTenants(fixture.api, [TENANT], (tx) => appendAudit(tx, TENANT, [act(), act(), act()]));
  await fixture.startBridge();
});
afterAll(async () => {
  await bridge?.destroy();
  await fixture?.stop();
});

const findings = async (anchors: readonly GivenAnchor[]): Promise<string[]> => {
  for await (const verdict of verifyAudit(bridge, { tenant: TENANT, anchors, check: null }))
    return verdict.findings.map(({ kind }) => kind);
  return [];
};

it('what the bridge chained and published finds a tail that was cut off together with its anchors', async () => {
  await eventually('the anchor is sent', async () => {
    const { rows } = await sql`
      SELECT 1 FROM outbox WHERE topic = 'stellwerk.audit.v1' AND sent_at IS NOT NULL`.execute(fixture.database.admin);
    return rows.length === 1;
  });
  const published = await publishedAnchors(fixture.eventLog, 'stellwerk.audit.v1');
  expect(published).toMatchObject([{ tenant: TENANT, seq: 3, signature: expect.stringContaining('..') }]);
  expect(await findings(published)).toEqual([]);
  await fixture.database.admin.transaction().execute(async (tx) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(tx);
    await sql`DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_chain WHERE seq > 1)`.execute(tx);
    await sql`DELETE FROM audit_chain WHERE seq > 1`.execute(tx);
    await sql`DELETE FROM audit_anchors`.execute(tx);
  });
  expect(await findings([])).toEqual([]);
  expect(await findings(published)).toEqual(['anchor_removed', 'tail_cut_off']);
});
