import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { inTenants, type Database } from '#libs/platform/database';
import type { RunAct } from '#libs/process/model';
import { actSignal, decisionSignal } from '#workflows';

/** An event sent so long ago without a workflow was not taken by any bridge. */
export const UNTAKEN_AFTER = '60 seconds';

// of a row with an event of its own id: sent long ago, and no bridge has taken it
const untaken = (alias: string) => sql<boolean>`(
  NOT EXISTS (SELECT 1 FROM inbox i WHERE i.consumer = 'bridge' AND i.tenant_id = ${sql.ref(`${alias}.tenant_id`)} AND i.event_id = ${sql.ref(`${alias}.id`)})
  AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.tenant_id = ${sql.ref(`${alias}.tenant_id`)} AND o.event_id = ${sql.ref(`${alias}.id`)}
                  AND (o.sent_at IS NULL OR o.sent_at > now() - ${UNTAKEN_AFTER}::interval)))`;

/** The present plan's decision, when its event was sent long ago and no bridge has taken it. */
export const UNTOLD_DECISION = sql<string | null>`(
  SELECT d.id FROM decisions d
  WHERE d.tenant_id = requests.tenant_id AND d.request_id = requests.id AND d.revision = requests.plan_revision
    -- an approval that waits for its second person is not told yet
    AND d.effective_at < now() - ${UNTAKEN_AFTER}::interval AND ${untaken('d')})`.as('untold_decision');

/** The oldest act of which the same holds. One on a run that had ended is no signal but starts its rework. */
export const UNTOLD_ACT = sql<string | null>`(
  SELECT a.id FROM acts a
  WHERE a.tenant_id = requests.tenant_id AND a.request_id = requests.id
    AND a.given_at < now() - ${UNTAKEN_AFTER}::interval AND a.given_at > now() - interval '30 days'
    AND NOT a.message ? 'rework' AND ${untaken('a')}
  ORDER BY a.given_at LIMIT 1)`.as('untold_act');

/** The workflow that carries the request's run. */
export const WORKFLOW_OF_RUN = sql<string | null>`(
  SELECT r.workflow_id FROM runs r WHERE r.tenant_id = requests.tenant_id AND r.id = requests.run_id)`.as(
  'workflow_of_run',
);

interface Place {
  readonly tenant: string;
  readonly workflowId: string;
}

/** Tells workflows what was decided or done and never reached them. The bridge's later try finds the inbox row. */
export class Untold {
  constructor(
    private readonly database: Database,
    private readonly client: Client,
  ) {}

  async tellDecision({ tenant, workflowId }: Place, id: string): Promise<void> {
    const row = await inTenants(this.database, [tenant], (tx) =>
      tx
        .selectFrom('decisions')
        .selectAll()
        .where('tenant_id', '=', tenant)
        .where('id', '=', id)
        .executeTakeFirstOrThrow(),
    );
    const { decision, revision, plan_hash: planHash } = row;
    await this.client.workflow
      .getHandle(workflowId)
      .signal(decisionSignal, { eventId: id, decision, revision, planHash });
    await this.noteTold(tenant, id);
  }

  async tellAct({ tenant, workflowId }: Place, id: string): Promise<void> {
    const { message } = await inTenants(this.database, [tenant], (tx) =>
      tx
        .selectFrom('acts')
        .select('message')
        .where('tenant_id', '=', tenant)
        .where('id', '=', id)
        .executeTakeFirstOrThrow(),
    );
    const act = message as RunAct;
    await this.client.workflow.getHandle(workflowId).signal(actSignal, { eventId: id, recorded: true, act });
    await this.noteTold(tenant, id);
  }

  private async noteTold(tenant: string, eventId: string): Promise<void> {
    const row = { consumer: 'bridge', tenant_id: tenant, event_id: eventId };
    await inTenants(this.database, [tenant], (tx) =>
      tx
        .insertInto('inbox')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }
}
