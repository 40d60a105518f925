import type { Client } from '@temporalio/client';
import { newId } from '#libs/kernel';
import { inTenants, isDatabaseUnavailable, type Database } from '#libs/platform/database';
import type { Logger } from '#libs/platform/observability';
import { classifyTemporalError } from '#libs/platform/temporal';
import { noteRestart, unwatchedTickets, watchedTickets } from '#libs/sla';
import { servedIdOf, slaNewsSignal, turnOf, type SlaInput } from '#workflows';
import { askEngine } from './engine-state.js';

/** In a round: what was not looked at is drawn in one of the next. */
const MOST = 100;
const AT_ONCE = 8;
const SLA = 'sla';

interface Ticket {
  readonly tenant: string;
  readonly id: string;
  /** Of one that is overdue: its workflow, where it runs, is told to look. */
  readonly why?: string;
}

/**
 * Compares open tickets with Temporal: those that nothing looks at, those that should have been looked at before, and some of the
 * others, by chance. A workflow that was lost is started anew, one that overslept is told; both are put on record. What
 * was done is on record, too: a workflow that begins again repeats nothing.
 */
export class LostTickets {
  constructor(
    private readonly database: Database,
    private readonly client: Client,
    private readonly taskQueue: string,
    private readonly logger: Logger,
  ) {}

  async startAnew(): Promise<void> {
    const some: readonly Ticket[] = await watchedTickets(this.database, MOST);
    const tickets = [...(await unwatchedTickets(this.database, MOST)), ...some];
    for (let i = 0; i < tickets.length; i += AT_ONCE)
      await Promise.all(tickets.slice(i, i + AT_ONCE).map((one) => this.compareSafely(one)));
  }

  /** One that cannot be compared must not keep the others from it. A server that is away is waited for. */
  private async compareSafely(ticket: Ticket): Promise<void> {
    try {
      await this.compare(ticket);
    } catch (error) {
      if (isDatabaseUnavailable(error) || classifyTemporalError(error) === 'unavailable') throw error;
      this.logger.error({ err: error, tenant: ticket.tenant, ticketId: ticket.id }, 'ticket cannot be compared');
    }
  }

  private async compare({ tenant, id, why }: Ticket): Promise<void> {
    const workflowId = servedIdOf(tenant, SLA, id);
    const state = await askEngine(this.client, workflowId);
    if (state.kind === 'running') {
      if (why === undefined) return;
      await this.client.workflow.getHandle(workflowId).signal(slaNewsSignal, { eventId: newId() });
    } else {
      await this.client.workflow.start(SLA, {
        workflowId,
        taskQueue: this.taskQueue,
        args: [{ tenant, id } satisfies SlaInput],
        priority: turnOf(tenant),
        workflowIdConflictPolicy: 'USE_EXISTING',
        // one that was terminated is no end either
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      });
    }
    await inTenants(this.database, [tenant], (tx) => noteRestart(tx, { tenant, ticketId: id }));
    const was = state.kind === 'closed' ? state.status : state.kind;
    this.logger.warn({ tenant, workflowId, was, why }, 'the workflow of a ticket was lost or overslept');
  }
}
