import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { systemClock } from '#libs/kernel';
import { runLost, runStalled } from '#libs/events';
import { inTenants, isDatabaseUnavailable, json, type Database } from '#libs/platform/database';
import type { Logger } from '#libs/platform/observability';
import { appendEvent } from '#libs/platform/outbox';
import { classifyTemporalError } from '#libs/platform/temporal';
import { appendTimeline, EngineLost } from '#libs/process';
import { closeRequest, lockRequest, refuseRequest, setStalled } from '#libs/requests';
import { REWORK, reworkIdOf, turnOf, workflowIdOf, type PlannedRunInput, type ReworkInput } from '#workflows';
import type { AuditActivities, ReconcilePage } from '../../../workflows/support/activities.js';
import { askEngine, type EngineState } from './engine-state.js';
import { withdrawQuestion } from './approval-question.js';
import { endLostRun } from './lost-run.js';
import { LostTickets } from './lost-tickets.js';
import { LostWork } from './lost-work.js';
import { OPEN_PAGE, openPlaces, openRequestsAt, type OpenRequest } from './open-requests.js';
import { Untold, UNTAKEN_AFTER } from './untold.js';

const AT_ONCE = 8;

/**
 * Compares our open requests with Temporal, by id and never by listing (visibility is slow and lags). Never started is
 * started; closed or gone is told as lost, with the steps applied on record; a task that keeps failing is shown. Questions to
 * approvers and messages to receivers that nothing carries any more are started anew.
 */
export class AuditActivitiesOnEngine implements AuditActivities {
  private readonly untold: Untold;
  private readonly lostWork: LostWork;
  private readonly lostTickets: LostTickets;

  constructor(
    private readonly database: Database,
    private readonly client: Client,
    private readonly taskQueue: string,
    private readonly everySeconds: number,
    private readonly logger: Logger,
  ) {
    this.untold = new Untold(database, client);
    this.lostWork = new LostWork(database, client, taskQueue, logger);
    this.lostTickets = new LostTickets(database, client, taskQueue, logger);
  }

  async reconcilePage({ after }: { after: string | null }): Promise<ReconcilePage> {
    const places = await openPlaces(this.database, after);
    const requests = await openRequestsAt(this.database, places);
    for (let i = 0; i < requests.length; i += AT_ONCE)
      await Promise.all(requests.slice(i, i + AT_ONCE).map((request) => this.reconcileSafely(request)));
    const last = places.at(-1);
    // once a round, after requests: what is lost of those takes its question with it
    if (places.length < OPEN_PAGE) {
      await this.lostWork.startAnew();
      await this.lostTickets.startAnew();
    }
    return {
      looked: requests.length,
      everySeconds: this.everySeconds,
      next: last && places.length === OPEN_PAGE ? `${last.tenant}/${last.id}` : null,
    };
  }

  /** One request that cannot be compared must not keep the others from it. A server that is away is waited for. */
  private async reconcileSafely(request: OpenRequest): Promise<void> {
    try {
      await this.reconcile(request);
    } catch (error) {
      if (isDatabaseUnavailable(error) || classifyTemporalError(error) === 'unavailable') throw error;
      this.logger.error(
        { err: error, tenant: request.tenant, requestId: request.requestId },
        'request cannot be reconciled',
      );
    }
  }

  private async reconcile(request: OpenRequest): Promise<void> {
    const state = await askEngine(this.client, this.workflowId(request));
    if (state.kind === 'running') {
      await this.showStalled(request, state.failingTask);
      const place = { tenant: request.tenant, workflowId: this.workflowId(request) };
      if (request.untoldDecision) await this.untold.tellDecision(place, request.untoldDecision);
      if (request.untoldAct) await this.untold.tellAct(place, request.untoldAct);
      return;
    }
    if (state.kind === 'closed') return this.reportLost(request, state);
    const delivery = await this.deliveryOf(request);
    if (delivery === 'taken') return this.reportUnlessStarted(request);
    if (delivery === 'untaken') await this.start(request);
  }

  /** The bridge may have started it between our looks at the engine and at the inbox: only a second look tells a loss. */
  private async reportUnlessStarted(request: OpenRequest): Promise<void> {
    const state = await askEngine(this.client, this.workflowId(request));
    if (state.kind !== 'running') await this.reportLost(request, state);
  }

  private workflowId({ tenant, process, requestId, workflowId }: OpenRequest): string {
    return workflowId ?? workflowIdOf(tenant, process, requestId);
  }

