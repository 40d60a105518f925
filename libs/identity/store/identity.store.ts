import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import type { IdentityProvider } from '../model/provider.model.js';

/** Who somebody is at an issuer. Instants are the database's. */
export interface PersonIdentity {
  readonly providerId: string;
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string;
  /** Null: it came by the first sign-in. */
  readonly linkedBy: string | null;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
}

/** The identities of a person, by provider. */
export function identitiesOf(tx: Transaction, tenant: string, personId: string): Promise<PersonIdentity[]> {
  return tx
    .selectFrom('person_identities as i')
    .innerJoin('identity_providers as p', (join) =>
      join.onRef('p.tenant_id', '=', 'i.tenant_id').onRef('p.id', '=', 'i.provider_id'),
    )
    .select(['p.id as providerId', 'p.name as provider', 'p.issuer', 'i.subject', 'i.linked_by as linkedBy'])
    .select(['i.created_at as createdAt', 'i.last_sign_in_at as lastSignInAt'])
    .where('i.tenant_id', '=', tenant)
    .where('i.person_id', '=', personId)
    .orderBy('p.name')
    .orderBy('i.subject')
    .execute();
}

/** Whose this is at any of the tenant's providers of the issuer: one issuer may have several, for parts of a company. */
export async function holderAtIssuer(
  tx: Transaction,
  { tenant, issuer }: Pick<IdentityProvider, 'tenant' | 'issuer'>,
  subject: string,
): Promise<string | null> {
  const row = await tx
    .selectFrom('person_identities as i')
    .innerJoin('identity_providers as p', (join) =>
      join.onRef('p.tenant_id', '=', 'i.tenant_id').onRef('p.id', '=', 'i.provider_id'),
    )
    .select('i.person_id')
    .where('i.tenant_id', '=', tenant)
    .where('p.issuer', '=', issuer)
    .where('i.subject', '=', subject)
    .executeTakeFirst();
  return row?.person_id ?? null;
}

/** Makes an identity somebody's; false when it is somebody's already. */
export async function insertIdentity(
  tx: Transaction,
  { tenant, id }: Pick<IdentityProvider, 'tenant' | 'id'>,
  { personId, subject, linkedBy }: { readonly personId: string; readonly subject: string; readonly linkedBy: string },
): Promise<boolean> {
  const identity = { tenant_id: tenant, provider_id: id, subject, person_id: personId };
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('person_identities')
    .values({ ...identity, linked_by: linkedBy, last_sign_in_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** Takes a person's identities at a provider away. Gives whom they were of at the issuer. */
export async function deleteIdentities(
  tx: Transaction,
  { tenant, id }: Pick<IdentityProvider, 'tenant' | 'id'>,
  personId: string,
): Promise<string[]> {
  const gone = await tx
    .deleteFrom('person_identities')
    .where('tenant_id', '=', tenant)
    .where('provider_id', '=', id)
    .where('person_id', '=', personId)
    .returning('subject')
    .execute();
  return gone.map(({ subject }) => subject);
}

/** Ends the roles that came by a provider's groups. Gives how many. */
export async function endGrantsOfProvider(
  tx: Transaction,
  { tenant, name }: Pick<IdentityProvider, 'tenant' | 'name'>,
  personId: string,
  by: string,
): Promise<number> {
  const ended = await tx
    .updateTable('role_grants')
    .set({ ended_at: sql<Date>`now()`, ended_by: by })
    .where('tenant_id', '=', tenant)
    .where('person_id', '=', personId)
    .where('source', '=', 'claim')
    .where('granted_by', '=', `issuer:${name}`)
    .where('ended_at', 'is', null)
    .returning('id')
    .execute();
  return ended.length;
}
