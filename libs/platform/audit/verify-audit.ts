import { sql } from 'kysely';
import type { Database, Transaction } from '../database/index.js';
import { AnchorCheck, type GivenAnchor, type SignatureCheck } from './verify-anchors.js';
import { ChainCheck, type LinkRow } from './verify-chain.js';
import { ERASED, type ErasedEntry } from './erase-from-audit.js';
import { HASHED_COLUMNS } from './entry-rows.js';

/** Something that nobody may have done, and where. */
export interface Finding {
  readonly tenant: string;
  readonly kind:
    | 'entry_changed'
    | 'entry_removed'
    | 'entry_not_queued'
    | 'erased_without_record'
    | 'chain_gap'
    | 'chain_broken'
    | 'tail_cut_off'
    | 'anchor_mismatch'
    | 'anchor_forged'
    | 'anchor_unsigned'
    | 'anchor_removed';
  readonly seq: number | null;
  readonly entry: string | null;
  /** What that means, for people. */
  readonly text: string;
}

export interface TenantVerdict {
  readonly tenant: string;
  readonly findings: readonly Finding[];
  readonly chained: number;
  readonly head: { readonly seq: number; readonly hash: string } | null;
  /** Entries that are on record and not chained yet: what happens to them now does not show. */
  readonly notYetChained: { readonly entries: number; readonly oldest: Date | null; readonly erasures: number };
  readonly anchors: {
    readonly signed: number;
    readonly unsigned: number;
    /** Signed, and no keys were given to check that with. */
    readonly unchecked: number;
    /** Links after the newest anchor: a cut there does not show. */
    readonly linksSince: number;
  };
  /** Entries that erasures replaced, and by whose order: what stands there now is what those left. */
  readonly erased: readonly { readonly by: string; readonly entries: number }[];
  /** Chained more than an hour after the time that the entry names. */
  readonly late: number;
}

export interface VerifyOptions {
  readonly tenant?: string | undefined;
  /** Anchors that were read elsewhere, e.g. from Kafka. */
  readonly anchors?: readonly GivenAnchor[];
  /** Null: no keys are known, and no signature is checked. */
  readonly check: SignatureCheck | null;
  /** Told after each thousand links. */
  onProgress?(tenant: string, seq: number): void;
}

const AT_ONCE = 1_000;
const FINDINGS_KEPT = 1_000;

/**
 * Recomputes the audit of each tenant, or of one: every entry against its link, every link against the one before it,
 * the chain against its anchors. Reads one snapshot and changes nothing. Takes the bridge's role.
 */
export async function* verifyAudit(database: Database, options: VerifyOptions): AsyncGenerator<TenantVerdict> {
  const tenants = await tenantsWithAudit(database, options);
  for (const tenant of tenants) {
    yield await database
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute((tx) => verifyTenant(tx, tenant, options));
  }
}

