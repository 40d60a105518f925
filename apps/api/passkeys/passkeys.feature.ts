import { PasskeyCeremonies, PasskeySignIn } from '#libs/identity';
import type { Feature } from '../feature.js';
import { servicesOf } from '../identity/identity.feature.js';
import { InvitationDoor } from '../invitations/invitation-door.js';
import { PasskeyDesk } from './passkey-desk.js';
import { PasskeySignInController } from './passkey-sign-in.controller.js';
import { PasskeysController } from './passkeys.controller.js';

/** Signing in with passkeys, and looking after them. */
export const passkeysFeature: Feature = {
  controllers: [PasskeySignInController, PasskeysController],
  providers: (parts) => {
    const { database, publicUrl, signInLimits } = parts;
    const { sessions } = servicesOf(parts);
    const ceremonies = new PasskeyCeremonies(database, publicUrl);
    return [
      { provide: PasskeyCeremonies, useValue: ceremonies },
      { provide: PasskeySignIn, useValue: new PasskeySignIn(database, ceremonies, sessions, signInLimits) },
      { provide: InvitationDoor, useValue: new InvitationDoor(database, ceremonies) },
      { provide: PasskeyDesk, useValue: new PasskeyDesk(database, ceremonies, sessions) },
    ];
  },
};
