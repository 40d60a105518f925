import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { decodeAttestationObject } from '@simplewebauthn/server/helpers';
import { isId } from '#libs/kernel';
import type { Database } from '#libs/platform/database';
import { PasskeyNotVerified, PasskeysUnavailable, SignInFailed, SignInNotBegun } from '../model/identity.errors.js';
import { relyingPartyOf, type RelyingParty } from '../model/relying-party.model.js';
import { beginCeremony, takeCeremony, type NewPasskey } from '../store/passkey.store.js';
import { hashOfCookieToken, isCookieToken, newCookieToken, passkeyChallenge } from './session-token.js';

const NAME = 'Stellwerk';
const TIMEOUT_MS = 300_000;
/** EdDSA, ES256, RS256 (RFC 8152 and 8812). */
const ALGORITHMS = [-8, -7, -257];
const SIGN_IN = 'sign-in';
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];

/** What a browser is asked for, with the token that goes into its cookie. */
export interface BegunCeremony<Options> {
  readonly options: Options;
  readonly token: string;
}

/** For whom a passkey is to be made. */
export interface PasskeyWish {
  readonly tenant: string;
  readonly personId: string;
  /** Shown by the authenticator, to tell accounts apart. */
  readonly userName: string;
  readonly displayName: string;
  /** Passkeys that they have: no authenticator makes a second one. */
  readonly exclude: readonly Buffer[];
  /** What the registration is for; it counts for nothing else. */
  readonly boundTo: string;
}

/** A passkey that a browser presents to sign in; its signature is not checked yet. */
export interface Assertion {
  readonly credentialId: Buffer;
  readonly personId: string;
  readonly challenge: string;
  readonly returnTo: string | null;
  readonly response: typeof ASSERTION.static;
}

const text = Type.String({ maxLength: 8_192 });
const line = Type.String({ minLength: 1, maxLength: 1_400 });
const ATTESTATION = Type.Object({
  id: line,
  rawId: line,
  type: Type.Literal('public-key'),
  response: Type.Object({
    clientDataJSON: text,
    attestationObject: text,
    transports: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { maxItems: 20 })),
  }),
});
const ASSERTION = Type.Object({
  id: line,
  rawId: line,
  type: Type.Literal('public-key'),
  response: Type.Object({ clientDataJSON: text, authenticatorData: text, signature: text, userHandle: line }),
});

/**
 * Makes and checks passkeys (WebAuthn Level 3) of one relying party. Each ceremony has a challenge of its own that comes
 * from a token in the browser's cookie: it counts once, for five minutes, in that browser, for what it was begun for.
 */
export class PasskeyCeremonies {
  private readonly party: RelyingParty | null;

  /** `publicUrl` is where people reach the API. */
  constructor(
    private readonly database: Database,
    publicUrl: string,
  ) {
    this.party = relyingPartyOf(publicUrl);
  }

  /** Throws `PasskeysUnavailable`. */
  get relyingParty(): RelyingParty {
    if (this.party === null)
      throw new PasskeysUnavailable('The public address is an IP address. Give it a name (STELLWERK_PUBLIC_URL).');
    return this.party;
  }

