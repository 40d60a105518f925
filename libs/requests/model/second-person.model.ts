/** Why a plan needs a second person at the MSP, with a stable code. */
export interface ConfirmationReason {
  readonly code: string;
  readonly text: string;
}

/** A second person's word on a plan. */
export interface GivenConfirmation {
  readonly planHash: string;
  readonly confirmedBy: string;
  /** The codes of the reasons that were known then: a reason that came up later is not covered. */
  readonly codes: readonly string[];
}

/** A plan as its reasons are found from it. */
export interface ConfirmablePlan {
  readonly process: string;
  readonly startsAt: string;
  readonly subject: { readonly kind: string; readonly name: string; readonly identity: string | null };
  readonly remarks: readonly ConfirmationReason[];
}

/** Remarks of building blocks that a second person has to have seen. */
const REMARKS_TO_CONFIRM = ['directory.user_privileged', 'directory.user_protected', 'directory.last_administrator'];

/** The reasons that lie in a plan's own remarks. */
export function reasonsInRemarks(remarks: readonly ConfirmationReason[]): ConfirmationReason[] {
  return withoutRepeats(remarks.filter((remark) => REMARKS_TO_CONFIRM.includes(remark.code)));
}

/** The same reasons once each. Steps of one plan find the same out several times, and a count in a text may have grown. */
export function withoutRepeats(reasons: readonly ConfirmationReason[]): ConfirmationReason[] {
  const latest = new Map(reasons.map((reason) => [reason.code, reason]));
  return [...latest.values()].map(({ code, text }) => ({ code, text }));
}

/**
 * The reasons that nobody has confirmed yet. Whoever decided is no second person, and a confirmation counts for the plan
 * of its hash and the reasons of its time only.
 */
export function missingReasons(
  reasons: readonly ConfirmationReason[],
  given: readonly GivenConfirmation[],
  plan: { readonly planHash: string | null; readonly decidedBy: string | null },
): ConfirmationReason[] {
  const counted = given.filter(
    (one) => one.planHash === plan.planHash && one.confirmedBy.toLowerCase() !== plan.decidedBy?.toLowerCase(),
  );
  return reasons.filter((reason) => !counted.some((one) => one.codes.includes(reason.code)));
}

/** How far approvers have come, where one vote is not enough. */
export interface VotesSoFar {
  /** Counted from 1. */
  readonly stage: number;
  readonly stages: number;
  readonly approvals: number;
  readonly needed: number;
  readonly rejections: number;
}

/** What a request shows while a plan of it is up for approval. */
export type ApprovalWait =
  | {
      readonly kind: 'approval';
      readonly secondPerson?: readonly ConfirmationReason[];
      readonly votes?: VotesSoFar;
    }
  | { readonly kind: 'second_person'; readonly reasons: readonly ConfirmationReason[] };

/** What is missing: the approval, with the reasons that will need a second person, or that person alone. */
export function approvalWait(approved: boolean, missing: readonly ConfirmationReason[]): ApprovalWait {
  if (approved) return { kind: 'second_person', reasons: missing };
  return missing.length === 0 ? { kind: 'approval' } : { kind: 'approval', secondPerson: missing };
}
