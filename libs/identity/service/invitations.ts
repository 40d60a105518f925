import {
  invitationAccepted,
  invitationCreated,
  invitationExpired,
  invitationResent,
  invitationWithdrawn,
} from '#libs/events';
import { newId } from '#libs/kernel';
import { appendAudit, ENGINE } from '#libs/platform/audit';
import type { Transaction } from '#libs/platform/database';
import { revokeMailedLinks } from '#libs/platform/mailed-links';
import { appendEvent, type EventOrigin } from '#libs/platform/outbox';
import { InvitationEnded, InvitationNotNeeded, InvitationOpen } from '../model/identity.errors.js';
import {
  changeInvitation,
  findInvitation,
  insertInvitation,
  overdueInvitations,
  peopleWithMail,
  type Invitation,
  type InvitationChange,
  type InvitedGrant,
} from '../store/invitation.store.js';

export const DEFAULT_INVITATION_DAYS = 7;
/** What a link in a mail is for, as mailed links know it. */
export const INVITATION_PURPOSE = 'invitation';
const NO_MAIL = 'handed over without mail';

/** Somebody who is to be let in. */
export interface NewInvitation {
  readonly tenant: string;
  /** Where they are reached; null for an account without a mailbox. */
  readonly mail: string | null;
  readonly name: string;
  readonly language: 'de' | 'en';
  /** Judged by the caller: nobody hands out more than they have. */
  readonly grants: readonly InvitedGrant[];
  /** How they got in; becomes `people.source`. */
  readonly source: Invitation['source'];
  /** Whether the platform mails the link. False: the caller makes it (see `createInvitation`) and hands it over. */
  readonly byMail: boolean;
  /** Who invites, as histories name them. */
  readonly by: string;
  readonly reason?: string | null;
  /** Somebody who is known, for a further passkey; else who has the address, or somebody new. */
  readonly personId?: string;
  /** 1 to 14; 7 when left out. */
  readonly validDays?: number;
}

/**
 * Invites somebody, in a transaction of their tenant (which needs INSERT on `invitations`, `outbox`, `audit_entries`): a
 * row, an entry in the audit, and the event that starts the workflow which mails the link and lets it expire. A person
 * with the address who has no way in any more is invited as themselves and keeps their roles; an address that can sign in
 * is not invited. Throws `InvitationNotNeeded` or `InvitationOpen`.
 *
 * Whoever shows the link instead (`byMail: false`) makes it after the commit, with the worker's rights, and only then:
 * ```ts
 * const links = new MailedLinks(database, new SealedValues(database, keys), publicUrl);
 * const { url, expiresAt } = await links.offer(linkOf(invitation, now));
 * ```
 * The link shows a page; its button registers a passkey, and the person, their roles and the passkey commit together.
 */
export async function createInvitation(tx: Transaction, wish: NewInvitation): Promise<Invitation> {
  const { tenant, mail, by } = wish;
  const personId = wish.personId ?? (mail === null ? null : await knownWithoutKey(tx, tenant, mail)) ?? newId();
  for (const id of await overdueInvitations(tx, tenant, { mail, personId })) await expireInvitation(tx, { tenant, id });
  const id = newId();
  const { validDays = DEFAULT_INVITATION_DAYS, reason = null, ...said } = wish;
  if (!(await insertInvitation(tx, { ...said, id, personId, invitedBy: by, validDays })))
    throw new InvitationOpen('Send that invitation again, or withdraw it first.');
  await appendEvent(tx, invitationCreated, originOf(tenant, id, id), { invitationId: id });
  await appendAudit(tx, tenant, {
    action: 'invitation.sent',
    actor: by,
    object: { kind: 'invitation', id },
    reason,
    after: { mail, grants: wish.grants.map((grant) => ({ ...grant })), validDays },
  });
  return (await findInvitation(tx, [tenant], id))!;
}

