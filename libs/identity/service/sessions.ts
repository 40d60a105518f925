import * as oidc from 'openid-client';
import type { RoleGrant } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { Gathering, inTenants, type Database, type Reply, type Transaction } from '#libs/platform/database';
import { sql } from 'kysely';
import { endSessions, findIssuerPart, type EndReason, type SessionChoice } from '../store/session.store.js';
import { findProvider } from '../store/provider.store.js';
import type { Issuers } from './issuers.js';
import { hashOfCookieToken, isCookieToken, openForSession } from './session-token.js';

const MOST_AT_ONCE = 100;

/** Who a session is of, as it stands now. */
export interface SessionHolder {
  readonly id: string;
  readonly tenant_id: string;
  readonly tenant_kind: 'msp' | 'customer';
  readonly person_id: string;
  readonly subject: string;
  readonly grants: readonly RoleGrant[];
  readonly second_factor: boolean;
  /** How the tenant stands; null lets in. */
  readonly refusal: 'suspended' | 'leaving' | 'left' | null;
  /** Seconds since the issuer was last asked; null where there is none. */
  readonly claims_age: number | null;
  readonly refreshable: boolean;
}

/** Ends sessions in a transaction of their tenant, each on record. Gives how many. */
export async function endSessionsOnRecord(
  tx: Transaction,
  choice: SessionChoice,
  by: string,
  reason: EndReason,
): Promise<number> {
  const ended = await endSessions(tx, choice, by, reason);
  const entries = ended.map((id) => ({
    action: reason === 'signed_out' ? 'session.signed_out' : 'session.revoked',
    actor: by,
    object: { kind: 'session', id },
    reason,
  }));
  await appendAudit(tx, choice.tenant, entries);
  return ended.length;
}

/** Finds sessions by their tokens, and ends them. */
export class Sessions {
  private readonly lookUps: Gathering<string, SessionHolder | undefined>;

  constructor(
    private readonly database: Database,
    private readonly issuers: Issuers,
  ) {
    this.lookUps = new Gathering({ most: MOST_AT_ONCE }, (hashes) => this.find(hashes));
  }

  /** The holder of an open session; asked at each call, so that what is ended lets in no more. */
  holderOf(token: string): Promise<SessionHolder | undefined> {
    return this.lookUps.ask(hashOfCookieToken(token).toString('hex'));
  }

  /** Ends sessions in a transaction of their tenant, each on record. Gives how many. */
  end(tx: Transaction, choice: SessionChoice, by: string, reason: EndReason): Promise<number> {
    return endSessionsOnRecord(tx, choice, by, reason);
  }

  /** Ends the session that a browser had before it signed in anew, if it had one. */
  async replace(token: string): Promise<void> {
    const holder = isCookieToken(token) ? await this.holderOf(token) : undefined;
    if (holder) await this.endOne(holder.tenant_id, holder.id, holder.subject, 'replaced');
  }

  /** Ends one session. */
  endOne(tenant: string, id: string, by: string, reason: EndReason): Promise<number> {
    return inTenants(this.database, [tenant], (tx) => this.end(tx, { tenant, id }, by, reason));
  }

  /**
   * Signs out: the session ends, and the address is given where the issuer's own session ends as well (RP-initiated
   * logout); null where the issuer has none or cannot be asked.
   */
  async signOut(tenant: string, id: string, by: string, token: string, publicUrl: string): Promise<URL | null> {
    const hint = await inTenants(this.database, [tenant], async (tx) => {
      const part = await findIssuerPart(tx, tenant, id);
      await this.end(tx, { tenant, id }, by, 'signed_out');
      const provider = part?.provider_id ? await findProvider(tx, tenant, part.provider_id) : null;
      return part && provider ? { provider, idToken: part.id_token } : null;
    });
    if (hint === null) return null;
    try {
      const client = await this.issuers.client(hint.provider);
      if (client.serverMetadata().end_session_endpoint === undefined) return null;
      return oidc.buildEndSessionUrl(client, {
        post_logout_redirect_uri: `${publicUrl}/v1/sign-in/ended`,
        ...(hint.idToken ? { id_token_hint: openForSession(token, { tenant, id }, hint.idToken) } : {}),
      });
    } catch {
      // signed out here all the same: that must not depend on the issuer
      return null;
    }
  }

  /** Calls that arrive together share one question, each session once. */
  private async find(hashes: readonly string[]): Promise<Reply<SessionHolder | undefined>[]> {
    const asked = [...new Set(hashes)];
    const { rows } = await sql<
      SessionHolder & { hash: string }
    >`SELECT * FROM callers_by_session(${asked}::text[])`.execute(this.database);
    const holders = new Map(rows.map((row) => [row.hash, row]));
    return hashes.map((hash) => ({ answer: holders.get(hash) }));
  }
}
