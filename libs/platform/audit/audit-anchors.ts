import { sql } from 'kysely';
import { auditChainAnchored } from '#libs/events';
import { newId } from '#libs/kernel';
import { inTenants, type Database } from '../database/index.js';
import { appendEvent } from '../outbox/index.js';
import { anchorPayload } from './audit-hashes.js';

/** Signs the head of a chain; null: no key is configured, and anchors stay unsigned. */
export type AnchorSigner = ((payload: Buffer) => string) | null;

interface UnanchoredHead {
  readonly tenant: string;
  readonly seq: number;
  readonly hash: string;
}

/**
 * Signs the head of each chain that has grown since its last anchor, keeps it, and publishes it as an event: whoever reads
 * Kafka has what the chain looked like. Takes the bridge's role. Gives how many there were.
 */
export async function anchorChains(database: Database, sign: AnchorSigner): Promise<number> {
  const heads = await unanchoredHeads(database);
  for (const head of heads) await anchor(database, head, sign);
  return heads.length;
}

async function unanchoredHeads(database: Database): Promise<readonly UnanchoredHead[]> {
  const { rows } = await sql<UnanchoredHead>`
    SELECT t.id AS tenant, h.seq, encode(h.hash, 'hex') AS hash FROM tenants t
    CROSS JOIN LATERAL (SELECT c.seq, c.hash FROM audit_chain c WHERE c.tenant_id = t.id ORDER BY c.seq DESC LIMIT 1) h
    LEFT JOIN LATERAL (SELECT a.seq FROM audit_anchors a WHERE a.tenant_id = t.id ORDER BY a.seq DESC LIMIT 1) a ON true
    WHERE a.seq IS NULL OR a.seq < h.seq
    ORDER BY t.id`.execute(database);
  return rows;
}

function anchor(database: Database, { tenant, seq, hash }: UnanchoredHead, sign: AnchorSigner): Promise<void> {
  const signature = sign?.(anchorPayload({ tenant, seq, hash })) ?? null;
  return inTenants(database, [tenant], async (tx) => {
    const kept = await tx
      .insertInto('audit_anchors')
      .values({ tenant_id: tenant, seq, hash: Buffer.from(hash, 'hex'), signature })
      // another bridge was at it as well
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (kept.numInsertedOrUpdatedRows === 0n) return;
    const origin = { tenant, aggregate: 'audit/chain', correlationId: newId(), causationId: null };
    await appendEvent(tx, auditChainAnchored, origin, { tenant, seq, hash, signature });
  });
}
