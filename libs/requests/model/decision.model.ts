import type { RequestStatus } from './request-status.model.js';
import {
  LeaverCannotDecide,
  PlanHashMismatch,
  RequesterCannotDecide,
  RequestNotAwaitingApproval,
} from './request.errors.js';

export type Verdict = 'approve' | 'reject';

/** What of a request matters when somebody decides on its plan. */
export interface Decidable {
  readonly tenant: string;
  readonly status: string;
  /** Whom the request is about. */
  readonly subject: string;
  readonly requestedBy: string;
  readonly revision: number;
  readonly planHash: string | null;
}

/** A decision as somebody gives it. */
export interface AskedDecision {
  readonly decision: Verdict;
  readonly planHash: string;
  readonly decidedBy: string;
}

export interface RecordedDecision extends AskedDecision {
  readonly revision: number;
}

/**
 * What becomes of a decision: `record` it, or answer it as the `repeat` of the latest one on record. While a revision is
 * open only its own hash counts: an approval of an earlier plan is no approval of this one. Throws
 * `RequesterCannotDecide`, `LeaverCannotDecide`, `RequestNotAwaitingApproval` or `PlanHashMismatch`.
 */
export function judgeDecision(
  request: Decidable,
  asked: AskedDecision,
  recorded: readonly RecordedDecision[],
): 'record' | 'repeat' {
  if (samePerson(asked.decidedBy, request.requestedBy)) {
    throw new RequesterCannotDecide('You requested this yourself. Somebody else has to decide.');
  }
  if (isLeaver(request, asked.decidedBy))
    throw new LeaverCannotDecide('This is about you. Somebody else has to decide.');
  const isOpen =
    request.status === 'awaiting_approval' && !recorded.some((decision) => decision.revision === request.revision);
  if (isOpen) {
    if (asked.planHash === request.planHash) return 'record';
    throw new PlanHashMismatch(
      'Another plan waits for a decision. Read the request’s plan again and decide on its hash.',
    );
  }
  const latest = Math.max(...recorded.map((decision) => decision.revision));
  if (recorded.some((decision) => decision.revision === latest && isRepeat(decision, asked))) return 'repeat';
  throw new RequestNotAwaitingApproval(`The request is ${request.status}; there is nothing to decide.`);
}

/** Where a request stands after a decision. A rejected difference after drift leaves the run going: the workflow goes on without it. */
export function statusAfterDecision(decision: Verdict, run: { readonly hasStarted: boolean } | null): RequestStatus {
  if (run) return run.hasStarted ? 'running' : 'approved';
  return decision === 'approve' ? 'approved' : 'rejected';
}

function isRepeat(recorded: RecordedDecision, asked: AskedDecision): boolean {
  return (
    recorded.planHash === asked.planHash &&
    recorded.decision === asked.decision &&
    recorded.decidedBy === asked.decidedBy
  );
}

/** Subjects are `<name>@<tenant>`; a leaver is named by the customer's directory, with or without a mail domain. */
function isLeaver(request: Decidable, person: string): boolean {
  const name = request.subject.split('@')[0]!;
  return samePerson(person, request.subject) || samePerson(person, `${name}@${request.tenant}`);
}

function samePerson(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
