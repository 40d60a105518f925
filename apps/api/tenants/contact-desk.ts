import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import {
  deleteContact,
  insertContact,
  listContacts,
  readContact,
  replaceContact,
  readSite,
  type Contact,
} from '#libs/tenancy';
import { listedTenants, type Writer } from '../access/caller.js';
import type { CursorQuery } from '../http/page.query.js';
import { pageOf, placeIn } from './tenant-page.js';
import { createOnce, writeFor } from './tenancy-record.js';
import { contactView, type ContactPageView, type ContactView } from './contact.view.js';

const LIST = 'contacts';

/** The customers' contacts. */
export class ContactDesk {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, tenant: string, { cursor, limit }: CursorQuery): Promise<ContactPageView> {
    const tenants = listedTenants(actor, tenant);
    const place = placeIn(LIST, cursor);
    const rows = await inTenants(this.database, tenants, (tx) => listContacts(tx, tenants, place, limit + 1));
    return pageOf(LIST, rows, limit, contactView);
  }

  /** Throws `TenantNotFound` or `ContactNotFound`. */
  async show(actor: Actor, tenant: string, id: string): Promise<ContactView> {
    const tenants = listedTenants(actor, tenant);
    return contactView(await inTenants(this.database, tenants, (tx) => readContact(tx, tenant, id)));
  }

  /** Throws `SiteNotFound`. */
  create({ actor, tenant }: Writer, call: CallKey, contact: Contact): Promise<ContactView> {
    return createOnce(this.database, call, async (tx) => {
      await requireContactsSite(tx, tenant, contact);
      const row = await insertContact(tx, tenant, contact, actor.subject);
      const entry = { action: 'contact.created', actor: actor.subject, object: { kind: 'contact', id: row.id } };
      await appendAudit(tx, tenant, { ...entry, after: { ...contact } });
      return contactView(row);
    });
  }

  /** Throws `ContactNotFound`, `SiteNotFound` or `ChangedMeanwhile`. */
  replace({ actor, tenant }: Writer, id: string, version: number, contact: Contact): Promise<ContactView> {
    return writeFor(this.database, tenant, async (tx) => {
      const before = contactView(await readContact(tx, tenant, id));
      await requireContactsSite(tx, tenant, contact);
      const row = await replaceContact(tx, { tenant, id, version }, contact, actor.subject);
      const entry = { action: 'contact.changed', actor: actor.subject, object: { kind: 'contact', id } };
      await appendAudit(tx, tenant, { ...entry, before: { ...before }, after: { ...contact } });
      return contactView(row);
    });
  }

  /** Throws `ContactNotFound`. */
  async remove({ actor, tenant }: Writer, id: string): Promise<void> {
    await writeFor(this.database, tenant, async (tx) => {
      const before = contactView(await readContact(tx, tenant, id));
      await deleteContact(tx, tenant, id);
      const entry = { action: 'contact.deleted', actor: actor.subject, object: { kind: 'contact', id } };
      await appendAudit(tx, tenant, { ...entry, before: { ...before } });
    });
  }
}

/** A contact's site is one of its own customer's. Throws `SiteNotFound`. */
async function requireContactsSite(tx: Transaction, tenant: string, { siteId }: Contact): Promise<void> {
  if (siteId !== null) await readSite(tx, tenant, siteId);
}
