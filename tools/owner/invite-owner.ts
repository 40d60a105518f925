import { createInvitation, findPersonOfSubject, linkOf, type Invitation } from '#libs/identity';
import { systemClock } from '#libs/kernel';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { MailedLinks } from '#libs/platform/mailed-links';
import { COMMAND, isInvited, lockPeopleOf, mspTenant, requireNoOwner } from './create-owner.js';
import { AccountUnknown, EmergencyExists } from './owner.errors.js';
import type { EmergencyWish, OwnerWish } from './owner-wish.js';

const VALID_DAYS = 2;
const OWNER = [{ role: 'owner', covers: 'all', coversId: null }] as const;

/** A link that registers a passkey; whoever opens it first has it. */
export interface InvitedOwner {
  readonly tenant: string;
  readonly invitation: string;
  readonly url: string;
  readonly expiresAt: string;
}

/**
 * Invites the first owner: a link, used once, that registers a passkey; person, role and passkey commit together when it is
 * used. Database role: `stellwerk_founder`. Throws `OwnerExists`, `InvitationOpen` or `InvitationNotNeeded`.
 */
export function inviteOwner(database: Database, links: MailedLinks, wish: OwnerWish): Promise<InvitedOwner> {
  return invite(database, links, 'owner.invited', wish, async (tx, tenant) => {
    await requireNoOwner(tx, tenant, wish);
    return { mail: wish.mail, source: 'command', grants: OWNER };
  });
}

/**
 * Makes an account for emergencies, or a link for a further key of one: without mail and issuer. Throws `EmergencyExists`,
 * `AccountUnknown` or `InvitationOpen`.
 */
export function inviteEmergency(database: Database, links: MailedLinks, wish: EmergencyWish): Promise<InvitedOwner> {
  const { keyFor, anotherFor } = wish;
  return invite(database, links, 'emergency_account.invited', wish, async (tx, tenant) => {
    const source = 'emergency';
    if (keyFor !== null) return { mail: null, source, grants: [], personId: await accountOf(tx, tenant, keyFor) };
    if (anotherFor === null && ((await hasAccount(tx, tenant)) || (await isInvited(tx, tenant, source))))
      throw new EmergencyExists(
        'A further key for it: --key-for <subject>. Another account: --another --reason <why>.',
      );
    return { mail: null, source, grants: OWNER };
  });
}

type Parts = Pick<Parameters<typeof createInvitation>[1], 'mail' | 'source' | 'grants' | 'personId'>;

async function invite(
  database: Database,
  links: MailedLinks,
  action: string,
  { name, language, by: origin, anotherFor: reason }: OwnerWish | EmergencyWish,
  judge: (tx: Transaction, tenant: string) => Promise<Parts>,
): Promise<InvitedOwner> {
  const tenant = await mspTenant(database);
  const invitation = await inTenants(database, [tenant], async (tx): Promise<Invitation> => {
    await lockPeopleOf(tx, tenant);
    const parts = await judge(tx, tenant);
    const said = { tenant, name, language, byMail: false, by: COMMAND, reason, validDays: VALID_DAYS, ...parts };
    const made = await createInvitation(tx, said);
    const object = { kind: 'invitation', id: made.id };
    await appendAudit(tx, tenant, { action, actor: COMMAND, origin, object, reason });
    return made;
  });
  const { url, expiresAt } = await links.offer(linkOf(invitation, systemClock.now()));
  return { tenant, invitation: invitation.id, url, expiresAt: expiresAt.toISOString() };
}

async function hasAccount(tx: Transaction, tenant: string): Promise<boolean> {
  const account = await emergencyPeople(tx, tenant).where('status', '=', 'active').limit(1).executeTakeFirst();
  return account !== undefined;
}

async function accountOf(tx: Transaction, tenant: string, subject: string): Promise<string> {
  const person = await findPersonOfSubject(tx, tenant, subject);
  const account = person && (await emergencyPeople(tx, tenant).where('id', '=', person.id).executeTakeFirst());
  if (!account) throw new AccountUnknown(`${subject} is no emergency account.`);
  return account.id;
}

function emergencyPeople(tx: Transaction, tenant: string) {
  return tx.selectFrom('people').select('id').where('tenant_id', '=', tenant).where('source', '=', 'emergency');
}
