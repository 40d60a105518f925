import { findPersonOfSubject, openSessions, type Sessions } from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import type { MeView, SignedOutView } from './me.view.js';
import { sessionView } from './session.view.js';

/** One's own account. */
export class Account {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly publicUrl: string,
  ) {}

  /** Who calls, and what they may do where. */
  async show(actor: Actor): Promise<MeView> {
    const { subject, home, kind, method, secondFactor, grants, scopes, caller } = actor;
    return inTenants(this.database, [home], async (tx) => {
      const person = method === 'api_key' ? undefined : await findPersonOfSubject(tx, home, subject);
      const open = method === 'session' && person ? await openSessions(tx, home, person.id) : [];
      const session = open.find(({ id }) => id === caller);
      return {
        subject,
        tenant: home,
        kind,
        displayName: person?.displayName ?? null,
        mail: person?.mail ?? null,
        language: person?.language ?? null,
        method,
        secondFactor,
        roles: grants.map(({ role, tenants }) => ({ role, tenants: [...tenants] })),
        scopes: scopes === null ? null : [...scopes],
        session: session ? sessionView(session, caller) : null,
      };
    });
  }

  /** Ends the session that a call came with; a key or token has none, and goes on. */
  async signOut({ home, caller, subject, method }: Actor, token: string | undefined): Promise<SignedOutView> {
    if (method !== 'session' || token === undefined) return { endSessionUrl: null };
    const url = await this.sessions.signOut(home, caller, subject, token, this.publicUrl);
    return { endSessionUrl: url?.href ?? null };
  }
}
