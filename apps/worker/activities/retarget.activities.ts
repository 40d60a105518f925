import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import {
  countMoved,
  findSlaChange,
  nextTenantWithOpenTickets,
  openTickets,
  presentInstant,
  serviceLevels,
  type OpenTicket,
  type SlaChangeRow,
} from '#libs/sla';
import { lockTicket, retarget } from '#libs/tickets';
import type { ChangeRef, RetargetActivities, RetargetPage } from '../../../workflows/support/activities.js';
import { withPulse } from './activity-edge.js';

const PAGE = 50;

/** Has open tickets follow what was saved. What holds is looked up anew for each, so that the newest version that counts wins. */
export class RetargetActivitiesOnDatabase implements RetargetActivities {
  constructor(private readonly database: Database) {}

  waitForChange({ tenant, changeId }: ChangeRef): Promise<number> {
    return inTenants(this.database, [tenant], async (tx) => {
      const change = await findSlaChange(tx, tenant, changeId);
      return change ? Math.max(0, change.counts_from.getTime() - (await presentInstant(tx))) : 0;
    });
  }

  retargetPage(
    task: ChangeRef & { readonly after: RetargetPage['next']; readonly isLast: boolean },
  ): Promise<RetargetPage> {
    const { tenant, changeId, after, isLast } = task;
    return withPulse(async (pulse) => {
      const change = await this.inOwner(tenant, (tx) => findSlaChange(tx, tenant, changeId));
      if (!change) return { next: null };
      const page = await this.pageAfter(tenant, after);
      let moved = 0;
      for (const ticket of page.tickets) {
        if (await this.follow(change, ticket)) moved += 1;
        pulse.progress?.();
      }
      await this.inOwner(tenant, (tx) => countMoved(tx, change, moved, isLast && page.next === null));
      return { next: page.next };
    });
  }

  private inOwner<T>(owner: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return inTenants(this.database, [owner], work);
  }

  /** The next open tickets of one customer; those of the next one where it has no more. */
  private async pageAfter(
    owner: string,
    after: RetargetPage['next'],
  ): Promise<{ readonly tickets: readonly OpenTicket[]; readonly next: RetargetPage['next'] }> {
    const present = after?.tenant ?? (await this.nextTenant(owner, ''));
    if (present === undefined) return { tickets: [], next: null };
    const tickets = await inTenants(this.database, [present], (tx) => openTickets(tx, [present], after, PAGE));
    if (tickets.length === PAGE) return { tickets, next: { tenant: present, id: tickets.at(-1)!.id } };
    const following = await this.nextTenant(owner, present);
    // before every id of the next customer
    return { tickets, next: following === undefined ? null : { tenant: following, id: FIRST_ID } };
  }

  private nextTenant(owner: string, after: string): Promise<string | undefined> {
    return this.inOwner(owner, (tx) => nextTenantWithOpenTickets(tx, owner, after));
  }

  private follow({ made_by, reason }: SlaChangeRow, { tenant_id: tenant, id }: OpenTicket): Promise<boolean> {
    return inTenants(this.database, [tenant], async (tx) => {
      const ticket = await lockTicket(tx, tenant, id);
      if (!ticket || ticket.status === 'closed') return false;
      return retarget(tx, ticket, serviceLevels, { subject: made_by, kind: 'engine' }, reason);
    });
  }
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
