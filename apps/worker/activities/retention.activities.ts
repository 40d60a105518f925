import { appendAudit, ENGINE } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import { eraseEndedRequests, nextRetentionWait, readRetention, type ErasedBatch } from '#libs/tenancy';
import type { RetentionActivities, RetentionLook, RetentionRef } from '../../../workflows/support/activities.js';
import { withPulse } from './activity-edge.js';

const BATCH = 50;
const BATCHES_PER_ROUND = 40;

/** Erases ended requests by their age. What is due and what is kept, the database's functions say. */
export class RetentionActivitiesOnDatabase implements RetentionActivities {
  constructor(
    private readonly database: Database,
    /** Requests in one transaction. */
    private readonly batch: number = BATCH,
    private readonly batches: number = BATCHES_PER_ROUND,
  ) {}

  eraseEnded(ref: RetentionRef): Promise<RetentionLook> {
    return withPulse(async (pulse) => {
      for (let done = 0; done < this.batches; done++) {
        const erased = await this.eraseBatch(ref);
        if (erased === null) return { next: 'over' };
        if (countOf(erased) === 0) return this.nextLook(ref);
        pulse.progress?.();
      }
      return { next: 'more' };
    });
  }

  /** Rows and their mention in the audit commit together. Null: the customer is gone. */
  private eraseBatch({ tenant, id }: RetentionRef): Promise<ErasedBatch | null> {
    return inTenants(this.database, [tenant], async (tx) => {
      const [row] = await readRetention(tx, [tenant]);
      if (row?.id !== id) return null;
      const erased = await eraseEndedRequests(tx, tenant, this.batch);
      if (countOf(erased) === 0) return erased;
      const object = { kind: 'retention', id };
      const { outcomes, rows } = erased;
      const entry = { action: 'retention.erased', actor: ENGINE, origin: row.set_by, object };
      await appendAudit(tx, tenant, { ...entry, after: { outcomes, rows } });
      return erased;
    });
  }

  private async nextLook({ tenant }: RetentionRef): Promise<RetentionLook> {
    const waitMs = await inTenants(this.database, [tenant], (tx) => nextRetentionWait(tx, tenant));
    return { next: 'wait', waitMs };
  }
}

function countOf({ rows }: ErasedBatch): number {
  return rows['requests'] ?? 0;
}
