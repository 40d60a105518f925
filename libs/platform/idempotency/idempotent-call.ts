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
 * transaction ends, then looks for an earlier answer. `keepAnswer` has to be written with the call's effect. Throws
 * `IdempotencyInProgress` or `IdempotencyKeyReused`.
 */
export async function openCall(tx: Transaction, call: CallKey): Promise<OpenCall> {
  if (!(await enter(tx, call))) {
    const retry = { retryAfterSeconds: RETRY_AFTER_SECONDS };
    throw new IdempotencyInProgress('Send the same call again in a moment to get its answer.', retry);
  }
  // a statement of its own: its snapshot is younger than the lock, so it sees what the last holder committed
  const found = await tx
    .selectFrom('tenants as t')
    .leftJoin('idempotency_keys as k', (join) =>
      join.onRef('k.tenant_id', '=', 't.id').on('k.caller', '=', call.caller).on('k.key', '=', call.key),
    )
    .select(['t.time_zone', 'k.fingerprint', 'k.answer', sql<Date>`now()`.as('at')])
    .where('t.id', '=', call.tenant)
    .executeTakeFirstOrThrow();
  if (found.fingerprint && !found.fingerprint.equals(call.fingerprint)) {
    throw new IdempotencyKeyReused(
      'This Idempotency-Key belongs to a call with another body. Draw a new key for a new call.',
    );
  }
  return { at: found.at, timeZone: found.time_zone, firstAnswer: found.fingerprint ? (found.answer as Json) : null };
}

/** `setTenants` and the lock in one round trip. Gives whether the key is ours. */
async function enter(tx: Transaction, call: CallKey): Promise<boolean> {
  const name = JSON.stringify(['idempotency', call.tenant, call.caller, call.key]);
  const { rows } = await sql<{ ours: boolean }>`
    SELECT set_config('stellwerk.tenants', ${call.tenant}, true),
           pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) AS ours`.execute(tx);
  return rows[0]!.ours;
}

/** The statement that keeps an answer under its key; it commits together with the call's effect, never before. */
export function keepAnswer(tx: Transaction, call: CallKey, status: number, answer: Json): RawBuilder<unknown> {
  const { tenant, caller, key, fingerprint } = call;
  return sql`${tx.insertInto('idempotency_keys').values({ tenant_id: tenant, caller, key, fingerprint, status, answer: json(answer) })}`;
}
