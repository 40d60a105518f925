import { sql } from 'kysely';
import { findInvitation, linkOf, type Invitation } from '#libs/identity';
import { invitationMail, Notices } from '#libs/notify';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { MailedLinks } from '#libs/platform/mailed-links';
import type { Pulse, StepSystems } from '#libs/process';
import type { InvitationTelling } from '../../../workflows/support/activities.js';
import { MailSystemTransport } from './mail-transport.js';

interface Letter {
  readonly invitation: Invitation;
  readonly mail: string;
  /** The tenant's name. */
  readonly customer: string;
  /** The database's clock. */
  readonly now: Date;
}

/** Brings invitations to people by mail. */
export class InvitationMailActivities {
  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
    private readonly links: MailedLinks,
  ) {}

  async sendInvitation(task: InvitationTelling, pulse: Pulse): Promise<void> {
    const { tenant, invitationId, number } = task;
    const letter = await inTenants(this.database, [tenant], (tx) => readLetter(tx, task));
    if (!letter) return;
    const { invitation, mail, customer } = letter;
    const link = await this.links.offer(linkOf(invitation, letter.now));
    const news = { name: invitation.name, invitedBy: invitation.invitedBy, customer, link };
    const notices = new Notices(this.database, new MailSystemTransport(this.systems, pulse));
    const content = invitationMail(invitation.language, news);
    await notices.send({ tenant, id: `${invitationId}.invite-${number}`, template: 'invitation', to: mail, content });
  }
}

/** Null when there is nothing to send any more. */
async function readLetter(
  tx: Transaction,
  { tenant, invitationId, number }: InvitationTelling,
): Promise<Letter | null> {
  const invitation = await findInvitation(tx, [tenant], invitationId);
  if (invitation?.state !== 'open' || invitation.number !== number || invitation.mail === null) return null;
  const { rows } = await sql<{ customer: string; now: Date }>`
    SELECT name AS customer, now() AS now FROM tenants WHERE id = ${tenant}`.execute(tx);
  return { invitation, mail: invitation.mail, ...rows[0]! };
}
