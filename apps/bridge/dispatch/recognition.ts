import type { AppError } from '#libs/kernel';
import type { Row } from '#libs/platform/database';
import type { ProcessName } from '#workflows';
import type { Order } from './admission.js';
import { DecisionUnknown, RequestUnknown } from './bridge-errors.js';

export interface KnownRequest {
  readonly process: ProcessName;
  readonly submittedEventId: string;
}

/** What our database holds of the requests and decisions that some orders tell of. */
export interface KnownFacts {
  /** By `<tenant>/<request>`. */
  readonly requests: ReadonlyMap<string, KnownRequest>;
  /** By `<tenant>/<request>/<decision>`. */
  readonly decisions: ReadonlyMap<string, Row<'decisions'>>;
  /** `<tenant>/<event>/<decision>` of decisions' events with an id of their own, as they were once made. */
  readonly oldDecisionEvents: ReadonlySet<string>;
}

/**
 * The process of the request that an event is about, if our database knows what the event tells, else the reason to
 * refuse it: anyone who may write to Kafka can tell anything.
 */
export function recognise(order: Order, facts: KnownFacts): ProcessName | AppError {
  const { tenant, requestId, eventId, act } = order;
  const request = facts.requests.get(`${tenant}/${requestId}`);
  if (!request) return new RequestUnknown(`${tenant} has no request ${requestId}.`);
  if (act.does === 'signal')
    return isDecided(order, facts)
      ? request.process
      : new DecisionUnknown(`${tenant} has no such decision on request ${requestId} as the event tells of.`);
  if (request.process === act.process && request.submittedEventId === eventId) return request.process;
  return new RequestUnknown(`The request ${requestId} of ${tenant} was not submitted by this event.`);
}

function isDecided({ tenant, requestId, eventId, act }: Order, facts: KnownFacts): boolean {
  if (act.does !== 'signal') return false;
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
