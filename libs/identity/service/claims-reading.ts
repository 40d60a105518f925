import { inTenants, type Database } from '#libs/platform/database';
import { AppError } from '#libs/kernel';
import { IssuerUnavailable } from '../model/identity.errors.js';
import { findProvider } from '../store/provider.store.js';
import { noteClaimsRead, takeClaimsTurn } from '../store/session.store.js';
import { admit } from './admission.js';
import { refresh } from './issuer-answers.js';
import type { Issuers } from './issuers.js';
import { closeForSession, openForSession } from './session-token.js';
import type { SessionHolder, Sessions } from './sessions.js';

/** Older claims are read anew at the next call; much older ones let nobody in. */
const YOUNG_SECONDS = 15 * 60;
const OLDEST_SECONDS = 60 * 60;

/** Keeps the roles of long sessions in line with the issuer's groups. */
export class ClaimsReading {
  constructor(
    private readonly database: Database,
    private readonly issuers: Issuers,
    private readonly sessions: Sessions,
  ) {}

  /**
   * The holder with claims that are young enough: read anew when they are due. Undefined when the issuer no longer
   * vouches for the person, or has not answered for an hour.
   */
  async upToDate(holder: SessionHolder, token: string): Promise<SessionHolder | undefined> {
    const { claims_age: age, refreshable } = holder;
    if (age === null || !refreshable || age < YOUNG_SECONDS) return holder;
    const wasRead = await this.readAnew(holder, token);
    if (wasRead) return this.sessions.holderOf(token);
    return age < OLDEST_SECONDS ? holder : undefined;
  }

  /** False when it is somebody else's turn or the issuer does not answer. */
  private async readAnew({ tenant_id: tenant, id }: SessionHolder, token: string): Promise<boolean> {
    const turn = await inTenants(this.database, [tenant], async (tx) => {
      const taken = await takeClaimsTurn(tx, tenant, id, YOUNG_SECONDS);
      const provider = taken?.provider_id ? await findProvider(tx, tenant, taken.provider_id) : null;
      return taken?.refresh_token && provider
        ? { provider, refreshToken: taken.refresh_token, subject: taken.issuer_subject! }
        : null;
    });
    if (turn === null) return false;
    const place = { tenant, id };
    try {
      const client = await this.issuers.client(turn.provider);
      const old = openForSession(token, place, turn.refreshToken);
      const { claims, refreshToken } = await refresh(turn.provider, client, old, turn.subject);
      await admit(this.database, turn.provider, claims, (tx) =>
        noteClaimsRead(tx, tenant, id, closeForSession(token, place, refreshToken ?? old)),
      );
    } catch (error) {
      if (error instanceof IssuerUnavailable || !(error instanceof AppError) || error.kind === 'unavailable')
        return false;
      await this.sessions.endOne(tenant, id, `issuer:${turn.provider.name}`, 'claims');
    }
    return true;
  }
}
