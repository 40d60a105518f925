import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import type { Database, Transaction } from '#libs/platform/database';
import type { TenantStanding } from './person.store.js';

/** A passkey as it may be shown. Instants are the database's. */
export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly backedUp: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** A passkey that a browser made and that was verified. */
export interface NewPasskey {
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly backedUp: boolean;
}

/** A passkey that a browser presents, by what is needed to check its signature. */
export interface PresentedPasskey {
  readonly tenant: string;
  readonly id: string;
  readonly personId: string;
  readonly subject: string;
  /** How the person got in. */
  readonly source: string;
  readonly publicKey: Buffer;
}

/** Whose passkeys. */
export interface PasskeyOwner {
  readonly tenant: string;
  readonly personId: string;
}

/** The oldest first. */
export function listPasskeys(tx: Transaction, { tenant, personId }: PasskeyOwner): Promise<Passkey[]> {
  return tx
    .selectFrom('passkeys')
    .select(['id', 'name', 'backed_up as backedUp', 'created_at as createdAt', 'last_used_at as lastUsedAt'])
    .where('tenant_id', '=', tenant)
    .where('person_id', '=', personId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** Names of a person's passkeys at their authenticators. */
export async function credentialsOf(tx: Transaction, { tenant, personId }: PasskeyOwner): Promise<Buffer[]> {
  const rows = await tx
    .selectFrom('passkeys')
    .select('credential_id')
    .where('tenant_id', '=', tenant)
    .where('person_id', '=', personId)
    .execute();
  return rows.map((row) => row.credential_id);
}

/** Keeps a new passkey. Gives its id, or null when it is anybody's already. */
export async function insertPasskey(
  tx: Transaction,
  { tenant, personId }: PasskeyOwner,
  passkey: NewPasskey,
  name: string,
): Promise<string | null> {
  const { rows } = await sql<{ known: boolean }>`SELECT passkey_is_known(${passkey.credentialId}) AS known`.execute(tx);
  if (rows[0]!.known) return null;
  const id = newId();
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('passkeys')
    .values({
      tenant_id: tenant,
      id,
      person_id: personId,
      credential_id: passkey.credentialId,
      public_key: passkey.publicKey,
      counter: passkey.counter,
      transports: [...passkey.transports],
      backed_up: passkey.backedUp,
      name,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n ? id : null;
}

export async function renamePasskey(
  tx: Transaction,
  { tenant, personId }: PasskeyOwner,
  id: string,
  name: string,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('passkeys')
    .set({ name })
    .where('tenant_id', '=', tenant)
    .where('person_id', '=', personId)
    .where('id', '=', id)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Removes one passkey of a person, or all. Gives the ids of those that it removed. */
export async function deletePasskeys(
  tx: Transaction,
  { tenant, personId }: PasskeyOwner,
  id?: string,
): Promise<string[]> {
  const rows = await tx
    .deleteFrom('passkeys')
    .where('tenant_id', '=', tenant)
    .where('person_id', '=', personId)
    .$if(id !== undefined, (query) => query.where('id', '=', id!))
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}

/** The passkey of this name that belongs to this person, asked before the tenant is known. */
export async function presentedPasskey(
  database: Database,
  credentialId: Buffer,
  personId: string,
): Promise<PresentedPasskey | undefined> {
  const { rows } = await sql<PresentedPasskey>`
    SELECT tenant_id AS tenant, id, person_id AS "personId", subject, source, public_key AS "publicKey"
    FROM passkey_of_sign_in(${credentialId}, ${personId})`.execute(database);
  return rows[0];
}

/** Where it is noted what belongs to no tenant. */
export async function mspTenant(database: Database): Promise<string> {
  const { rows } = await sql<{ tenant: string }>`SELECT msp_tenant() AS tenant`.execute(database);
  return rows[0]!.tenant;
}

/** A passkey with its person and tenant as they stand now, held until the transaction ends. */
export async function holdPasskey(tx: Transaction, { tenant, id }: Pick<PresentedPasskey, 'tenant' | 'id'>) {
  const { rows } = await sql<{ counter: number; personStatus: string; source: string; standing: TenantStanding }>`
    SELECT k.counter, p.status AS "personStatus", p.source, standing_of_tenant(t.id, t.status) AS standing
    FROM passkeys k JOIN people p ON p.tenant_id = k.tenant_id AND p.id = k.person_id JOIN tenants t ON t.id = k.tenant_id
    WHERE k.tenant_id = ${tenant} AND k.id = ${id} FOR UPDATE OF k, p`.execute(tx);
  return rows[0];
}

/** Notes a sign-in, with the authenticator's count. */
export async function notePasskeyUsed(
  tx: Transaction,
  { tenant, id }: Pick<PresentedPasskey, 'tenant' | 'id'>,
  { counter, backedUp }: Pick<NewPasskey, 'counter' | 'backedUp'>,
): Promise<void> {
  await tx
    .updateTable('passkeys')
    .set({ counter, backed_up: backedUp, last_used_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .execute();
}

/** Notes what a browser begins; it has five minutes. `tenant` is null while nobody knows whose it is. */
export async function beginCeremony(
  database: Database,
  hash: Buffer,
  { tenant, boundTo, returnTo }: { tenant: string | null; boundTo: string; returnTo: string | null },
): Promise<void> {
  await sql`SELECT begin_passkey_ceremony(${tenant}, ${hash}, ${boundTo}, ${returnTo})`.execute(database);
}

/** Takes what a browser began, once; null when it did not, for something else, or too long ago. */
export async function takeCeremony(
  database: Database,
  hash: Buffer,
  boundTo: string,
): Promise<{ readonly returnTo: string | null } | null> {
  const { rows } = await sql<{
    returnTo: string | null;
  }>`SELECT return_to AS "returnTo" FROM take_passkey_ceremony(${hash}, ${boundTo})`.execute(database);
  return rows[0] ?? null;
}

/** Whether somebody's company has an issuer that they sign in at: they are somebody there. */
export async function signsInAtIssuer(tx: Transaction, { tenant, personId }: PasskeyOwner): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`
    SELECT EXISTS (SELECT FROM person_identities WHERE tenant_id = ${tenant} AND person_id = ${personId}) AS known`.execute(
    tx,
  );
  return rows[0]!.known;
}
