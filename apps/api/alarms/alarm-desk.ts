import { acknowledgeAlarm, AlarmNotFound, findAlarm, listAlarms, type Alarm } from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { readPlace, toPage } from '../http/cursor.js';
import type { ListQuery } from '../http/page.query.js';
import { alarmView, type AlarmPageView, type AlarmView } from './alarm.view.js';

const LIST = 'alarms';

/** Shows alarms and lets owners acknowledge them. */
export class AlarmDesk {
  constructor(private readonly database: Database) {}

  /** The newest first. Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<AlarmPageView> {
    const tenants = listedTenants(actor, tenant);
    const filter = { tenants, after: readPlace(LIST, cursor), limit: limit + 1 };
    return inTenants(this.database, tenants, async (tx) => {
      const place = ({ place: at, id }: Alarm) => ({ at, id });
      const page = toPage(LIST, await listAlarms(tx, filter), limit, place, alarmView);
      return { ...page, items: [...page.items] };
    });
  }

  /** Nobody is told any more; one that is acknowledged already stays as it is. Throws `AlarmNotFound` or `AlarmOfOwn`. */
  acknowledge({ actor, tenant }: Writer, id: string, reason: string): Promise<AlarmView> {
    return inTenants(this.database, [tenant], async (tx) => {
      await acknowledgeAlarm(tx, await requireAlarm(tx, [tenant], id), actor.subject, reason);
      return alarmView(await requireAlarm(tx, [tenant], id));
    });
  }
}

/** Whose alarm it is. Throws `AlarmNotFound`. */
export const tenantOfAlarm: FindTenant = async (tx, tenants, id) => (await requireAlarm(tx, tenants, id)).tenant;

async function requireAlarm(tx: Transaction, tenants: readonly string[], id: string): Promise<Alarm> {
  const alarm = await findAlarm(tx, tenants, id);
  if (!alarm) throw new AlarmNotFound(`There is no alarm ${id}, or you may not see it.`);
  return alarm;
}