  /** `taken`: Temporal once answered for it. `untaken`: it was sent long ago and nobody took it. Else it is on its way. */
  private async deliveryOf(request: OpenRequest): Promise<'taken' | 'untaken' | 'on_its_way'> {
    const { tenant } = request;
    const reworkedBy = actOfRework(request);
    // inbox rows are forgotten after 30 days
    if (request.planned && !reworkedBy) return 'taken';
    const eventId = reworkedBy ?? request.eventId;
    const { rows } = await inTenants(this.database, [tenant], (tx) =>
      sql<{ taken: boolean; waiting: boolean }>`
        SELECT EXISTS (SELECT 1 FROM inbox WHERE tenant_id = ${tenant} AND event_id = ${eventId}) AS taken,
               EXISTS (SELECT 1 FROM outbox WHERE tenant_id = ${tenant} AND event_id = ${eventId}
                       AND (sent_at IS NULL OR sent_at > now() - ${UNTAKEN_AFTER}::interval)) AS waiting`.execute(tx),
    );
    if (rows[0]!.taken) return 'taken';
    return rows[0]!.waiting ? 'on_its_way' : 'untaken';
  }

  /** The same start as the bridge's: whoever comes second finds it started. */
  private async start(request: OpenRequest): Promise<void> {
    const { tenant, requestId, eventId, runId } = request;
    const isRework = actOfRework(request) !== null;
    const input = isRework
      ? ({ tenant, requestId, runId: runId! } satisfies ReworkInput)
      : ({ tenant, requestId, eventId } satisfies PlannedRunInput);
    const options = {
      workflowId: this.workflowId(request),
      taskQueue: this.taskQueue,
      args: [input],
      priority: turnOf(tenant),
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
    } as const;
    await this.client.workflow.start(isRework ? REWORK : request.process, options).catch((error: unknown) => {
      if (classifyTemporalError(error) !== 'already_started') throw error;
    });
  }

  private async showStalled(request: OpenRequest, error: string | null): Promise<void> {
    if ((error !== null) === request.stalled) return;
    await inTenants(this.database, [request.tenant], async (tx) => {
      const stalled = error === null ? null : { error, since: systemClock.now().toISOString() };
      if (!(await setStalled(tx, request, stalled))) return;
      const { runId } = request;
      if (runId) {
        await tx
          .updateTable('runs')
          .set({ stalled: stalled && json(stalled) })
          .where('tenant_id', '=', request.tenant)
          .where('id', '=', runId)
          .execute();
        await appendTimeline(tx, request.tenant, runId, [
          { kind: error === null ? 'engine_recovered' : 'engine_stalled', who: 'stellwerk', data: { error } },
        ]);
      }
      if (error === null) return;
      await appendEvent(tx, runStalled, originOf(request), {
        requestId: request.requestId,
        workflowId: this.workflowId(request),
        error: error.slice(0, 500),
      });
    });
  }

  /** Ends what the engine lost. What was written stays on record, ready to be reinstated. */
  private async reportLost(request: OpenRequest, state: EngineState): Promise<void> {
    const engineStatus = state.kind === 'closed' ? state.status : 'NOT_FOUND';
    const workflowId = this.workflowId(request);
    await inTenants(this.database, [request.tenant], async (tx) => {
      // read again under the lock: the workflow may just have ended well
      const { status, run_id: runId } = await lockRequest(tx, request);
      if (['closed', 'rejected', 'refused'].includes(status)) return;
      const problem = new EngineLost(
        `The workflow ${workflowId} is ${engineStatus} in the engine. Check what was applied; reinstate or submit again.`,
      ).toProblem();
      if (runId) {
        await endLostRun(tx, { ...request, runId }, engineStatus, problem);
        await closeRequest(tx, request, runId, 'failed', problem);
      } else {
        await refuseRequest(tx, request, problem);
      }
      if (status === 'awaiting_approval') await withdrawQuestion(tx, request);
      await appendEvent(tx, runLost, originOf(request), {
        requestId: request.requestId,
        runId,
        workflowId,
        engineStatus,
      });
    });
  }
}

function originOf({ tenant, requestId }: OpenRequest) {
  return { tenant, aggregate: `request/${requestId}`, correlationId: requestId, causationId: null };
}

/** The act that ordered the rework which carries the run now, or null. */
function actOfRework({ tenant, workflowId }: OpenRequest): string | null {
  const begin = reworkIdOf(tenant, '');
  return workflowId?.startsWith(begin) ? workflowId.slice(begin.length) : null;
}