/** The link that belongs to an open invitation, for `MailedLinks.offer`: valid as long as the invitation is. */
export function linkOf({ tenant, id, mail, language, expiresAt }: Invitation, now: Date) {
  const validHours = Math.max(0, expiresAt.getTime() - now.getTime()) / 3_600_000;
  return {
    tenant,
    purpose: INVITATION_PURPOSE,
    objectId: id,
    recipient: mail ?? NO_MAIL,
    language,
    validHours,
  } as const;
}

/** Sends an open invitation again: links from before no longer hold, and its time begins anew. Throws `InvitationEnded`. */
export async function resendInvitation(tx: Transaction, invitation: Invitation, by: string): Promise<void> {
  await change(tx, invitation, { kind: 'resent' }, by);
}

/** Takes an open invitation back; its link says so from now on. Throws `InvitationEnded`. */
export async function withdrawInvitation(
  tx: Transaction,
  invitation: Invitation,
  by: string,
  reason: string | null,
): Promise<void> {
  await change(tx, invitation, { kind: 'withdrawn', by }, by, reason);
}

/** Notes that somebody accepted. Throws `InvitationEnded`; the link is used up by whoever calls. */
export async function closeAccepted(tx: Transaction, invitation: Invitation, by: string): Promise<void> {
  await change(tx, invitation, { kind: 'accepted' }, by);
}

/** Notes that the time of an invitation is over. Gives false when it is not, or another end came first. */
export async function expireInvitation(tx: Transaction, at: Pick<Invitation, 'tenant' | 'id'>): Promise<boolean> {
  const eventId = newId();
  if (!(await changeInvitation(tx, at, { kind: 'expired' }, eventId))) return false;
  await tell(tx, at, 'expired', eventId, ENGINE, null);
  return true;
}

const EVENTS = {
  resent: invitationResent,
  accepted: invitationAccepted,
  withdrawn: invitationWithdrawn,
  expired: invitationExpired,
} as const;

async function change(
  tx: Transaction,
  invitation: Invitation,
  to: InvitationChange,
  by: string,
  reason: string | null = null,
): Promise<void> {
  const { tenant, id, state } = invitation;
  const eventId = newId();
  if (!(await changeInvitation(tx, invitation, to, eventId)))
    throw new InvitationEnded(
      state === 'open' ? 'Somebody else was first. Look at it again.' : `It is ${state}. Invite the person anew.`,
    );
  // accepting uses its own link up; whoever else has one is told that it no longer holds
  if (to.kind !== 'accepted') await revokeMailedLinks(tx, { tenant, purpose: INVITATION_PURPOSE, objectId: id });
  await tell(tx, invitation, to.kind, eventId, by, reason);
}

async function tell(
  tx: Transaction,
  { tenant, id }: Pick<Invitation, 'tenant' | 'id'>,
  kind: InvitationChange['kind'],
  eventId: string,
  actor: string,
  reason: string | null,
): Promise<void> {
  await appendEvent(tx, EVENTS[kind], originOf(tenant, id, eventId), { invitationId: id });
  await appendAudit(tx, tenant, { action: `invitation.${kind}`, actor, object: { kind: 'invitation', id }, reason });
}

/** Somebody with this address who cannot sign in any more; null: nobody has it. Throws `InvitationNotNeeded`. */
async function knownWithoutKey(tx: Transaction, tenant: string, mail: string): Promise<string | null> {
  const known = await peopleWithMail(tx, tenant, mail);
  if (known.length === 0) return null;
  const able = known.filter((person) => person.status === 'active' && !person.canSignIn);
  if (able.length < known.length || able.length > 1)
    throw new InvitationNotNeeded(
      'They can sign in, or are locked. Take their passkeys away first where a device was lost, or unlock them.',
    );
  return able[0]!.id;
}

function originOf(tenant: string, id: string, eventId: string): EventOrigin {
  return { tenant, aggregate: `invitation/${id}`, correlationId: id, causationId: null, id: eventId };
}
