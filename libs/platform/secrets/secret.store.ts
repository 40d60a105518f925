import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import type { Row, Transaction } from '../database/index.js';
import { seal, unseal, type Envelope } from './keys/envelope.js';
import type { KeyRing } from './keys/index.js';

/** A secret as it may be told of; never its value. Instants are the database's. */
export interface SecretName {
  readonly tenant: string;
  readonly name: string;
  /** Counts the values from 1; a name that was removed goes on counting. */
  readonly version: number;
  readonly setBy: string;
  readonly setAt: Date;
  /** Of this version. */
  readonly lastUsedAt: Date | null;
}

/** A value ready to be kept. */
export interface SealedSecret extends Envelope {
  readonly id: string;
}

type Kept = Pick<Row<'secrets'>, 'name' | 'id' | 'key_id' | 'wrapped_key' | 'ciphertext'>;

/** Encrypts a value for its place; outside a transaction, because the ring may ask a server. */
export async function sealSecret(keys: KeyRing, tenant: string, name: string, value: string): Promise<SealedSecret> {
  const id = newId();
  return { id, ...(await seal(keys, value, placeOf(tenant, name, id))) };
}

/** Opens what is kept of a secret. Throws as `KeyRing.unwrap` does, and when the row was copied from elsewhere. */
export function unsealSecret(keys: KeyRing, tenant: string, kept: Kept): Promise<string> {
  const envelope = { key_id: kept.key_id!, wrapped_key: kept.wrapped_key!, ciphertext: kept.ciphertext! };
  return unseal(keys, envelope, placeOf(tenant, kept.name, kept.id));
}

/** What ties a secret to its place. */
export function placeOf(tenant: string, name: string, id: string): readonly string[] {
  return ['secret', tenant, name, id];
}

/** Puts a value in the place of the one before, which is gone then. */
export async function putSecret(
  tx: Transaction,
  { tenant, name, by }: { readonly tenant: string; readonly name: string; readonly by: string },
  sealed: SealedSecret,
): Promise<SecretName> {
  await endSecret(tx, tenant, name, by);
  const { rows } = await sql<{ version: number }>`
    INSERT INTO secrets (tenant_id, name, version, id, key_id, wrapped_key, ciphertext, set_by)
    SELECT ${tenant}, ${name}, coalesce(max(version), 0) + 1, ${sealed.id}, ${sealed.key_id}, ${sealed.wrapped_key},
      ${sealed.ciphertext}, ${by} FROM secrets WHERE tenant_id = ${tenant} AND name = ${name}
    RETURNING version`.execute(tx);
  return names(tx, [tenant]).where('name', '=', name).where('version', '=', rows[0]!.version).executeTakeFirstOrThrow();
}

/** Takes a value away for good. Gives the version that it had; null when there was none. */
export async function endSecret(tx: Transaction, tenant: string, name: string, by: string): Promise<number | null> {
  // two who set the same name follow each other
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${JSON.stringify(['secret', tenant, name])}, 0))`.execute(tx);
  const ended = await tx
    .updateTable('secrets')
    .set({ key_id: null, wrapped_key: null, ciphertext: null, ended_by: by, ended_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant)
    .where('name', '=', name)
    .where('ended_at', 'is', null)
    .returning('version')
    .executeTakeFirst();
  return ended?.version ?? null;
}

/** Present secrets of these tenants, by tenant and name, behind a place in that order. */
export function listSecrets(
  tx: Transaction,
  tenants: readonly string[],
  after: readonly [tenant: string, name: string],
  limit: number,
): Promise<SecretName[]> {
  return names(tx, tenants)
    .where(sql<boolean>`(tenant_id, name) > (${after[0]}, ${after[1]})`)
    .orderBy('tenant_id')
    .orderBy('name')
    .limit(limit)
    .execute();
}

/** What is kept of present secrets; for the role of the workers only. */
export function readSecrets(tx: Transaction, tenant: string, wanted: readonly string[]): Promise<Kept[]> {
  return tx
    .selectFrom('secrets')
    .select(['name', 'id', 'key_id', 'wrapped_key', 'ciphertext'])
    .where('tenant_id', '=', tenant)
    .where('ended_at', 'is', null)
    .where('name', 'in', [...wanted])
    .execute();
}

export async function noteSecretsUsed(tx: Transaction, tenant: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .updateTable('secrets')
    .set({ last_used_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant)
    .where('id', 'in', [...ids])
    .execute();
}

/** The request behind each run; while planning, a request stands in for its run. */
export async function requestsOf(
  tx: Transaction,
  tenant: string,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ run: string; request: string }>`
    SELECT id AS run, request_id AS request FROM runs WHERE tenant_id = ${tenant} AND id = ANY (${runIds}::uuid[])
    UNION ALL
    SELECT id, id FROM requests WHERE tenant_id = ${tenant} AND id = ANY (${runIds}::uuid[])`.execute(tx);
  return new Map(rows.map(({ run, request }) => [run, request]));
}

function names(tx: Transaction, tenants: readonly string[]) {
  return tx
    .selectFrom('secrets')
    .select([
      'tenant_id as tenant',
      'name',
      'version',
      'set_by as setBy',
      'set_at as setAt',
      'last_used_at as lastUsedAt',
    ])
    .where('tenant_id', 'in', [...tenants])
    .where('ended_at', 'is', null);
}
