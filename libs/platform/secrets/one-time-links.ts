import { inTenants, type Database } from '../database/index.js';
import { findLink, linksOfRun, putLink, revokeLink, type NewLink, type OneTimeLink } from './one-time-links.store.js';

/** A link that was just made ready to be sent. */
export interface OfferedLink extends OneTimeLink {
  /** Holds the token: for the mail to its receiver, and for nothing that is kept. */
  readonly url: string;
  /** IANA zone of the customer, in which a reader is told until when it is valid. */
  readonly timeZone: string;
}

/** Makes and takes back one-time links; what a step may do with them. */
export class OneTimeLinks {
  /** `publicUrl` is where people reach the API, without a slash at its end. */
  constructor(
    private readonly database: Database,
    private readonly publicUrl: string,
  ) {}

  /** Puts a secret behind the step's link, valid from now on; a repeat gives the same link. */
  offer(link: NewLink): Promise<OfferedLink> {
    return inTenants(this.database, [link.tenant], async (tx) => {
      const made = await putLink(tx, link);
      const tenant = await tx
        .selectFrom('tenants')
        .select('time_zone')
        .where('id', '=', link.tenant)
        .executeTakeFirstOrThrow();
      return { ...made, url: `${this.publicUrl}/hand-over/${link.token}`, timeZone: tenant.time_zone };
    });
  }

  find(tenant: string, id: string): Promise<OneTimeLink | null> {
    return inTenants(this.database, [tenant], async (tx) => (await findLink(tx, tenant, id)) ?? null);
  }

  /** The link that a step made, or null. */
  ofStep(tenant: string, runId: string, stepId: string): Promise<OneTimeLink | null> {
    return inTenants(this.database, [tenant], async (tx) => (await linksOfRun(tx, tenant, runId, stepId))[0] ?? null);
  }

  /** Takes a link back unless it was collected. Gives how it stands then. */
  revoke(tenant: string, id: string): Promise<OneTimeLink | null> {
    return inTenants(this.database, [tenant], async (tx) => (await revokeLink(tx, tenant, id)) ?? null);
  }
}
