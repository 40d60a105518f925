import type { Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import { keptOf, listErasures } from '#libs/tenancy';
import { erasureView, type ErasureListView, type ErasureView } from './erasure.view.js';

/** What was erased of customers that left: records of the MSP's. */
export class Erasures {
  constructor(private readonly database: Database) {}

  list({ home }: Actor): Promise<ErasureListView> {
    return inTenants(this.database, [home], async (tx) => {
      const items: ErasureView[] = [];
      for (const row of await listErasures(tx, home)) items.push(erasureView(row, await keptOf(tx, home, row.id)));
      return { items };
    });
  }
}
