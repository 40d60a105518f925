import { PasskeyCeremonies } from '#libs/identity';
import type { Feature } from '../feature.js';
import { Cookies } from '../identity/cookies.js';
import { servicesOf } from '../identity/identity.feature.js';
import { InvitationLinkPage } from './invitation-link.page.js';
import { Invitations } from './invitations.js';
import { InvitationsController } from './invitations.controller.js';

/** Inviting people who have no identity provider. */
export const invitationsFeature: Feature = {
  controllers: [InvitationsController],
  providers: ({ database, hint }) => [{ provide: Invitations, useValue: new Invitations(database, hint) }],
  linkPages: (parts) => {
    const { database, publicUrl, hint } = parts;
    const { sessions } = servicesOf(parts);
    const ceremonies = new PasskeyCeremonies(database, publicUrl);
    return [new InvitationLinkPage(ceremonies, new Cookies(publicUrl), sessions, hint)];
  },
};