async function tenantsWithAudit(
  database: Database,
  { tenant, anchors = [] }: VerifyOptions,
): Promise<readonly string[]> {
  if (tenant !== undefined) return [tenant];
  // a tenant whose audit is gone altogether is known by its anchors
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM tenants UNION SELECT tenant_id FROM audit_anchors
    UNION SELECT unnest(${anchors.map((anchor) => anchor.tenant)}::text[]) ORDER BY 1`.execute(database);
  return rows.map(({ id }) => id);
}

async function verifyTenant(tx: Transaction, tenant: string, options: VerifyOptions): Promise<TenantVerdict> {
  const findings: Finding[] = [];
  const report = (finding: Omit<Finding, 'tenant'>): void => {
    if (findings.length < FINDINGS_KEPT) findings.push({ tenant, ...finding });
  };
  const anchors = new AnchorCheck(tenant, await keptAnchors(tx, tenant), options, report);
  const chain = new ChainCheck(tenant, await erasuresOf(tx, tenant), report);
  for (let after = 0; ;) {
    const links = await linksAfter(tx, tenant, after);
    for (const link of links) {
      chain.take(link);
      anchors.take(link);
    }
    if (links.length < AT_ONCE) break;
    after = links.at(-1)!.seq;
    options.onProgress?.(tenant, after);
  }
  anchors.end(chain.head);
  await reportUnqueued(tx, tenant, report);
  const notYetChained = await waitingOf(tx, tenant, report);
  return {
    ...{ tenant, findings, chained: chain.chained, head: chain.head, notYetChained },
    ...{ anchors: anchors.summary(chain.head), erased: await ordersOf(tx, tenant), late: chain.late },
  };
}

async function keptAnchors(tx: Transaction, tenant: string): Promise<readonly GivenAnchor[]> {
  const { rows } = await sql<GivenAnchor>`
    SELECT tenant_id AS tenant, seq, encode(hash, 'hex') AS hash, signature FROM audit_anchors
    WHERE tenant_id = ${tenant} ORDER BY seq`.execute(tx);
  return rows;
}

/** What chained erasures left in each entry, the last one counting. */
async function erasuresOf(tx: Transaction, tenant: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ entries: readonly ErasedEntry[] | null }>`
    SELECT e.after -> 'entries' AS entries FROM audit_entries e
    JOIN audit_chain c ON c.tenant_id = e.tenant_id AND c.entry_id = e.id
    WHERE e.tenant_id = ${tenant} AND e.action = ${ERASED} ORDER BY c.seq`.execute(tx);
  return new Map(rows.flatMap((row) => row.entries ?? []).map(({ id, hash }) => [id, hash]));
}

async function ordersOf(tx: Transaction, tenant: string): Promise<TenantVerdict['erased']> {
  const { rows } = await sql<{ by: string; entries: number }>`
    SELECT e.actor AS by, sum(jsonb_array_length(coalesce(e.after -> 'entries', '[]')))::int AS entries FROM audit_entries e
    WHERE e.tenant_id = ${tenant} AND e.action = ${ERASED} GROUP BY 1 ORDER BY 1`.execute(tx);
  return rows;
}

async function linksAfter(tx: Transaction, tenant: string, after: number): Promise<readonly LinkRow[]> {
  const { rows } = await sql<LinkRow>`
    SELECT c.seq, c.entry_id, encode(c.content_hash, 'hex') AS content_hash, encode(c.entry_hash, 'hex') AS entry_hash,
      encode(c.hash, 'hex') AS hash, c.chained_at, ${HASHED_COLUMNS}, e.erased_by
    FROM (SELECT * FROM audit_chain WHERE tenant_id = ${tenant} AND seq > ${after} ORDER BY seq LIMIT ${AT_ONCE}) c
    LEFT JOIN LATERAL (SELECT * FROM audit_entries x WHERE x.tenant_id = c.tenant_id AND x.id = c.entry_id LIMIT 1) e ON true
    ORDER BY c.seq`.execute(tx);
  return rows;
}

type Report = (finding: Omit<Finding, 'tenant'>) => void;

/** Entries that neither are chained nor wait for it. */
async function reportUnqueued(tx: Transaction, tenant: string, report: Report): Promise<void> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const { rows } = await sql<{ id: string; known: boolean }>`
      SELECT e.id, coalesce(c.found, w.found, false) AS known
      FROM (SELECT tenant_id, id FROM audit_entries WHERE tenant_id = ${tenant} AND id > ${after} ORDER BY id LIMIT ${AT_ONCE}) e
      LEFT JOIN LATERAL (SELECT true AS found FROM audit_chain x WHERE x.tenant_id = e.tenant_id AND x.entry_id = e.id LIMIT 1) c ON true
      LEFT JOIN LATERAL (SELECT true AS found FROM audit_waiting x WHERE x.tenant_id = e.tenant_id AND x.entry_id = e.id LIMIT 1) w ON true
      ORDER BY e.id`.execute(tx);
    for (const { id } of rows.filter(({ known }) => !known))
      report({
        ...{ kind: 'entry_not_queued', seq: null, entry: id },
        text: 'is neither chained nor waiting for it: it was put in past the trigger, or its link was removed',
      });
    if (rows.length < AT_ONCE) return;
    after = rows.at(-1)!.id;
  }
}

async function waitingOf(tx: Transaction, tenant: string, report: Report): Promise<TenantVerdict['notYetChained']> {
  const { rows } = await sql<{ id: string; at: Date | null; action: string | null }>`
    SELECT w.entry_id AS id, e.at, e.action FROM audit_waiting w
    LEFT JOIN audit_entries e ON e.tenant_id = w.tenant_id AND e.id = w.entry_id
    WHERE w.tenant_id = ${tenant} ORDER BY w.entry_id`.execute(tx);
  for (const { id } of rows.filter(({ at }) => at === null))
    report({ kind: 'entry_removed', seq: null, entry: id, text: 'was removed before it was chained' });
  const there = rows.filter(({ at }) => at !== null);
  return {
    entries: there.length,
    oldest: there[0]?.at ?? null,
    erasures: there.filter(({ action }) => action === ERASED).length,
  };
}
