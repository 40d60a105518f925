import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import {
  deleteSite,
  insertSite,
  isSiteInUse,
  listSites,
  readSite,
  replaceSite,
  SiteInUse,
  type Site,
} from '#libs/tenancy';
import { listedTenants, type Writer } from '../access/caller.js';
import type { CursorQuery } from '../http/page.query.js';
import { pageOf, placeIn } from './tenant-page.js';
import { createOnce, writeFor } from './tenancy-record.js';
import { siteView, type SitePageView, type SiteView } from './site.view.js';

const LIST = 'sites';

/** The customers' sites. */
export class SiteDesk {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, tenant: string, { cursor, limit }: CursorQuery): Promise<SitePageView> {
    const tenants = listedTenants(actor, tenant);
    const place = placeIn(LIST, cursor);
    const rows = await inTenants(this.database, tenants, (tx) => listSites(tx, tenants, place, limit + 1));
    return pageOf(LIST, rows, limit, siteView);
  }

  /** Throws `TenantNotFound` or `SiteNotFound`. */
  async show(actor: Actor, tenant: string, id: string): Promise<SiteView> {
    const tenants = listedTenants(actor, tenant);
    return siteView(await inTenants(this.database, tenants, (tx) => readSite(tx, tenant, id)));
  }

  /** Throws `SiteNameTaken`. */
  create({ actor, tenant }: Writer, call: CallKey, site: Site): Promise<SiteView> {
    return createOnce(this.database, call, async (tx) => {
      const row = await insertSite(tx, tenant, site, actor.subject);
      const entry = { action: 'site.created', actor: actor.subject, object: { kind: 'site', id: row.id } };
      await appendAudit(tx, tenant, { ...entry, after: { ...site } });
      return siteView(row);
    });
  }

  /** Throws `SiteNotFound`, `ChangedMeanwhile` or `SiteNameTaken`. */
  replace({ actor, tenant }: Writer, id: string, version: number, site: Site): Promise<SiteView> {
    return writeFor(this.database, tenant, async (tx) => {
      const before = siteView(await readSite(tx, tenant, id));
      const row = await replaceSite(tx, { tenant, id, version }, site, actor.subject);
      const entry = { action: 'site.changed', actor: actor.subject, object: { kind: 'site', id } };
      await appendAudit(tx, tenant, { ...entry, before: { ...before }, after: { ...site } });
      return siteView(row);
    });
  }

  /** Throws `SiteNotFound` or `SiteInUse`. */
  async remove({ actor, tenant }: Writer, id: string): Promise<void> {
    await writeFor(this.database, tenant, async (tx) => {
      const before = siteView(await readSite(tx, tenant, id));
      if (await isSiteInUse(tx, tenant, id))
        throw new SiteInUse('Contacts belong to this site. Give them another one first.');
      await deleteSite(tx, tenant, id);
      const entry = { action: 'site.deleted', actor: actor.subject, object: { kind: 'site', id } };
      await appendAudit(tx, tenant, { ...entry, before: { ...before } });
    });
  }
}
