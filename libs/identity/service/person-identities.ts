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
import { holdInvitationsOf } from '../store/invitation.store.js';
import { deletePasskeys } from '../store/passkey.store.js';
import { withdrawInvitation } from './invitations.js';
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
 * Ends the ways in past a person's issuer, on record: open invitations, passkeys, and the sessions that those began. Whoever
 * leaves their company is shut out there, and nowhere else.
 */
export async function endWaysPastIssuer(tx: Transaction, act: Omit<IdentityAct, 'provider'> & Tenant): Promise<void> {
  const { tenant, personId, by, reason } = act;
  // the invitations first: whoever accepts one at this moment has their passkey taken away as well
  for (const open of await holdInvitationsOf(tx, tenant, personId)) await withdrawInvitation(tx, open, by, reason);
  const passkeyIds = await deletePasskeys(tx, { tenant, personId });
  if (passkeyIds.length === 0) return;
  const before = { person: personId };
  await appendAudit(
    tx,
    tenant,
    passkeyIds.map((id) => ({
      action: 'passkey.removed',
      actor: by,
      reason,
      object: { kind: 'passkey', id },
      before,
    })),
  );
  await endSessionsOnRecord(tx, { tenant, passkeyIds }, by, 'revoked');
}

interface Tenant {
  readonly tenant: string;
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
