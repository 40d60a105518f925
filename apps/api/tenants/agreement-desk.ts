import { agreementEnded, agreementRecorded } from '#libs/events';
import type { Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import {
  AgreementMissing,
  endAgreement,
  insertAgreement,
  listAgreements,
  beginRetention,
  requireSigned,
  setLive,
  todayOf,
  type Agreement,
} from '#libs/tenancy';
import { listedTenants, type Writer } from '../access/caller.js';
import { agreementView, type AgreementListView, type AgreementView } from './agreement.view.js';
import { acted, requireCustomerIn } from './tenant-desk.js';
import { createOnce, tell, writeFor } from './tenancy-record.js';

const SUPERSEDED = 'superseded by the next version';

/** The customers' data processing agreements. The one in force lets the customer go live. */
export class AgreementDesk {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound`. */
  async list(actor: Actor, tenant: string): Promise<AgreementListView> {
    const tenants = listedTenants(actor, tenant);
    const rows = await inTenants(this.database, tenants, (tx) => listAgreements(tx, tenant));
    return { items: rows.map(agreementView) };
  }

  /** Records the next version, which is in force from now on. Throws `AgreementInvalid` or `TenantStateWrong`. */
  record({ actor, tenant }: Writer, call: CallKey, agreement: Agreement): Promise<AgreementView> {
    return createOnce(this.database, call, async (tx) => {
      await requireCustomerIn(tx, tenant, 'active');
      requireSigned(agreement, await todayOf(tx, tenant));
      await endAgreement(tx, tenant, actor.subject, SUPERSEDED);
      const view = agreementView(await insertAgreement(tx, tenant, agreement, actor.subject));
      await setLive(tx, tenant, true);
      await beginRetention(tx, tenant);
      const { version, documentReference, documentSha256 } = view;
      const entry = {
        ...acted('agreement.recorded', actor, tenant),
        after: { version, documentReference, documentSha256 },
      };
      await tell(tx, tenant, entry, agreementRecorded, { tenant, version });
      return view;
    });
  }

  /** Ends the one in force without a next one: no request is taken any more. Throws `AgreementMissing`. */
  end({ actor, tenant }: Writer, reason: string): Promise<AgreementListView> {
    return writeFor(this.database, tenant, async (tx) => {
      const version = await endAgreement(tx, tenant, actor.subject, reason);
      if (version === null) throw new AgreementMissing(`No agreement of ${tenant} is in force: there is none to end.`);
      await setLive(tx, tenant, false);
      const entry = { ...acted('agreement.ended', actor, tenant), reason, before: { version } };
      await tell(tx, tenant, entry, agreementEnded, { tenant, version });
      return { items: (await listAgreements(tx, tenant)).map(agreementView) };
    });
  }
}
