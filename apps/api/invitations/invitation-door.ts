import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import {
  credentialsOf,
  findInvitation,
  INVITATION_PURPOSE,
  InvitationEnded,
  type BegunCeremony,
  type Invitation,
  type PasskeyCeremonies,
} from '#libs/identity';
import { inTenants, type Database } from '#libs/platform/database';
import { presentedLink } from '#libs/platform/mailed-links';

/** What a registration that was begun by an invitation is bound to: it counts for no other. */
export function boundToInvitation({ tenant, id }: Pick<Invitation, 'tenant' | 'id'>): string {
  return `invitation:${tenant}/${id}`;
}

/** Lets whoever holds an invitation's link begin to make a passkey. */
export class InvitationDoor {
  constructor(
    private readonly database: Database,
    private readonly ceremonies: PasskeyCeremonies,
  ) {}

  /** Changes nothing of the invitation. Throws `InvitationEnded`, the same whatever is wrong with the link, or `PasskeysUnavailable`. */
  async begin(token: string): Promise<BegunCeremony<PublicKeyCredentialCreationOptionsJSON>> {
    const found = await presentedLink(this.database, INVITATION_PURPOSE, token);
    if (found.kind !== 'link' || found.link.state !== 'open') throw ended();
    const { tenant, objectId: id } = found.link;
    const known = await inTenants(this.database, [tenant], async (tx) => {
      const invitation = await findInvitation(tx, [tenant], id);
      return invitation && { invitation, exclude: await credentialsOf(tx, invitation) };
    });
    if (known?.invitation.state !== 'open') throw ended();
    const { invitation, exclude } = known;
    const { personId, name: displayName, mail } = invitation;
    const wish = { tenant, personId, displayName, userName: mail ?? displayName, exclude };
    return this.ceremonies.beginRegistration({ ...wish, boundTo: boundToInvitation(invitation) });
  }
}

function ended(): InvitationEnded {
  return new InvitationEnded('Open the link from the mail again: its page says why.');
}
