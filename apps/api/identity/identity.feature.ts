import type { Provider } from '@nestjs/common';
import {
  BackChannelLogout,
  ClaimsReading,
  Issuers,
  Machines,
  Providers,
  Sessions,
  SignIn,
  SignInSecrets,
  TokenCallers,
} from '#libs/identity';
import { guardedFetch, OutgoingGuards } from '#libs/platform/outgoing';
import { FileSecrets } from '#libs/platform/secrets';
import type { ApiParts, Feature } from '../feature.js';
import { Account } from './account.js';
import { Cookies } from './cookies.js';
import { IdentityProviderDesk } from './identity-provider-desk.js';
import { IdentityProvidersController } from './identity-providers.controller.js';
import { MachineClientDesk } from './machine-client-desk.js';
import { MachineClientsController } from './machine-clients.controller.js';
import { MeController } from './me.controller.js';
import { SessionDesk } from './session-desk.js';
import { SessionReader } from './session.reader.js';
import { SessionsController } from './sessions.controller.js';
import { SignInConsent } from './sign-in-consent.js';
import { SIGN_IN_LIMITS, SignInController } from './sign-in.controller.js';
import { TokenReader } from './token.reader.js';

/** How long an issuer may take, and how much it may say. */
const LIMITS = { connectMs: 3_000, firstByteMs: 5_000, wholeMs: 5_000, responseBytes: 512 * 1024 };

interface Services {
  readonly issuers: Issuers;
  readonly sessions: Sessions;
}

// readers and controllers, also of passkeys, share what is known of issuers
const services = new WeakMap<ApiParts, Services>();

export function servicesOf(parts: ApiParts): Services {
  const known = services.get(parts);
  if (known) return known;
  const guards = new OutgoingGuards(parts.database);
  const wayOut = (tenant: string) => guardedFetch(guards.of(tenant), { ...LIMITS, encryptedInPublic: true });
  const file = parts.secretsFile === null ? null : new FileSecrets(parts.secretsFile);
  const issuers = new Issuers(new SignInSecrets(parts.database, parts.keys, file), wayOut);
  const made = { issuers, sessions: new Sessions(parts.database, issuers) };
  services.set(parts, made);
  return made;
}

function providers(parts: ApiParts): Provider[] {
  const { database, publicUrl } = parts;
  const { issuers, sessions } = servicesOf(parts);
  const cookies = new Cookies(publicUrl);
  const desk = new Providers(database, issuers, sessions);
  return [
    { provide: SIGN_IN_LIMITS, useValue: parts.signInLimits },
    { provide: Cookies, useValue: cookies },
    { provide: SignInConsent, useValue: new SignInConsent(sessions, cookies, publicUrl) },
    { provide: SignIn, useValue: new SignIn(database, issuers, sessions, publicUrl) },
    { provide: BackChannelLogout, useValue: new BackChannelLogout(database, issuers, sessions) },
    { provide: Account, useValue: new Account(database, sessions, publicUrl) },
    { provide: SessionDesk, useValue: new SessionDesk(database, sessions) },
    { provide: IdentityProviderDesk, useValue: new IdentityProviderDesk(database, desk, publicUrl) },
    { provide: MachineClientDesk, useValue: new MachineClientDesk(database, new Machines(database)) },
  ];
}

/** Sign-in at issuers, sessions, and the tokens of issuers. */
export const identityFeature: Feature = {
  controllers: [
    SignInController,
    MeController,
    SessionsController,
    IdentityProvidersController,
    MachineClientsController,
  ],
  providers,
  credentialReaders: (parts) => {
    const { issuers, sessions } = servicesOf(parts);
    const claims = new ClaimsReading(parts.database, issuers, sessions);
    return [
      new SessionReader(sessions, claims, new Cookies(parts.publicUrl), parts.publicUrl),
      new TokenReader(new TokenCallers(parts.database, issuers)),
    ];
  },
};
