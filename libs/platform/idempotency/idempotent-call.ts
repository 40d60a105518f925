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

const RETRY_AFTER_SECONDS = 1;

/**
 * Lets a call in, in a transaction that is new: sets its tenant, then locks the key without waiting until the
 * transaction ends, then looks for an earlier answer. The kept answer has to be written with the call's effect. Throws
 * `IdempotencyInProgress` or `IdempotencyKeyReused`.
 */
export async function openCall(tx: Transaction, call: CallKey): Promise<OpenCall> {
  if (!(await enter(tx, call))) throw inProgress();
  const { at, time_zone: timeZone, fingerprint, answer } = await lookUp(tx, call);
  if (fingerprint === null) return { at, timeZone, firstAnswer: null };
  return { at, timeZone, firstAnswer: firstAnswerTo(call, { fingerprint: fingerprint.toString('hex'), answer }) };
}

/** The name under which a call's key is locked while it is under way. */
export function lockNameOf({ tenant, caller, key }: CallKey): string {
  return JSON.stringify(['idempotency', tenant, caller, key]);
}

/** An answer that is kept; `fingerprint` in hex. */
export interface KeptAnswer {
  readonly fingerprint: string;
  readonly answer: unknown;
}

/** The first answer to a call whose key was used. Throws `IdempotencyKeyReused` where that was another call. */
export function firstAnswerTo(call: CallKey, kept: KeptAnswer): Json {
  if (kept.fingerprint === call.fingerprint.toString('hex')) return kept.answer as Json;
  throw new IdempotencyKeyReused(
    'This Idempotency-Key belongs to a call with another body. Draw a new key for a new call.',
  );
}

/** Names a call's key among those of its tenant. */
export function placeOf({ caller, key }: CallKey): string {
  // neither holds a line break: a caller is an id, a key is visible ASCII
  return `${caller}\n${key}`;
}

/** What a call is told whose key somebody else has locked. */
export function inProgress(): IdempotencyInProgress {
  const retry = { retryAfterSeconds: RETRY_AFTER_SECONDS };
  return new IdempotencyInProgress('Send the same call again in a moment to get its answer.', retry);
}

/** `setTenants` and the lock in one round trip. Gives whether the key is ours. */
async function enter(tx: Transaction, call: CallKey): Promise<boolean> {
  const { rows } = await sql<{ ours: boolean }>`
    SELECT set_config('stellwerk.tenants', ${call.tenant}, true),
      pg_try_advisory_xact_lock(hashtextextended(${lockNameOf(call)}, 0)) AS ours`.execute(tx);
  return rows[0]!.ours;
}

interface Found {
  readonly at: Date;
  readonly time_zone: string;
  readonly fingerprint: Buffer | null;
  readonly answer: unknown;
}

/** A statement of its own: its snapshot is younger than the lock, so it sees what the last holder committed. */
async function lookUp(tx: Transaction, { tenant, caller, key }: CallKey): Promise<Found> {
  const { rows } = await sql<Found>`
    SELECT now() AS at, t.time_zone, k.fingerprint, k.answer
    FROM tenants t LEFT JOIN idempotency_keys k ON k.tenant_id = t.id AND k.caller = ${caller} AND k.key = ${key}
    WHERE t.id = ${tenant}`.execute(tx);
  if (rows.length === 0) throw new Error(`There is no tenant ${tenant}.`);
  return rows[0]!;
}

/** The statement that keeps an answer under its key; it commits together with the call's effect, never before. */
export function keepAnswer(tx: Transaction, call: CallKey, status: number, answer: Json): RawBuilder<unknown> {
  const { tenant, caller, key, fingerprint } = call;
  return sql`${tx.insertInto('idempotency_keys').values({ tenant_id: tenant, caller, key, fingerprint, status, answer: json(answer) })}`;
}
