import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { isDatabaseUnavailable, type Database } from '#libs/platform/database';
import type { Logger } from '#libs/platform/observability';
import { classifyTemporalError } from '#libs/platform/temporal';
import { servedIdOf, turnOf, WEBHOOK, webhookIdOf, type ServedInput, type WebhookInput } from '#workflows';
import { askEngine } from './engine-state.js';

/** Of each kind, in a round: what was not looked at is drawn in one of the next. */
const MOST = 200;
const AT_ONCE = 8;
const APPROVAL = 'approval';
const TICKET_MAIL = 'ticketMail';
const RETARGETING = 'retargeting';

/** Something in our tables that a workflow of its own should be working on. */
interface Carried {
  readonly tenant: string;
  readonly type: string;
  readonly workflowId: string;
  readonly input: ServedInput | WebhookInput;
}

/**
 * Compares with Temporal: questions to approvers, and what is overdue of messages to receivers, mails about tickets and changes of what is promised.
 * One that nothing carries any more (Temporal was restored from a backup, somebody terminated it) is started anew: what such a workflow did is on record, so that it
 * goes on from there, tells nobody twice, and ends at once where nothing is left to do.
 */
export class LostWork {
  constructor(
    private readonly database: Database,
    private readonly client: Client,
    private readonly taskQueue: string,
    private readonly logger: Logger,
  ) {}

  async startAnew(): Promise<void> {
    const carried = [
      ...(await this.openQuestions()),
      ...(await this.overdueMessages()),
      ...(await this.overdueMails()),
      ...(await this.overdueChanges()),
    ];
    for (let i = 0; i < carried.length; i += AT_ONCE)
      await Promise.all(carried.slice(i, i + AT_ONCE).map((one) => this.compareSafely(one)));
  }

  private async openQuestions(): Promise<Carried[]> {
    const { rows } = await sql<ServedInput>`SELECT tenant, id FROM open_questions(${MOST})`.execute(this.database);
    return rows.map(({ tenant, id }) => ({
      ...{ tenant, type: APPROVAL, workflowId: servedIdOf(tenant, APPROVAL, id), input: { tenant, id } },
    }));
  }

  private async overdueMessages(): Promise<Carried[]> {
    const { rows } = await sql<{ tenant: string; id: string; attempts: number }>`
      SELECT tenant, id, attempts FROM overdue_messages(${MOST})`.execute(this.database);
    return rows.map(({ tenant, id, attempts }) => {
      const input = { tenant, deliveryId: id, attempt: attempts + 1 };
      return { tenant, type: WEBHOOK, workflowId: webhookIdOf(tenant, id), input };
    });
  }

  private async overdueMails(): Promise<Carried[]> {
    const { rows } = await sql<ServedInput>`SELECT tenant, id FROM overdue_ticket_mails(${MOST})`.execute(
      this.database,
    );
    return rows.map(({ tenant, id }) => ({
      ...{ tenant, type: TICKET_MAIL, workflowId: servedIdOf(tenant, TICKET_MAIL, id), input: { tenant, id } },
    }));
  }

  private async overdueChanges(): Promise<Carried[]> {
    const { rows } = await sql<ServedInput>`SELECT tenant, id FROM overdue_sla_changes(${MOST})`.execute(this.database);
    return rows.map(({ tenant, id }) => ({
      ...{ tenant, type: RETARGETING, workflowId: servedIdOf(tenant, RETARGETING, id), input: { tenant, id } },
    }));
  }

  /** One that cannot be compared must not keep the others from it. A server that is away is waited for. */
  private async compareSafely(carried: Carried): Promise<void> {
    try {
      await this.compare(carried);
    } catch (error) {
      if (isDatabaseUnavailable(error) || classifyTemporalError(error) === 'unavailable') throw error;
      const { tenant, workflowId } = carried;
      this.logger.error({ err: error, tenant, workflowId }, 'workflow cannot be compared');
    }
  }

  private async compare({ tenant, type, workflowId, input }: Carried): Promise<void> {
    const state = await askEngine(this.client, workflowId);
    if (state.kind === 'running') return;
    await this.client.workflow.start(type, {
      workflowId,
      taskQueue: this.taskQueue,
      args: [input],
      priority: turnOf(tenant),
      workflowIdConflictPolicy: 'USE_EXISTING',
      // one that was terminated is no end either
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
    const was = state.kind === 'closed' ? state.status : 'NOT_FOUND';
    this.logger.warn({ tenant, workflowId, was }, 'a workflow that the engine lost was started anew');
  }
}
