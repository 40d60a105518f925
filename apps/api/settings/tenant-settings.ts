import type { Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import { listSettings, putSettings, type TenantSettings } from '#libs/requests';
import { listedTenants, type Writer } from '../access/caller.js';
import { invalidCursor, readCursor, writeCursor } from '../http/cursor.js';
import type { ListQuery } from '../http/page.query.js';
import { settingsView, type SettingsPageView, type SettingsView } from './settings.view.js';

const LIST = 'settings';

/** The customers' settings about what needs a second person. */
export class TenantSettingsDesk {
  constructor(private readonly database: Database) {}

  /** Those of every tenant that somebody sees, by the tenant's id. Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<SettingsPageView> {
    const after = readPlace(cursor);
    const tenants = [...listedTenants(actor, tenant)].sort().filter((id) => id > after);
    const page = tenants.slice(0, limit);
    if (page.length === 0) return { items: [], nextCursor: null };
    const settings = await inTenants(this.database, page, (tx) => listSettings(tx, page));
    const nextCursor = tenants.length > page.length ? writeCursor([LIST, page.at(-1)!]) : null;
    return { items: settings.map(settingsView), nextCursor };
  }

  /** Replaces one tenant's settings. They hold from the next decision on. */
  async put({ actor, tenant }: Writer, settings: TenantSettings): Promise<SettingsView> {
    return inTenants(this.database, [tenant], async (tx) =>
      settingsView(await putSettings(tx, tenant, settings, actor.subject)),
    );
  }
}

function readPlace(cursor: string | undefined): string {
  if (cursor === undefined) return '';
  const [name, tenant, ...rest] = readCursor(cursor);
  if (name !== LIST || typeof tenant !== 'string' || rest.length > 0) throw invalidCursor();
  return tenant;
}
