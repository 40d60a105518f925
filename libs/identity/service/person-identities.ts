import { appendAudit } from '#libs/platform/audit';
import type { Transaction } from '#libs/platform/database';
import { IdentityNotFound, IdentityTaken, PersonHasIdentity } from '../model/identity.errors.js';
import type { IdentityProvider } from '../model/provider.model.js';
import {
  deleteIdentities,
  endGrantsOfProvider,
  holderAtIssuer,
  identitiesOf,
  insertIdentity,
} from '../store/identity.store.js';
import { endSessionsOnRecord } from './sessions.js';

/** An act about who somebody is at an issuer: in the tenant of person and provider. */
export interface IdentityAct {
  readonly provider: Pick<IdentityProvider, 'tenant' | 'id' | 'name' | 'issuer'>;
  readonly personId: string;
  /** Who does it. */
  readonly by: string;
  readonly reason: string;
}

/**
 * Says who a person is at an issuer, on record; the same said again changes nothing. An identity is one person's among all
 * of the tenant's providers of this issuer. Throws `IdentityTaken` or `PersonHasIdentity`.
 */
export async function linkIdentity(tx: Transaction, act: IdentityAct, subject: string): Promise<void> {
  const { provider, personId, by, reason } = act;
  const own = (await identitiesOf(tx, provider.tenant, personId)).filter((one) => one.providerId === provider.id);
  if (own.some((one) => one.subject === subject)) return;
  if (own.length > 0)
    throw new PersonHasIdentity(`They are somebody else at ${provider.name} until now. Unlink that first.`);
  const holder = await holderAtIssuer(tx, provider, subject);
  if (holder !== null || !(await insertIdentity(tx, provider, { personId, subject, linkedBy: by })))
    throw new IdentityTaken('Somebody else here signs in with it. Unlink it from them first.');
  await appendAudit(tx, provider.tenant, {
    action: 'identity.linked',
    actor: by,
    reason,
    object: { kind: 'person', id: personId },
    after: { provider: provider.name, subject },
  });
}

/**
 * Takes a person's identity at a provider away, on record: sessions that came by it end, and so do the roles of its groups.
 * Throws `IdentityNotFound`.
 */
export async function unlinkIdentity(tx: Transaction, act: IdentityAct): Promise<void> {
  const { provider, personId, by, reason } = act;
  const subjects = await deleteIdentities(tx, provider, personId);
  if (subjects.length === 0) throw new IdentityNotFound(`They have no identity at ${provider.name}.`);
  const { tenant, id: providerId } = provider;
  await endSessionsOnRecord(tx, { tenant, personId, providerId }, by, 'revoked');
  const roles = await endGrantsOfProvider(tx, provider, personId, by);
  await appendAudit(tx, tenant, {
    action: 'identity.unlinked',
    actor: by,
    reason,
    object: { kind: 'person', id: personId },
    before: { provider: provider.name, subjects },
    after: { rolesEnded: roles },
  });
}
