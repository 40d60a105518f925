import { AppError } from '#libs/kernel';

/** Nothing to sign in at, whatever the reason: unknown, switched off, or several. */
export class NoIdentityProvider extends AppError {
  readonly code = 'sign_in.no_provider';
  readonly title = 'There is nowhere to sign in';
  readonly kind = 'not_found';
}

/** The browser did not begin this sign-in, or too long ago, or it was ended already. */
export class SignInNotBegun extends AppError {
  readonly code = 'sign_in.not_begun';
  readonly title = 'This sign-in was not begun here';
  readonly kind = 'malformed';
}

export class SignInFailed extends AppError {
  readonly code = 'sign_in.failed';
  readonly title = 'The sign-in failed';
  readonly kind = 'forbidden';
}

/** Locked, closed, unknown or of another company: which of them is in the audit, not in the answer. */
export class NotAdmitted extends AppError {
  readonly code = 'sign_in.not_admitted';
  readonly title = 'You are not admitted here';
  readonly kind = 'forbidden';
}

export class NoRole extends AppError {
  readonly code = 'sign_in.no_role';
  readonly title = 'You have no role here';
  readonly kind = 'forbidden';
}

export class SecondFactorMissing extends AppError {
  readonly code = 'sign_in.second_factor_missing';
  readonly title = 'A second factor is missing';
  readonly kind = 'forbidden';
}

export class IssuerUnavailable extends AppError {
  readonly code = 'sign_in.issuer_unavailable';
  readonly title = 'The issuer does not answer';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** A bearer token that does not let in; why is only told as far as it helps an honest caller. */
export class TokenInvalid extends AppError {
  readonly code = 'auth.token_invalid';
  readonly title = 'The token is not valid';
  readonly kind = 'unauthenticated';
}

export class SessionNotFound extends AppError {
  readonly code = 'session.not_found';
  readonly title = 'There is no such session';
  readonly kind = 'not_found';
}

export class IdentityProviderNotFound extends AppError {
  readonly code = 'identity_provider.not_found';
  readonly title = 'There is no such identity provider';
  readonly kind = 'not_found';
}

/** What was to be saved does not fit the issuer, or another provider has its place. */
export class IdentityProviderRefused extends AppError {
  readonly code = 'identity_provider.refused';
  readonly title = 'This identity provider cannot be saved';
  readonly kind = 'invalid';
}

export class IdentityProviderTaken extends AppError {
  readonly code = 'identity_provider.taken';
  readonly title = 'Another identity provider has its place';
  readonly kind = 'conflict';
}

/** One identity is one person's: whoever signs in with it must not become somebody else. */
export class IdentityTaken extends AppError {
  readonly code = 'identity.taken';
  readonly title = 'The identity is somebody else’s';
  readonly kind = 'conflict';
}

export class PersonHasIdentity extends AppError {
  readonly code = 'identity.another_linked';
  readonly title = 'The person has another identity there';
  readonly kind = 'conflict';
}

export class IdentityNotFound extends AppError {
  readonly code = 'identity.not_found';
  readonly title = 'There is no such identity';
  readonly kind = 'not_found';
}

export class MachineClientNotFound extends AppError {
  readonly code = 'machine_client.not_found';
  readonly title = 'There is no such machine client';
  readonly kind = 'not_found';
}

export class MachineClientRefused extends AppError {
  readonly code = 'machine_client.refused';
  readonly title = 'This machine client cannot be saved';
  readonly kind = 'invalid';
}

export class InvitationNotFound extends AppError {
  readonly code = 'invitation.not_found';
  readonly title = 'There is no such invitation';
  readonly kind = 'not_found';
}

/** Accepted, withdrawn or expired. */
export class InvitationEnded extends AppError {
  readonly code = 'invitation.ended';
  readonly title = 'The invitation is over';
  readonly kind = 'conflict';
}

/** An invitation to this address is open already. */
export class InvitationOpen extends AppError {
  readonly code = 'invitation.open';
  readonly title = 'This address is invited already';
  readonly kind = 'conflict';
}

/** Whoever has this address can sign in, or is kept out on purpose. */
export class InvitationNotNeeded extends AppError {
  readonly code = 'invitation.known_person';
  readonly title = 'Somebody with this address is here already';
  readonly kind = 'conflict';
}

/** Browsers make no passkeys for an IP address. */
export class PasskeysUnavailable extends AppError {
  readonly code = 'passkey.unavailable';
  readonly title = 'There are no passkeys here';
  readonly kind = 'conflict';
}

/** What the browser sent is no passkey that was just made for this. */
export class PasskeyNotVerified extends AppError {
  readonly code = 'passkey.not_verified';
  readonly title = 'The passkey was not verified';
  readonly kind = 'invalid';
}

export class PasskeyNotFound extends AppError {
  readonly code = 'passkey.not_found';
  readonly title = 'There is no such passkey';
  readonly kind = 'not_found';
}

/** Without it nobody could sign in with this account any more. */
export class LastPasskey extends AppError {
  readonly code = 'passkey.last';
  readonly title = 'The last passkey stays';
  readonly kind = 'conflict';
}

/** Who adds a passkey has just proved who they are. */
export class SignInTooOld extends AppError {
  readonly code = 'passkey.sign_in_too_old';
  readonly title = 'You signed in too long ago for this';
  readonly kind = 'forbidden';
}
