import { sql, type RawBuilder } from 'kysely';
import { canonicalJson, type Json } from '#libs/kernel';
import type { Transaction } from '../database/index.js';

/** What somebody did to something. Never holds a secret; large values go by reference. */
export interface AuditEntry {
  /** `<noun>.<past participle>`, e.g. `plan.approved`. */
  readonly action: string;
  /** The subject that acted, or `stellwerk` for the engine. */
  readonly actor: string;
  /** The subject on whose behalf: whose session, request or approval this goes back to. */
  readonly origin?: string | null;
  readonly object: { readonly kind: string; readonly id: string };
  /** The request that the object is part of: who may not see a confidential request does not see this either. */
  readonly request?: string | null;
  readonly reason?: string | null;
  readonly before?: Json;
  readonly after?: Json;
  /** Default: `done`. */
  readonly outcome?: 'done' | 'denied' | 'failed';
}

/** By whom the engine itself goes on record. */
export const ENGINE = 'stellwerk';

const LARGEST_VALUE = 32 * 1024;

/**
 * Puts acts on record, in one statement, inside the transaction that commits them: either both are there or neither.
 * The transaction must write for `tenant` (`inTenants`).
 */
export async function appendAudit(
  tx: Transaction,
  tenant: string,
  entries: AuditEntry | readonly AuditEntry[],
): Promise<void> {
  const rows = auditRows(entries);
  if (rows.length > 0) await sql`SELECT append_audit(${tenant}, ${jsonText(rows)}::jsonb)`.execute(tx);
}

/** The same as a writing statement, for those that go along with another in one round trip. */
export function auditStatement(tenant: string, entries: AuditEntry | readonly AuditEntry[]): RawBuilder<unknown> {
  return sql`
    INSERT INTO audit_entries (tenant_id, action, outcome, object_kind, request_id, actor, origin, object_id, reason, before, after)
    SELECT ${tenant}, e.action, e.outcome, e."objectKind", e.request, e.actor, e.origin, e."objectId", e.reason, e.before, e.after
    FROM jsonb_to_recordset(${jsonText(auditRows(entries))}::jsonb) AS e (action text, outcome text, "objectKind" text, request uuid,
      actor text, origin text, "objectId" text, reason text, before jsonb, after jsonb)`;
}

/** An entry as the SQL function `append_audit` and the stored functions that call it take it. */
export interface AuditRow {
  readonly action: string;
  readonly outcome: string;
  readonly objectKind: string;
  readonly objectId: string;
  readonly request: string | null;
  readonly actor: string;
  readonly origin: string | null;
  readonly reason: string | null;
  readonly before?: Json;
  readonly after?: Json;
}

export function auditRows(entries: AuditEntry | readonly AuditEntry[]): AuditRow[] {
  return (isList(entries) ? entries : [entries]).map(toRow);
}

// Array.isArray does not narrow a readonly list
function isList(entries: AuditEntry | readonly AuditEntry[]): entries is readonly AuditEntry[] {
  return Array.isArray(entries);
}

function toRow({ object, before, after, ...entry }: AuditEntry): AuditRow {
  return {
    action: entry.action,
    outcome: entry.outcome ?? 'done',
    objectKind: object.kind,
    objectId: object.id,
    request: entry.request ?? (object.kind === 'request' ? object.id : null),
    actor: entry.actor,
    origin: entry.origin ?? null,
    reason: entry.reason ?? null,
    ...(before === undefined || before === null ? {} : { before: bounded(before) }),
    ...(after === undefined || after === null ? {} : { after: bounded(after) }),
  };
}

/** An act must not fail because it tells too much: what is too large is left out, and says so. */
function bounded(value: Json): Json {
  const bytes = Buffer.byteLength(canonicalJson(value));
  return bytes <= LARGEST_VALUE ? value : { leftOut: 'too_large', bytes };
}

const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

/** JSON that PostgreSQL takes: it refuses U+0000 and lone surrogates. */
function jsonText(rows: readonly AuditRow[]): string {
  const text = JSON.stringify(rows);
  if (!UNSTORABLE.test(text)) return text;
  return JSON.stringify(rows, (_key, value: unknown) =>
    // a lone surrogate has no UTF-8 and becomes U+FFFD
    typeof value === 'string' ? Buffer.from(value.replaceAll('\u0000', '\ufffd')).toString() : value,
  );
}
