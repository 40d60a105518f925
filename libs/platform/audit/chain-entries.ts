import { sql } from 'kysely';
import type { Database, Transaction } from '../database/index.js';
import { contentHash, entryHash, FIRST_PREVIOUS, linkHash } from './audit-hashes.js';
import { HASHED_COLUMNS, toChainable, type HashedRow } from './entry-rows.js';

// held for one transaction at a time, so that there is one owner and a dead one leaves nothing behind
const OWNER_LOCK = { class: 57_239, object: 2 } as const;
const AT_ONCE = 500;

type Waiting = { readonly tenant_id: string; readonly entry_id: string };
type WaitingRow = HashedRow & Waiting & { readonly chained: boolean };

interface NewLink {
  readonly tenant: string;
  readonly seq: number;
  readonly id: string;
  readonly content: string;
  readonly entry: string;
  readonly hash: string;
}

interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** What one round did. */
export interface ChainedRound {
  readonly chained: number;
  /** More entries were waiting than a round takes. */
  readonly more: boolean;
}

/**
 * Chains entries that were committed since, at most 500, in the order in which they are seen: one that commits late is
 * chained later, and none is passed over, because each waits until it is chained. Where another owner is at it, nothing
 * happens. Takes the bridge's role.
 */
export function chainEntries(database: Database): Promise<ChainedRound> {
  return database.transaction().execute(async (tx) => {
    const at = await ownTheChain(tx);
    if (at === null) return { chained: 0, more: false };
    const { rows, more } = await waitingEntries(tx);
    if (rows.length === 0) return { chained: 0, more: false };
    const fresh = rows.filter((row) => !row.chained);
    const heads = await headsOf(tx, [...new Set(fresh.map((row) => row.tenant_id))]);
    const links = fresh.map((row) => append(row, heads, at));
    await writeLinks(tx, links, at);
    await sql`
      DELETE FROM audit_waiting w USING unnest(${rows.map((row) => row.tenant_id)}::text[], ${rows.map((row) => row.id)}::uuid[]) AS d (tenant, id)
      WHERE w.tenant_id = d.tenant AND w.entry_id = d.id`.execute(tx);
    return { chained: links.length, more };
  });
}

/** Gives the transaction's time when the chain is ours until it ends, else null. */
async function ownTheChain(tx: Transaction): Promise<Date | null> {
  const { rows } = await sql<{ ours: boolean; at: Date }>`
    SELECT pg_try_advisory_xact_lock(${OWNER_LOCK.class}, ${OWNER_LOCK.object}) AS ours, now()::timestamptz(3) AS at`.execute(
    tx,
  );
  return rows[0]!.ours ? rows[0]!.at : null;
}

/** Entries that wait. Those that were removed before their turn stay in the queue, for `verify` to tell of them. */
async function waitingEntries(tx: Transaction): Promise<{ rows: readonly WaitingRow[]; more: boolean }> {
  for (let after: Waiting | null = null; ;) {
    const portion = await waitingAfter(tx, after);
    const rows = portion.filter((row): row is WaitingRow => row.id !== null);
    const more = portion.length === AT_ONCE;
    if (rows.length > 0 || !more) return { rows, more };
    after = portion.at(-1)!;
  }
}

/** Each look-up is limited to one row, which keeps the planner from reading all entries or the whole chain instead. */
async function waitingAfter(
  tx: Transaction,
  after: Waiting | null,
): Promise<readonly (WaitingRow | (Waiting & { readonly id: null }))[]> {
  // a statement of its own: its snapshot is younger than the lock, so it sees what the last owner committed
  const { rows } = await sql<WaitingRow>`
    WITH w AS MATERIALIZED (
      SELECT tenant_id, entry_id FROM audit_waiting
      ${after === null ? sql`` : sql`WHERE (tenant_id, entry_id) > (${after.tenant_id}, ${after.entry_id}::uuid)`}
      ORDER BY tenant_id, entry_id LIMIT ${AT_ONCE})
    SELECT w.tenant_id, w.entry_id, ${HASHED_COLUMNS}, c.seq IS NOT NULL AS chained FROM w
    LEFT JOIN LATERAL (SELECT * FROM audit_entries x WHERE x.tenant_id = w.tenant_id AND x.id = w.entry_id LIMIT 1) e ON true
    LEFT JOIN LATERAL (SELECT x.seq FROM audit_chain x WHERE x.tenant_id = w.tenant_id AND x.entry_id = w.entry_id LIMIT 1) c ON true
    ORDER BY w.tenant_id, w.entry_id`.execute(tx);
  return rows;
}

async function headsOf(tx: Transaction, tenants: readonly string[]): Promise<Map<string, Head>> {
  const { rows } = await sql<Head & { tenant: string }>`
    SELECT t.tenant, h.seq, encode(h.hash, 'hex') AS hash FROM unnest(${tenants}::text[]) AS t (tenant) CROSS JOIN LATERAL (
      SELECT c.seq, c.hash FROM audit_chain c WHERE c.tenant_id = t.tenant ORDER BY c.seq DESC LIMIT 1) h`.execute(tx);
  return new Map(rows.map(({ tenant, seq, hash }) => [tenant, { seq, hash }]));
}

function append(row: WaitingRow, heads: Map<string, Head>, chainedAt: Date): NewLink {
  const tenant = row.tenant_id;
  const head = heads.get(tenant) ?? { seq: 0, hash: FIRST_PREVIOUS };
  const seq = head.seq + 1;
  const chainable = toChainable(row);
  const content = contentHash(chainable);
  const entry = entryHash(chainable, content);
  const hash = linkHash({ tenant, seq, previous: head.hash, entry, chainedAt });
  heads.set(tenant, { seq, hash });
  return { tenant, seq, id: row.id, content, entry, hash };
}

async function writeLinks(tx: Transaction, links: readonly NewLink[], at: Date): Promise<void> {
  if (links.length === 0) return;
  await sql`
    INSERT INTO audit_chain (tenant_id, seq, entry_id, content_hash, entry_hash, hash, chained_at)
    SELECT n.tenant, n.seq, n.id, decode(n.content, 'hex'), decode(n.entry, 'hex'), decode(n.hash, 'hex'), ${at}
    FROM json_to_recordset(${JSON.stringify(links)}) AS n (tenant text, seq bigint, id uuid, content text, entry text, hash text)`.execute(
    tx,
  );
}
