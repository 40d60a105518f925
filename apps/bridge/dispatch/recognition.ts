import type { AppError } from '#libs/kernel';
import type { Row } from '#libs/platform/database';
import {
  REWORK,
  reworkIdOf,
  servedIdOf,
  workflowIdOf,
  type ActMessage,
  type NewsMessage,
  type PlannedRunInput,
  type ProcessName,
  type ReworkInput,
  type ServedInput,
} from '#workflows';
import type { Order } from './admission.js';
import { ActUnknown, DecisionUnknown, RequestUnknown, ServedUnknown } from './bridge-errors.js';

export interface KnownRequest {
  readonly process: ProcessName;
  readonly submittedEventId: string;
  /** The workflow that carries its run, once there is one. */
  readonly workflowId: string | null;
}

/** What the bridge tells Temporal after an event was recognised. */
export type Telling =
  | { readonly does: 'start'; readonly workflowType: string; readonly workflowId: string; readonly input: object }
  | { readonly does: 'signal'; readonly workflowId: string; readonly signal: string; readonly message: unknown };

/** What our database holds of the requests and decisions that some orders tell of. */
export interface KnownFacts {
  /** By `<tenant>/<request>`. */
  readonly requests: ReadonlyMap<string, KnownRequest>;
  /** By `<tenant>/<request>/<decision>`. */
  readonly decisions: ReadonlyMap<string, Row<'decisions'>>;
  /** By `<tenant>/<request>/<act>`. */
  readonly acts: ReadonlyMap<string, Row<'acts'>>;
  /** `<tenant>/<event>/<decision>` of decisions' events with an id of their own, as they were once made. */
  readonly oldDecisionEvents: ReadonlySet<string>;
  /** Events of things that small workflows serve, as `<tenant>/<workflow>/<id>/<event>`. */
  readonly servedEvents: ReadonlySet<string>;
}

/**
 * What to tell Temporal, if our database knows what the event tells, else the reason to refuse it: anyone who may write to
 * Kafka can tell anything.
 */
export function recognise(order: Order, facts: KnownFacts): Telling | AppError {
  const { tenant, requestId, eventId, act } = order;
  if (act.does === 'serve') return servedTelling(order, act, facts);
  const request = facts.requests.get(`${tenant}/${requestId}`);
  if (!request) return new RequestUnknown(`${tenant} has no request ${requestId}.`);
  const workflowId = request.workflowId ?? workflowIdOf(tenant, request.process, requestId);
  switch (act.does) {
    case 'start':
      return request.process === act.process && request.submittedEventId === eventId
        ? {
            does: 'start',
            workflowType: request.process,
            workflowId: workflowIdOf(tenant, request.process, requestId),
            input: { tenant, requestId, eventId } satisfies PlannedRunInput,
          }
        : new RequestUnknown(`The request ${requestId} of ${tenant} was not submitted by this event.`);
    case 'decide':
      return isDecided(order, facts)
        ? { does: 'signal', workflowId, signal: act.signal, message: act.message }
        : new DecisionUnknown(`${tenant} has no such decision on request ${requestId} as the event tells of.`);
    case 'act': {
      const row = eventId === act.actId ? facts.acts.get(`${tenant}/${requestId}/${act.actId}`) : undefined;
      if (!row) return new ActUnknown(`${tenant} has no such act on request ${requestId} as the event tells of.`);
      return actTelling(row, workflowId, act.signal);
    }
  }
}

/** The act as our table has it: the event carries its id only. One on a run that had ended starts that run's rework. */
function actTelling(row: Row<'acts'>, workflowId: string, signal: string): Telling {
  const { tenant_id: tenant, id, request_id: requestId, run_id: runId } = row;
  const act = row.message as ActMessage['act'];
  if (act.act === 'retry' && act.rework && runId) {
    const input: ReworkInput = { tenant, requestId, runId };
    return { does: 'start', workflowType: REWORK, workflowId: reworkIdOf(tenant, id), input };
  }
  const message: ActMessage = { eventId: id, recorded: true, act };
  return { does: 'signal', workflowId, signal, message };
}

/** The workflow that serves a thing of ours. It reads our tables: the event carries ids only. */
function servedTelling(
  { tenant, eventId }: Order,
  { workflow, id, signal }: Extract<Order['act'], { does: 'serve' }>,
  { servedEvents }: KnownFacts,
): Telling | AppError {
  const workflowId = servedIdOf(tenant, workflow, id);
  if (!servedEvents.has(`${workflowId}/${eventId}`))
    return new ServedUnknown(`${tenant} has no such event of the ${workflow} ${id}.`);
  if (signal !== null) return { does: 'signal', workflowId, signal, message: { eventId } satisfies NewsMessage };
  return { does: 'start', workflowType: workflow, workflowId, input: { tenant, id } satisfies ServedInput };
}

function isDecided({ tenant, requestId, eventId, act }: Order, facts: KnownFacts): boolean {
  if (act.does !== 'decide') return false;
  const { decisionId, message } = act;
  const row = facts.decisions.get(`${tenant}/${requestId}/${decisionId}`);
  return (
    row !== undefined &&
    // under another event's id, that event would count as taken
    (eventId === decisionId || facts.oldDecisionEvents.has(`${tenant}/${eventId}/${decisionId}`)) &&
    // an approval that waits for its second person is none yet
    row.effective_at !== null &&
    row.decision === message.decision &&
    row.revision === message.revision &&
    row.plan_hash === message.planHash &&
    (message.decidedBy === undefined || saysTheSame(row, message.decidedBy, message.reason ?? null))
  );
}

/** Version 1 of the events also says who decided and why. */
function saysTheSame(row: Row<'decisions'>, decidedBy: string, reason: string | null): boolean {
  return row.decided_by === asStored(decidedBy) && row.reason === (reason === null ? null : asStored(reason));
}

/** Text as PostgreSQL has it: halves of surrogate pairs became U+FFFD on the way there. */
function asStored(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