  /** Begins to make a passkey. Throws `PasskeysUnavailable`. */
  async beginRegistration(wish: PasskeyWish): Promise<BegunCeremony<PublicKeyCredentialCreationOptionsJSON>> {
    const { id: rpID } = this.relyingParty;
    const { token, challenge } = await this.begin(wish.tenant, wish.boundTo, null);
    const options = await generateRegistrationOptions({
      rpName: NAME,
      rpID,
      challenge,
      userName: wish.userName,
      userDisplayName: wish.displayName,
      userID: bytesOf(wish.personId),
      timeout: TIMEOUT_MS,
      attestationType: 'none',
      supportedAlgorithmIDs: ALGORITHMS,
      excludeCredentials: wish.exclude.map((credential) => ({ id: credential.toString('base64url') })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    return { options, token };
  }

  /** Checks a passkey that was just made for `boundTo`. Throws `SignInNotBegun` or `PasskeyNotVerified`. */
  async finishRegistration(token: string | undefined, boundTo: string, credential: unknown): Promise<NewPasskey> {
    if (!Value.Check(ATTESTATION, credential)) throw notVerified();
    const { challenge } = await this.take(token, boundTo);
    if (!isUncertified(credential.response.attestationObject)) throw notVerified();
    const { id, origin } = this.relyingParty;
    const response = { ...credential, clientExtensionResults: {} } as RegistrationResponseJSON;
    const result = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }).catch((cause: unknown) => {
      throw notVerified(cause);
    });
    if (!result.verified) throw notVerified();
    const { credential: made, credentialBackedUp: backedUp } = result.registrationInfo;
    const transports = (credential.response.transports ?? []).filter((one) => TRANSPORTS.includes(one));
    return {
      credentialId: Buffer.from(made.id, 'base64url'),
      publicKey: Buffer.from(made.publicKey),
      counter: made.counter,
      transports,
      backedUp,
    };
  }

  /** Begins a sign-in with whichever passkey somebody has. Throws `PasskeysUnavailable`. */
  async beginSignIn(returnTo: string): Promise<BegunCeremony<PublicKeyCredentialRequestOptionsJSON>> {
    const { id: rpID } = this.relyingParty;
    const { token, challenge } = await this.begin(null, SIGN_IN, returnTo);
    const options = await generateAuthenticationOptions({
      rpID,
      challenge,
      timeout: TIMEOUT_MS,
      userVerification: 'required',
    });
    return { options, token };
  }

  /** Reads what a browser presents for the sign-in that it began. Throws `SignInNotBegun` or `SignInFailed`. */
  async readAssertion(token: string | undefined, credential: unknown): Promise<Assertion> {
    const { challenge, returnTo } = await this.take(token, SIGN_IN);
    if (!Value.Check(ASSERTION, credential)) throw new SignInFailed('Sign in again.');
    const personId = idOf(credential.response.userHandle);
    if (personId === null) throw new SignInFailed('Sign in again.');
    const credentialId = Buffer.from(credential.id, 'base64url');
    return { credentialId, personId, challenge, returnTo, response: credential };
  }

  /**
   * Checks a signature with user verification; null when it does not hold. The count is for the caller to compare, who
   * holds the row.
   */
  async verifyAssertion(
    { response, challenge }: Assertion,
    publicKey: Buffer,
  ): Promise<Pick<NewPasskey, 'counter' | 'backedUp'> | null> {
    const { id, origin } = this.relyingParty;
    try {
      const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
        response: { ...response, clientExtensionResults: {} },
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: id,
        requireUserVerification: true,
        credential: { id: response.id, publicKey: new Uint8Array(publicKey), counter: 0 },
      });
      return verified ? { counter: info.newCounter, backedUp: info.credentialBackedUp } : null;
    } catch {
      return null;
    }
  }

  private async begin(tenant: string | null, boundTo: string, returnTo: string | null) {
    const token = newCookieToken();
    await beginCeremony(this.database, hashOfCookieToken(token), { tenant, boundTo, returnTo });
    return { token, challenge: new Uint8Array(Buffer.from(passkeyChallenge(token), 'base64url')) };
  }

  private async take(token: string | undefined, boundTo: string) {
    const taken = isCookieToken(token) ? await takeCeremony(this.database, hashOfCookieToken(token), boundTo) : null;
    if (!taken || token === undefined)
      throw new SignInNotBegun('It took longer than five minutes, or was not begun in this browser. Begin again.');
    return { challenge: passkeyChallenge(token), returnTo: taken.returnTo };
  }
}

/**
 * Whether nobody's certificate comes with a new passkey. None was asked for, and checking one would fetch revocation lists
 * from addresses that the certificate names.
 */
function isUncertified(attestationObject: string): boolean {
  try {
    const decoded = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url')));
    const format = decoded.get('fmt');
    return format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined);
  } catch {
    return false;
  }
}

function notVerified(cause?: unknown): PasskeyNotVerified {
  const detail = 'It has to be made in this browser, for this address, and unlocked by PIN, face or finger. Try again.';
  return new PasskeyNotVerified(detail, { cause });
}

/** A person's id as authenticators keep it: 16 bytes that tell nothing of them. */
function bytesOf(id: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(id.replaceAll('-', ''), 'hex'));
}

function idOf(userHandle: string): string | null {
  const bytes = Buffer.from(userHandle, 'base64url');
  const id = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return isId(id) ? id : null;
}
