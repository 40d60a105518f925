import { sql, type RawBuilder } from 'kysely';
import type { Row, Transaction } from '#libs/platform/database';
import type { Reader } from '#libs/platform/access';

/** Which entries; null parts leave nothing out. */
export interface AuditFilter {
  readonly actor: string | null;
  /** The beginning of an action. */
  readonly action: string | null;
  readonly objectKind: string | null;
  readonly objectId: string | null;
  readonly outcome: string | null;
  /** Included; UTC. */
  readonly from: Date | null;
  /** Not included; UTC. */
  readonly to: Date | null;
}

export type EntryRow = Omit<Row<'audit_entries'>, 'salt'>;

/** Whether an entry `e` is one of these, and one that the reader sees. */
function isWanted(filter: AuditFilter, reader: Reader): RawBuilder<boolean> {
  const { actor, action, objectKind, objectId, outcome, from, to } = filter;
  const conditions = [
    sql`audit_entry_is_shown(e, ${reader.subject}, ${reader.decides}, e.tenant_id = ANY (${reader.confirmsFor}::text[]))`,
    ...(actor === null ? [] : [sql`(e.actor = ${actor} OR e.origin = ${actor})`]),
    ...(action === null ? [] : [sql`starts_with(e.action, ${action})`]),
    ...(objectKind === null ? [] : [sql`e.object_kind = ${objectKind}`]),
    ...(objectId === null ? [] : [sql`e.object_id = ${objectId}`]),
    ...(outcome === null ? [] : [sql`e.outcome = ${outcome}`]),
    // an id is made after its transaction began, so that the index on it serves the beginning of a period
    ...(from === null ? [] : [sql`e.at >= ${from} AND e.id >= ${firstIdOf(from)}::uuid`]),
    ...(to === null ? [] : [sql`e.at < ${to}`]),
  ];
  return sql<boolean>`(${sql.join(conditions, sql` AND `)})`;
}

/** The least UUID version 7 of a millisecond. */
function firstIdOf(at: Date): string {
  const time = at.getTime().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

export interface ListedEntry extends EntryRow {
  readonly seq: number | null;
  readonly hash: string | null;
}

/** Entries of these tenants, the newest first, behind an id. */
export async function listEntries(
  tx: Transaction,
  tenants: readonly string[],
  filter: AuditFilter,
  reader: Reader,
  page: { readonly after: string | null; readonly limit: number },
): Promise<readonly ListedEntry[]> {
  const behind = page.after === null ? sql`` : sql`AND e.id < ${page.after}::uuid`;
  // each tenant by its own index, instead of sorting what all of them have
  const { rows } = await sql<ListedEntry>`
    SELECT e.*, c.seq, encode(c.hash, 'hex') AS hash FROM unnest(${tenants}::text[]) AS t (id) CROSS JOIN LATERAL (
      SELECT e.tenant_id, e.id, e.at, e.action, e.outcome, e.object_kind, e.request_id, e.actor, e.origin, e.object_id, e.reason,
        e.before, e.after, e.erased_by
      FROM audit_entries e WHERE e.tenant_id = t.id ${behind} AND ${isWanted(filter, reader)} ORDER BY e.id DESC LIMIT ${page.limit}
    ) e LEFT JOIN LATERAL (SELECT x.seq, x.hash FROM audit_chain x WHERE x.tenant_id = e.tenant_id AND x.entry_id = e.id LIMIT 1) c ON true
    ORDER BY e.id DESC LIMIT ${page.limit}`.execute(tx);
  return rows;
}

/** A link, with its entry where it is wanted. */
export type ExportedLink = {
  readonly seq: number;
  readonly hash: string;
  readonly entry_hash: string;
  readonly content_hash: string;
  readonly chained_at: Date;
} & ({ readonly id: null } | Row<'audit_entries'>);

/** The last link of a tenant's chain; 0: it has none. */
export async function lastSeq(tx: Transaction, tenant: string): Promise<number> {
  const { rows } = await sql<{ seq: number }>`
    SELECT seq FROM audit_chain WHERE tenant_id = ${tenant} ORDER BY seq DESC LIMIT 1`.execute(tx);
  return rows[0]?.seq ?? 0;
}

/** Links behind one up to another, in their order. Without `links` only those whose entries are wanted. */
export async function exportLinks(
  tx: Transaction,
  { tenant, after, upTo, links }: { tenant: string; after: number; upTo: number; links: boolean },
  filter: AuditFilter,
  reader: Reader,
): Promise<readonly ExportedLink[]> {
  const join = links ? sql`LEFT JOIN` : sql`JOIN`;
  const { rows } = await sql<ExportedLink>`
    SELECT c.seq, encode(c.hash, 'hex') AS hash, encode(c.entry_hash, 'hex') AS entry_hash,
      encode(c.content_hash, 'hex') AS content_hash, c.chained_at, e.*
    FROM audit_chain c ${join} LATERAL (
      SELECT * FROM audit_entries e WHERE e.tenant_id = c.tenant_id AND e.id = c.entry_id AND ${isWanted(filter, reader)} LIMIT 1) e ON true
    WHERE c.tenant_id = ${tenant} AND c.seq > ${after} AND c.seq <= ${upTo} ORDER BY c.seq`.execute(tx);
  return rows;
}

/** Entries that are not chained yet, behind an id, in the order of their ids. */
export async function exportWaiting(
  tx: Transaction,
  { tenant, after, limit }: { tenant: string; after: string; limit: number },
  filter: AuditFilter,
  reader: Reader,
): Promise<readonly EntryRow[]> {
  const { rows } = await sql<EntryRow>`
    SELECT e.* FROM audit_waiting w CROSS JOIN LATERAL (
      SELECT * FROM audit_entries e WHERE e.tenant_id = w.tenant_id AND e.id = w.entry_id AND ${isWanted(filter, reader)} LIMIT 1) e
    WHERE w.tenant_id = ${tenant} AND w.entry_id > ${after}::uuid ORDER BY w.entry_id LIMIT ${limit}`.execute(tx);
  return rows;
}

export async function exportAnchors(
  tx: Transaction,
  tenant: string,
  [after, upTo]: readonly [number, number],
): Promise<readonly { seq: number; hash: string; signature: string | null; anchored_at: Date }[]> {
  const { rows } = await sql<{ seq: number; hash: string; signature: string | null; anchored_at: Date }>`
    SELECT seq, encode(hash, 'hex') AS hash, signature, anchored_at FROM audit_anchors
    WHERE tenant_id = ${tenant} AND seq > ${after} AND seq <= ${upTo} ORDER BY seq`.execute(tx);
  return rows;
}
