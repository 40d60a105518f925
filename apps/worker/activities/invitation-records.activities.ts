import { expireInvitation, findInvitation } from '#libs/identity';
import { inTenants, type Database } from '#libs/platform/database';
import type { InvitationLook, InvitationRecords, InvitationRef } from '../../../workflows/support/activities.js';

/** Commits what time brings to an invitation. Each method is one transaction that changes nothing when repeated. */
export class InvitationRecordsOnDatabase implements InvitationRecords {
  constructor(private readonly database: Database) {}

  lookAtInvitation({ tenant, invitationId }: InvitationRef): Promise<InvitationLook> {
    return inTenants(this.database, [tenant], async (tx) => {
      // workflows only exist for invitations that were committed
      const invitation = (await findInvitation(tx, [tenant], invitationId))!;
      const { acceptedAt, withdrawnAt, expiredAt, byMail, number, expiresAt } = invitation;
      const isOpen = acceptedAt === null && withdrawnAt === null && expiredAt === null;
      return { isOpen, byMail, number, expiresAt: expiresAt.getTime() };
    });
  }

  async expireInvitation({ tenant, invitationId: id }: InvitationRef): Promise<void> {
    await inTenants(this.database, [tenant], (tx) => expireInvitation(tx, { tenant, id }));
  }
}
