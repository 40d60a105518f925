import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { tenantErased } from '#libs/events';
import { AppError } from '#libs/kernel';
import { appendAudit, ENGINE, eraseTenantFromAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import { classifyTemporalError } from '#libs/platform/temporal';
import { erasableTables, eraseRowsOf, keptOf, readErasure, type ErasureRow } from '#libs/tenancy';
import type { ErasureActivities, ErasureRef } from '../../../workflows/support/activities.js';
import { withPulse } from './activity-edge.js';
import { keepProofsOf } from './kept-proofs.js';

const BATCH = 1_000;

/** Something of the customer's is on its way still: events that are not sent, histories that the engine still lists. */
export class ErasureWaits extends AppError {
  readonly code = 'erasure.waits';
  readonly title = 'Something of the customer is on its way still';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** Erases customers, each a record of the MSP's. What is kept and what is refused, the database's functions say. */
export class ErasureActivitiesOnEngine implements ErasureActivities {
  constructor(
    private readonly database: Database,
    private readonly client: Client,
  ) {}

  async forgetHistories(ref: ErasureRef): Promise<void> {
    const { customer } = await this.read(ref);
    const forgotten = await withPulse(async (pulse) => {
      const ids = new Set<string>();
      const query = `WorkflowId STARTS_WITH "${customer}/"`;
      for await (const { workflowId, runId } of this.client.workflow.list({ query })) {
        await this.forget(workflowId, runId);
        ids.add(`${workflowId} ${runId}`);
        pulse.progress?.();
      }
      return ids.size;
    });
    if (forgotten === 0) return;
    await this.write(ref, async (tx) => {
      const histories = sql<number>`greatest(histories, ${forgotten})`;
      const { tenant, id } = ref;
      await tx
        .updateTable('tenant_erasures')
        .set({ histories })
        .where('tenant_id', '=', tenant)
        .where('id', '=', id)
        .execute();
    });
    // the list lags behind: only when nothing stands in it any more is it done
    throw new ErasureWaits('The engine lists histories of the customer still. It is looked again.');
  }

  /** Running ones are ended by it as well. */
  private async forget(workflowId: string, runId: string): Promise<void> {
    const { namespace } = this.client.options;
    try {
      const workflowExecution = { workflowId, runId };
      await this.client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
    } catch (error) {
      if (classifyTemporalError(error) !== 'not_found') throw error;
    }
  }

  async pseudonymiseAudit(ref: ErasureRef): Promise<void> {
    const { customer, reason, confirmed_by: by } = await this.read(ref);
    const isKept = (name: string): boolean => name === ENGINE || name.toLowerCase().endsWith(`@${ref.tenant}`);
    await withPulse(({ progress = () => undefined }) =>
      inTenants(this.database, [customer], async (tx) => {
        await sql`SET LOCAL statement_timeout = '120s'`.execute(tx);
        // what was replaced stays replaced: a repeat has nothing to do
        const { rows } = await sql<{ done: boolean }>`
          SELECT EXISTS (SELECT FROM audit_entries WHERE tenant_id = ${customer} AND action = 'audit.person_erased'
            AND object_id = 'everybody') AS done`.execute(tx);
        if (!rows[0]!.done) await eraseTenantFromAudit(tx, customer, isKept, { by, reason, progress });
      }),
    );
  }

  async eraseRows(ref: ErasureRef): Promise<void> {
    const { customer, erased } = await this.read(ref);
    const kept = await this.write(ref, (tx) => keptOf(tx, ref.tenant, ref.id));
    // only of what is whole: an erasure that began before proofs were kept goes on without
    if (kept.some(({ kept_table: table }) => table === 'run_proofs') && Object.keys(erased).length === 0)
      await withPulse(({ progress }) => keepProofsOf(this.database, customer, progress));
    const tables = await this.write(ref, (tx) => erasableTables(tx, ref.tenant, ref.id));
    await withPulse(async (pulse) => {
      for (const table of tables) await this.empty(ref, table, pulse.progress);
    });
    const { rows } = await inTenants(this.database, [customer], (tx) =>
      sql`SELECT FROM outbox WHERE tenant_id = ${customer} LIMIT 1`.execute(tx),
    );
    if (rows.length > 0) throw new ErasureWaits('Events of the customer are not sent yet. They are waited for.');
  }

  async finishErasure(ref: ErasureRef): Promise<void> {
    await this.write(ref, async (tx) => {
      const { tenant, id } = ref;
      const { numUpdatedRows } = await tx
        .updateTable('tenant_erasures')
        .set({ ended_at: sql<Date>`now()` })
        .where('tenant_id', '=', tenant)
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return;
      const { customer, erased, histories, requested_by: origin } = await readErasure(tx, tenant, id);
      const object = { kind: 'tenant_erasure', id };
      const after = { customer, erased, histories };
      await appendAudit(tx, tenant, { action: 'tenant.erased', actor: ENGINE, origin, object, after });
      const aggregate = `tenant-erasure/${id}`;
      await appendEvent(
        tx,
        tenantErased,
        { tenant, aggregate, correlationId: id, causationId: null },
        { erasureId: id },
      );
    });
  }

  nextKept(ref: ErasureRef): Promise<number | null> {
    return this.write(ref, async (tx) => {
      const next = (await keptOf(tx, ref.tenant, ref.id)).find(
        (one) => one.erased_at === null && one.keep_until !== null,
      );
      return next?.keep_until?.getTime() ?? null;
    });
  }

  async eraseKept(ref: ErasureRef): Promise<void> {
    const due = await this.write(ref, async (tx) => {
      const { rows } = await sql<{ now: Date }>`SELECT now() AS now`.execute(tx);
      const order = await keptOf(tx, ref.tenant, ref.id);
      return order.filter((one) => one.erased_at === null && one.keep_until !== null && one.keep_until <= rows[0]!.now);
    });
    const tables = due.map(({ kept_table: table }) => table);
    // what refers to another goes before it
    const ordered = [...tables].sort((a, b) => rank(a) - rank(b));
    for (const table of ordered) {
      await withPulse((pulse) => this.empty(ref, table, pulse.progress));
      await this.write(ref, async (tx) => {
        const { tenant, id } = ref;
        await tx
          .updateTable('tenant_erasure_kept')
          .set({ erased_at: sql<Date>`now()` })
          .where('tenant_id', '=', tenant)
          .where('erasure_id', '=', id)
          .where('kept_table', '=', table)
          .execute();
        const object = { kind: 'tenant_erasure', id };
        await appendAudit(tx, tenant, { action: 'tenant.kept_data_erased', actor: ENGINE, object, after: { table } });
      });
    }
  }

  private async empty({ tenant: home, id }: ErasureRef, table: string, progress?: () => void): Promise<void> {
    while ((await this.write({ tenant: home, id }, (tx) => eraseRowsOf(tx, { home, id }, table, BATCH))) > 0)
      progress?.();
  }

  private read(ref: ErasureRef): Promise<ErasureRow> {
    return this.write(ref, (tx) => readErasure(tx, ref.tenant, ref.id));
  }

  private write<Result>({ tenant }: ErasureRef, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return inTenants(this.database, [tenant], work);
  }
}

/** The one table that another kept one refers to goes last. */
function rank(table: string): number {
  return table === 'tenant_offboardings' ? 1 : 0;
}
