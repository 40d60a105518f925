import type { RequestStatus } from './request-status.model.js';
import {
  LeaverCannotDecide,
  PlanHashMismatch,
  RequesterCannotDecide,
  RequestNotAwaitingApproval,
} from './request.errors.js';
import {
  ConfirmationNotNeeded,
  ConfirmerCannotDecide,
  DeciderCannotConfirm,
  LeaverCannotConfirm,
  RequesterCannotConfirm,
} from './second-person.errors.js';
import { missingReasons, type ConfirmationReason, type GivenConfirmation } from './second-person.model.js';

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
  /** Further names of whoever decides: other accounts, machines of theirs. */
  readonly alsoKnownAs?: readonly string[];
}

/** A decision on record that nobody has superseded. */
export interface RecordedDecision extends Omit<AskedDecision, 'alsoKnownAs'> {
  readonly revision: number;
  /** False for an approval that waits for its second person. */
  readonly isEffective: boolean;
}

/**
 * What becomes of a decision: `record` it; `supersede` with a rejection the approval that waits for its second person; or
 * answer it as the `repeat` of the latest one on record. While a revision is open only its own hash counts: an approval of
 * an earlier plan is no approval of this one. Throws `RequesterCannotDecide`, `LeaverCannotDecide`,
 * `ConfirmerCannotDecide`, `RequestNotAwaitingApproval` or `PlanHashMismatch`.
 */
export function judgeDecision(
  request: Decidable,
  asked: AskedDecision,
  recorded: readonly RecordedDecision[],
  confirmations: readonly GivenConfirmation[] = [],
): 'record' | 'repeat' | 'supersede' {
  const names = [asked.decidedBy, ...(asked.alsoKnownAs ?? [])];
  if (isAmong(names, request.requestedBy))
    throw new RequesterCannotDecide('You requested this yourself. Somebody else has to decide.');
  if (names.some((name) => isLeaver(request, name)))
    throw new LeaverCannotDecide('This is about you. Somebody else has to decide.');
  const present = recorded.find((decision) => decision.revision === request.revision);
  if (request.status === 'awaiting_approval' && (!present || isWithdrawal(asked, present))) {
    refuseOtherPlan(request, asked.planHash);
    refuseConfirmer(asked, confirmations);
    return present ? 'supersede' : 'record';
  }
  const latest = Math.max(...recorded.map((decision) => decision.revision));
  if (recorded.some((decision) => decision.revision === latest && isRepeat(decision, asked))) return 'repeat';
  throw new RequestNotAwaitingApproval(
    present && !present.isEffective
      ? 'The plan is approved already and waits for a second person’s confirmation.'
      : `The request is ${request.status}; there is nothing to decide.`,
  );
}

/** A second person's confirmation as somebody gives it. */
export interface AskedConfirmation {
  readonly planHash: string;
  readonly confirmedBy: string;
  /** Further names of whoever confirms: other accounts, machines of theirs. */
  readonly alsoKnownAs?: readonly string[];
}

/** What is on record of the plan that is up for approval. */
export interface ConfirmationState {
  readonly reasons: readonly ConfirmationReason[];
  readonly confirmations: readonly GivenConfirmation[];
  /** Who approved it, while that waits for its second person. */
  readonly decidedBy: string | null;
}

/**
 * What becomes of a confirmation: `record` it, or answer it as the `repeat` of the same person's. Throws
 * `RequesterCannotConfirm`, `LeaverCannotConfirm`, `DeciderCannotConfirm`, `RequestNotAwaitingApproval`,
 * `PlanHashMismatch` or `ConfirmationNotNeeded`.
 */
export function judgeConfirmation(
  request: Decidable,
  asked: AskedConfirmation,
  { reasons, confirmations, decidedBy }: ConfirmationState,
): 'record' | 'repeat' {
  const names = [asked.confirmedBy, ...(asked.alsoKnownAs ?? [])];
  if (isAmong(names, request.requestedBy))
    throw new RequesterCannotConfirm('You requested this yourself. Somebody else has to confirm it.');
  if (names.some((name) => isLeaver(request, name)))
    throw new LeaverCannotConfirm('This is about you. Somebody else has to confirm it.');
  const isOpen = request.status === 'awaiting_approval';
  const missing = missingReasons(reasons, confirmations, { planHash: request.planHash, decidedBy });
  if (isOpen && asked.planHash === request.planHash && missing.length > 0) {
    if (decidedBy !== null && isAmong(names, decidedBy))
      throw new DeciderCannotConfirm('You approved this yourself. A second person has to confirm it.');
    return 'record';
  }
  const isOwn = (one: GivenConfirmation): boolean =>
    one.planHash === asked.planHash && samePerson(one.confirmedBy, asked.confirmedBy);
  if (asked.planHash === request.planHash && confirmations.some(isOwn)) return 'repeat';
  if (!isOpen) throw new RequestNotAwaitingApproval(`The request is ${request.status}; there is nothing to confirm.`);
  refuseOtherPlan(request, asked.planHash);
  throw new ConfirmationNotNeeded('The plan’s approval is enough, or somebody has confirmed it already.');
}

/** Where a request stands after a decision. A rejected difference after drift leaves the run going: the workflow goes on without it. */
export function statusAfterDecision(decision: Verdict, run: { readonly hasStarted: boolean } | null): RequestStatus {
  if (run) return run.hasStarted ? 'running' : 'approved';
  return decision === 'approve' ? 'approved' : 'rejected';
}

/** Whether a person is whom a request is about. Subjects are `<name>@<tenant>`; a leaver is named by the customer's directory, with or without a mail domain. */
export function isLeaver(request: Pick<Decidable, 'subject' | 'tenant'>, person: string): boolean {
  const name = request.subject.split('@')[0]!;
  return samePerson(person, request.subject) || samePerson(person, `${name}@${request.tenant}`);
}

/** An approval that waits for its second person may be rejected, by anybody who may decide. */
function isWithdrawal(asked: AskedDecision, present: RecordedDecision): boolean {
  return !present.isEffective && asked.decision === 'reject';
}

function refuseOtherPlan(request: Decidable, planHash: string): void {
  if (planHash !== request.planHash)
    throw new PlanHashMismatch(
      'Another plan waits for a decision. Read the request’s plan again and decide on its hash.',
    );
}

/** Whoever confirmed a plan is its second person and cannot be its first as well. */
function refuseConfirmer(asked: AskedDecision, confirmations: readonly GivenConfirmation[]): void {
  const names = [asked.decidedBy, ...(asked.alsoKnownAs ?? [])];
  if (asked.decision === 'approve' && isConfirmer(confirmations, asked.planHash, names))
    throw new ConfirmerCannotDecide('You confirmed this plan as the second person. Somebody else has to approve it.');
}

/** Whether somebody of these names confirmed the plan of this hash as its second person. */
export function isConfirmer(
  confirmations: readonly GivenConfirmation[],
  planHash: string,
  names: readonly string[],
): boolean {
  return confirmations.some((one) => one.planHash === planHash && isAmong(names, one.confirmedBy));
}

function isRepeat(recorded: RecordedDecision, asked: AskedDecision): boolean {
  return (
    recorded.planHash === asked.planHash &&
    recorded.decision === asked.decision &&
    recorded.decidedBy === asked.decidedBy
  );
}

function isAmong(names: readonly string[], person: string): boolean {
  return names.some((name) => samePerson(name, person));
}

function samePerson(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
