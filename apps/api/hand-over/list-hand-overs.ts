import { readerOf, type Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import { linksOfRun } from '#libs/platform/secrets';
import { requireShownRun } from '../runs/read-runs.js';
import { handOverEntry, type HandOversView } from './hand-over.view.js';

/** Shows how the one-time links of a run stand: one that nobody opened in time is `expired`, at once. */
export class ListHandOvers {
  constructor(private readonly database: Database) {}

  /** Throws `RunNotFound`. */
  async execute(actor: Actor, runId: string): Promise<HandOversView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const run = await requireShownRun(tx, readerOf(actor), actor.sees, runId);
      return { items: (await linksOfRun(tx, run.tenant_id, runId)).map(handOverEntry) };
    });
  }
}
