import { appendAudit } from '#libs/platform/audit';
import type { Transaction } from '#libs/platform/database';
import { newId } from '#libs/kernel';
import { userNameOf } from '../model/claims.model.js';
import { NotAdmitted, PasskeyNotVerified } from '../model/identity.errors.js';
import type { Invitation } from '../store/invitation.store.js';
import { insertPasskey, type NewPasskey } from '../store/passkey.store.js';
import { isNameOfKey } from '../store/person.store.js';
import { raiseEmergencyChange } from './alarms.js';
import { closeAccepted } from './invitations.js';
import { startPasskeySession } from './passkey-sign-in.js';

const MOST_OF_A_NAME = 50;
const FIRST_PASSKEY = 'Passkey';

interface InvitedPerson {
  readonly subject: string;
  readonly source: string;
  readonly isNew: boolean;
}

/**
 * Lets somebody in by an invitation that the caller holds: person, roles, passkey and session commit together. Gives the
 * token for the session's cookie. Throws `InvitationEnded`, `NotAdmitted` (the tenant or person is locked, or an
 * off-boarding is open) or `PasskeyNotVerified` (the passkey is somebody's already).
 */
export async function acceptInvitation(
  tx: Transaction,
  invitation: Invitation,
  passkey: NewPasskey,
  userAgent: string | null,
): Promise<{ readonly token: string; readonly subject: string }> {
  const { tenant, personId } = invitation;
  await requireActive(tx, tenant);
  const { subject, source, isNew } = (await knownPerson(tx, invitation)) ?? (await makeInvited(tx, invitation));
  await giveGrants(tx, invitation);
  const passkeyId = await insertPasskey(tx, { tenant, personId }, passkey, FIRST_PASSKEY);
  if (passkeyId === null) throw new PasskeyNotVerified('This passkey is in use already. Make another one.');
  await closeAccepted(tx, invitation, subject);
  const object = { kind: 'person', id: personId };
  const grants = invitation.grants.map((grant) => ({ ...grant }));
  await appendAudit(tx, tenant, [
    ...(isNew ? [{ action: 'person.created', actor: invitation.invitedBy, object, after: { subject, grants } }] : []),
    {
      action: 'passkey.added',
      actor: subject,
      object: { kind: 'passkey', id: passkeyId },
      after: { person: personId },
    },
  ]);
  // its making raises no alarm of its own: the session that begins here does
  if (!isNew) await raiseEmergencyChange(tx, { tenant, personId }, 'passkey_added', subject);
  const method = source === 'emergency' ? 'emergency' : 'passkey';
  const token = await startPasskeySession(tx, { tenant, personId, subject, passkeyId, method, userAgent });
  return { token, subject };
}

async function requireActive(tx: Transaction, tenant: string): Promise<void> {
  const { status } = await tx.selectFrom('tenants').select('status').where('id', '=', tenant).executeTakeFirstOrThrow();
  if (status !== 'active') throw notAdmitted();
}

async function knownPerson(tx: Transaction, { tenant, personId }: Invitation): Promise<InvitedPerson | null> {
  const person = await tx
    .selectFrom('people')
    .select(['subject', 'status', 'source'])
    .where('tenant_id', '=', tenant)
    .where('id', '=', personId)
    .forUpdate()
    .executeTakeFirst();
  if (person && person.status !== 'active') throw notAdmitted();
  return person ? { subject: person.subject, source: person.source, isNew: false } : null;
}

/** A name that is somebody's already is never taken over: whoever comes later gets a number. */
async function makeInvited(tx: Transaction, invitation: Invitation): Promise<InvitedPerson> {
  const { tenant, personId, mail, name, language, source } = invitation;
  const userName = userNameOf(mail ?? name);
  const person = { tenant_id: tenant, id: personId, display_name: name, mail, language, source };
  for (let number = 1; number <= MOST_OF_A_NAME; number += 1) {
    const subject = `${userName}${number === 1 ? '' : `-${number}`}@${tenant}`;
    if (await isNameOfKey(tx, tenant, subject)) continue;
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('people')
      .values({ ...person, subject })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
      .catch(refusedLeaver);
    if (numInsertedOrUpdatedRows === 1n) return { subject, source, isNew: true };
  }
  throw notAdmitted();
}

async function giveGrants(tx: Transaction, { tenant, personId, grants, invitedBy }: Invitation): Promise<void> {
  for (const { role, covers, coversId } of grants)
    await tx
      .insertInto('role_grants')
      .values({
        tenant_id: tenant,
        id: newId(),
        person_id: personId,
        role,
        covers,
        covers_id: coversId,
        source: 'manual',
        granted_by: invitedBy,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

/** Somebody's off-boarding is open: no account is made for them now (trigger refuse_account_of_leaver). */
function refusedLeaver(error: unknown): never {
  if ((error as { code?: unknown }).code === '23514') throw notAdmitted();
  throw error;
}

function notAdmitted(): NotAdmitted {
  return new NotAdmitted('You are not admitted here. Ask your administrator.');
}
