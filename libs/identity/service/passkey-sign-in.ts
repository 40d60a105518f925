import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { SignInLimits } from '#libs/platform/limits';
import { NoRole, NotAdmitted, SignInFailed } from '../model/identity.errors.js';
import { DEFAULT_SETTINGS } from '../model/provider.model.js';
import { raiseEmergencyRefusal, raiseEmergencyUse } from './alarms.js';
import { FETCHES_HANDOVER, hasRole } from '../store/person.store.js';
import {
  holdPasskey,
  mspTenant,
  notePasskeyUsed,
  presentedPasskey,
  signsInAtIssuer,
  type NewPasskey,
  type PresentedPasskey,
} from '../store/passkey.store.js';
import { insertSession, newSessionId } from '../store/session.store.js';
import type { PasskeyCeremonies } from './passkey-ceremonies.js';
import { hashOfCookieToken, newCookieToken } from './session-token.js';
import type { Sessions } from './sessions.js';
import type { BrowserOfSignIn, SignedIn } from './sign-in.js';

/** The database takes no longer session of an emergency account. */
const EMERGENCY_HOURS = 1;

type Refusal = 'not_verified' | 'cloned' | 'locked' | 'closed' | 'tenant' | 'removed' | 'no_role' | 'issuer';

/** A session that begins with a passkey. */
export interface PasskeySession {
  readonly tenant: string;
  readonly personId: string;
  readonly subject: string;
  readonly passkeyId: string;
  readonly method: 'passkey' | 'emergency';
  readonly userAgent: string | null;
}

/** Signs people in with passkeys: what they have, unlocked by what they know or are. Both factors in one. */
export class PasskeySignIn {
  constructor(
    private readonly database: Database,
    private readonly ceremonies: PasskeyCeremonies,
    private readonly sessions: Sessions,
    private readonly limits: SignInLimits,
  ) {}

  /**
   * Ends a sign-in with what the browser's authenticator signed. Each attempt spends its challenge and counts as failed
   * until it held. Throws `SignInNotBegun`, `SignInTooOften`, `SignInFailed`, `NotAdmitted` or `NoRole`; the last three
   * are on record.
   */
  async complete(
    begun: string | undefined,
    credential: unknown,
    browser: BrowserOfSignIn & { readonly address: string },
  ): Promise<SignedIn> {
    const assertion = await this.ceremonies.readAssertion(begun, credential);
    const passkey = await presentedPasskey(this.database, assertion.credentialId, assertion.personId);
    const attempt = await this.limits.begin({ address: browser.address, account: passkey?.subject ?? null });
    if (!passkey) {
      await this.noteUnknown();
      throw refusalOf('removed');
    }
    const used = await this.ceremonies.verifyAssertion(assertion, passkey.publicKey);
    const outcome = used === null ? 'not_verified' : await this.admit(passkey, used, browser.userAgent);
    if (typeof outcome === 'string') {
      await this.note(passkey, outcome);
      throw refusalOf(outcome);
    }
    await attempt.succeeded(passkey.subject);
    if (browser.session !== undefined) await this.sessions.replace(browser.session);
    return { token: outcome.token, returnTo: assertion.returnTo ?? '/', subject: passkey.subject };
  }

  private admit(
    passkey: PresentedPasskey,
    used: Pick<NewPasskey, 'counter' | 'backedUp'>,
    userAgent: string | null,
  ): Promise<Refusal | { readonly token: string }> {
    const { tenant, personId, subject, id: passkeyId } = passkey;
    return inTenants(this.database, [tenant], async (tx) => {
      const held = await holdPasskey(tx, passkey);
      if (!held) return 'removed';
      if (held.standing !== null && held.standing !== 'leaving') return 'tenant';
      if (held.personStatus !== 'active') return held.personStatus === 'locked' ? 'locked' : 'closed';
      // a count that does not go on means that a copy of the authenticator has signed meanwhile (WebAuthn, 6.1.1)
      if ((used.counter > 0 || held.counter > 0) && used.counter <= held.counter) return 'cloned';
      // also one from before their company had an issuer: whoever is shut out there is shut out here
      if (await signsInAtIssuer(tx, { tenant, personId })) return 'issuer';
      if (!(await hasRole(tx, tenant, personId))) return 'no_role';
      if (held.standing === 'leaving' && !(await hasRole(tx, tenant, personId, FETCHES_HANDOVER))) return 'tenant';
      await notePasskeyUsed(tx, passkey, used);
      const method = held.source === 'emergency' ? 'emergency' : 'passkey';
      return { token: await startPasskeySession(tx, { tenant, personId, subject, passkeyId, method, userAgent }) };
    });
  }

  /** At the MSP: whose passkey it was, nobody knows. Its name at the authenticator is a stranger's, and not kept. */
  private async noteUnknown(): Promise<void> {
    const tenant = await mspTenant(this.database);
    await inTenants(this.database, [tenant], (tx) =>
      appendAudit(tx, tenant, {
        action: 'sign_in.refused',
        actor: 'unknown',
        object: { kind: 'passkey', id: 'unknown' },
        reason: 'unknown',
        outcome: 'denied',
      }),
    );
  }

  private async note(passkey: PresentedPasskey, reason: Refusal): Promise<void> {
    const { tenant, id, subject, source } = passkey;
    await inTenants(this.database, [tenant], async (tx) => {
      if (source === 'emergency') await raiseEmergencyRefusal(tx, passkey, reason);
      await appendAudit(tx, tenant, {
        action: 'sign_in.refused',
        actor: subject,
        object: { kind: 'passkey', id },
        reason,
        outcome: 'denied',
      });
    });
  }
}

/** Begins a session, on record. Gives the token for its cookie. */
export async function startPasskeySession(tx: Transaction, session: PasskeySession): Promise<string> {
  const { subject, passkeyId, ...of } = session;
  const token = newCookieToken();
  const id = newSessionId();
  await insertSession(tx, {
    ...of,
    id,
    passkeyId,
    tokenHash: hashOfCookieToken(token),
    secondFactor: true,
    idleMinutes: DEFAULT_SETTINGS.sessionIdleMinutes,
    hours: session.method === 'emergency' ? EMERGENCY_HOURS : DEFAULT_SETTINGS.sessionHours,
    issuer: null,
  });
  await appendAudit(tx, session.tenant, {
    action: 'session.started',
    actor: subject,
    object: { kind: 'session', id },
    after: { passkey: passkeyId, method: session.method, secondFactor: true },
  });
  if (session.method === 'emergency') await raiseEmergencyUse(tx, session, id);
  return token;
}

function refusalOf(refusal: Refusal): SignInFailed | NotAdmitted | NoRole {
  switch (refusal) {
    case 'no_role':
      return new NoRole('You have no role here any more. Ask your administrator for one, then sign in again.');
    case 'not_verified':
    case 'cloned':
    case 'removed':
      return new SignInFailed('This passkey does not let you in. Ask your administrator for an invitation.');
    case 'issuer':
      return new NotAdmitted('You sign in at your company’s identity provider.');
    case 'locked':
    case 'closed':
    case 'tenant':
      return new NotAdmitted('You are not admitted here. Ask your administrator.');
  }
}
