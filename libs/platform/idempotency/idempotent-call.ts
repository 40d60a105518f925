import { sql, type RawBuilder } from 'kysely';
import { AppError, type Json } from '#libs/kernel';
import { json, type Transaction } from '../database/index.js';

/** The same key came with another body. */
export class IdempotencyKeyReused extends AppError {
  readonly code = 'idempotency.key_reused';
  readonly title = 'The idempotency key was used for something else';
  readonly kind = 'invalid';
}

/** The first call with this key is under way. */
export class IdempotencyInProgress extends AppError {
  readonly code = 'idempotency.in_progress';
  readonly title = 'The first call with this key is under way';
  readonly kind = 'conflict';
  override readonly retryable = true;
}

/** Names one call: a repeat with the same key and fingerprint gets the first answer. */
export interface CallKey {
  readonly tenant: string;
  readonly caller: string;
  readonly key: string;
  /** SHA-256 of what was asked for. */
  readonly fingerprint: Buffer;
}

/** A call that was let in. */
export interface OpenCall {
  /** The transaction's time: business time is compared with this. */
  readonly at: Date;
  /** IANA zone of the tenant that is written for. */
  readonly timeZone: string;
  /** The first answer, when this call is a repeat: give it again and do nothing else. */
  readonly firstAnswer: Json | null;
}

/** Calls of one tenant that were looked at together. */
export interface OpenCalls {
  readonly at: Date;
  readonly timeZone: string;
  /** In the order of the calls: the first answer, the reason not to let it in, or null for a new call. */
  readonly entries: readonly (CallEntry | null)[];
}
export type CallEntry = { readonly firstAnswer: Json } | { readonly error: AppError };

const RETRY_AFTER_SECONDS = 1;

/**
 * Lets a call in, in a transaction that is new: sets its tenant, then locks the key without waiting until the
 * transaction ends, then looks for an earlier answer. The kept answer has to be written with the call's effect. Throws
 * `IdempotencyInProgress` or `IdempotencyKeyReused`.
 */
export async function openCall(tx: Transaction, call: CallKey): Promise<OpenCall> {
  const { at, timeZone, entries } = await openCalls(tx, [call]);
  const entry = entries[0] ?? null;
  if (entry && 'error' in entry) throw entry.error;
  return { at, timeZone, firstAnswer: entry?.firstAnswer ?? null };
}

/**
 * The same for several calls of one tenant that share the transaction; their keys must differ, because a lock does not
 * keep its own transaction out. What is wrong with a call is its entry, never thrown.
 */
export async function openCalls(tx: Transaction, calls: readonly CallKey[]): Promise<OpenCalls> {
  const { tenant } = calls[0]!;
  const ours = await enter(tx, tenant, calls);
  const found = await lookUp(tx, tenant, calls);
  const first = found[0]!;
  const kept = new Map(found.filter((row) => row.fingerprint !== null).map((row) => [placeOf(row), row]));
  const entries = calls.map((call, index) => entryOf(call, ours[index]!, kept.get(placeOf(call))));
  return { at: first.at, timeZone: first.time_zone, entries };
}

/** Names a call's key among those of its tenant. */
export function placeOf({ caller, key }: { readonly caller: string | null; readonly key: string | null }): string {
  // neither holds a line break: a caller is an id, a key is visible ASCII
  return `${caller}\n${key}`;
}

/** `setTenants` and the locks in one round trip. Gives whether each key is ours. */
async function enter(tx: Transaction, tenant: string, calls: readonly CallKey[]): Promise<readonly boolean[]> {
  const names = calls.map(({ caller, key }) => JSON.stringify(['idempotency', tenant, caller, key]));
  const { rows } = await sql<{ ours: boolean[] }>`
    SELECT set_config('stellwerk.tenants', ${tenant}, true), ARRAY(
      SELECT pg_try_advisory_xact_lock(hashtextextended(n.name, 0))
      FROM json_array_elements_text(${JSON.stringify(names)}) WITH ORDINALITY AS n (name, place) ORDER BY place
    ) AS ours`.execute(tx);
  return rows[0]!.ours;
}

interface Found {
  readonly at: Date;
  readonly time_zone: string;
  readonly caller: string | null;
  readonly key: string | null;
  readonly fingerprint: Buffer | null;
  readonly answer: unknown;
}

/** A statement of its own: its snapshot is younger than the locks, so it sees what the last holder committed. */
async function lookUp(tx: Transaction, tenant: string, calls: readonly CallKey[]): Promise<Found[]> {
  const asked = JSON.stringify(calls.map(({ caller, key }) => ({ caller, key })));
  const { rows } = await sql<Found>`
    SELECT now() AS at, t.time_zone, a.caller, a.key, k.fingerprint, k.answer
    FROM tenants t CROSS JOIN json_to_recordset(${asked}) AS a (caller text, key text)
    -- one look at the index per key: a join is planned as a scan of all keys while the table grows
    LEFT JOIN LATERAL (
      SELECT fingerprint, answer FROM idempotency_keys i
      WHERE i.tenant_id = ${tenant} AND i.caller = a.caller AND i.key = a.key LIMIT 1
    ) k ON true
    WHERE t.id = ${tenant}`.execute(tx);
  if (rows.length === 0) throw new Error(`There is no tenant ${tenant}.`);
  return rows;
}

function entryOf({ fingerprint }: CallKey, isOurs: boolean, kept: Found | undefined): CallEntry | null {
  if (!isOurs) {
    const retry = { retryAfterSeconds: RETRY_AFTER_SECONDS };
    return { error: new IdempotencyInProgress('Send the same call again in a moment to get its answer.', retry) };
  }
  if (!kept) return null;
  if (kept.fingerprint!.equals(fingerprint)) return { firstAnswer: kept.answer as Json };
  return {
    error: new IdempotencyKeyReused(
      'This Idempotency-Key belongs to a call with another body. Draw a new key for a new call.',
    ),
  };
}

/** The statement that keeps an answer under its key; it commits together with the call's effect, never before. */
export function keepAnswer(tx: Transaction, call: CallKey, status: number, answer: Json): RawBuilder<unknown> {
  const { tenant, caller, key, fingerprint } = call;
  return sql`${tx.insertInto('idempotency_keys').values({ tenant_id: tenant, caller, key, fingerprint, status, answer: json(answer) })}`;
}
