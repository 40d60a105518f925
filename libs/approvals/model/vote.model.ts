import type { ApprovalPolicy, ApprovalStage, Approver } from './approval-policy.model.js';
import { ApproverAlreadyVoted, DelegationNotInForce, NotAnApprover } from './approval.errors.js';
import { keysOf, mailSubject, mayDecide, type RoleHolder } from './policy-faults.model.js';

export type VoteVerdict = 'approve' | 'reject';

/** Somebody who votes: by an account, with the roles held for the customer, or by a link that went to a mail address. */
export interface Voter {
  /** `anna@muster`, or `mail:anna@firma.example`. */
  readonly subject: string;
  /** Further names of the same person: other accounts, the mail address. */
  readonly alsoKnownAs?: readonly string[];
  readonly roles: readonly { readonly at: 'customer' | 'msp'; readonly role: string }[];
}

/** A vote on record. */
export interface GivenVote {
  readonly stage: number;
  readonly voter: string;
  /** Whose vote it is, when the voter stood in for somebody. */
  readonly onBehalfOf: string | null;
  readonly verdict: VoteVerdict;
}

/** A delegation that is in force now: `delegate` may vote for `delegator`, whose roles are these. */
export interface Standing {
  readonly delegator: Voter;
  readonly delegate: string;
}

/** Where a question stands. */
export interface RoundState {
  readonly policy: ApprovalPolicy;
  /** Counted from 1. */
  readonly stage: number;
  /** Those to whom it was escalated may decide. */
  readonly escalated: boolean;
  readonly votes: readonly GivenVote[];
  /** Who may not decide whatever a policy says: whoever asked, and whom it is about. */
  readonly excluded: readonly string[];
  /** Who holds which role now. */
  readonly holders: readonly RoleHolder[];
}

export interface AskedVote {
  readonly voter: Voter;
  readonly verdict: VoteVerdict;
  /** Given where the voter stands in for somebody; else found out. */
  readonly onBehalfOf?: string | undefined;
}

/** What becomes of a vote. */
export type JudgedVote = { readonly kind: 'repeat' } | { readonly kind: 'count'; readonly onBehalfOf: string | null };

/**
 * What becomes of a vote: it counts, for the voter or for whom the voter stands in, or it is the repeat of the same one.
 * One person counts once in all stages. Throws `NotAnApprover`, `ApproverAlreadyVoted` or `DelegationNotInForce`.
 */
export function judgeVote(round: RoundState, asked: AskedVote, standings: readonly Standing[]): JudgedVote {
  const { voter, verdict, onBehalfOf } = asked;
  const own = round.votes.find((vote) => isVoteOf(vote, voter));
  if (own) {
    if (own.verdict === verdict && same(own.voter, voter.subject)) return { kind: 'repeat' };
    throw new ApproverAlreadyVoted('You have given your vote on this plan, or somebody gave it for you. It stays.');
  }
  if (onBehalfOf === undefined && isApprover(round, voter)) return { kind: 'count', onBehalfOf: null };
  const usable = standings.filter(
    ({ delegator, delegate }) =>
      same(delegate, voter.subject) &&
      (onBehalfOf === undefined || same(delegator.subject, onBehalfOf)) &&
      !round.excluded.some((one) => same(one, delegator.subject)) &&
      isApprover(round, delegator) &&
      !round.votes.some((vote) => isVoteOf(vote, delegator)),
  );
  if (usable.length > 0) return { kind: 'count', onBehalfOf: usable[0]!.delegator.subject };
  if (onBehalfOf !== undefined)
    throw new DelegationNotInForce(
      `You do not stand in for ${onBehalfOf} on this now. Decide in your own name, or ask for a delegation.`,
    );
  throw new NotAnApprover(`The customer’s policy asks others now: ${namesOf(approversNow(round)).join(', ')}.`);
}

/** Whether a person may vote at the present stage. */
export function isApprover(round: RoundState, voter: Voter): boolean {
  return approversNow(round).some((approver) => matches(approver, voter));
}

/** Who may vote at the present stage: those of the stage, and whom it was escalated to, or who step in for those who cannot. */
export function approversNow(round: RoundState): readonly Approver[] {
  const { approvers } = stageOf(round);
  const hasOthers = round.escalated || isShortOfApprovers(round);
  const others = hasOthers ? (round.policy.escalation?.to ?? STAND_INS) : [];
  return [...approvers, ...others.filter((other) => !approvers.some((one) => isSameApprover(one, other)))];
}

/**
 * Whether a stage cannot be completed by its own approvers: too few of those who hold its roles now, or are named and may
 * decide, have neither asked for it, nor are whom it is about, nor have voted already.
 */
export function isShortOfApprovers(
  round: Pick<RoundState, 'policy' | 'stage' | 'votes' | 'excluded' | 'holders'>,
): boolean {
  const { stage, votes, excluded, holders } = round;
  const { approvers, needed } = stageOf(round);
  const deciders = holders.filter(mayDecide);
  // one mail address is one person
  const personOf = (subject: string): string => {
    const mail = holders.find((holder) => same(holder.subject, subject))?.mail;
    return mail ? mailSubject(mail) : subject.toLowerCase();
  };
  const spent = new Set(
    [...excluded, ...votes.flatMap(({ voter, onBehalfOf }) => [voter, onBehalfOf ?? voter])].map(personOf),
  );
  const left = approvers
    .flatMap((approver) => keysOf(approver, deciders))
    .filter((key) => key.startsWith(MAIL) || deciders.some(({ subject }) => same(subject, key)))
    .map(personOf)
    .filter((one) => !spent.has(one));
  const approvals = votes.filter((vote) => vote.stage === stage && vote.verdict === 'approve').length;
  return approvals + new Set(left).size < needed;
}

const MAIL = mailSubject('');

/** Where nobody else is named, the MSP's owners stand in for approvers who may not decide. */
const STAND_INS: readonly Approver[] = [{ kind: 'role', at: 'msp', role: 'owner' }];

function stageOf({ policy, stage }: Pick<RoundState, 'policy' | 'stage'>): ApprovalStage {
  return policy.stages[stage - 1]!;
}

export function matches(approver: Approver, { subject, roles }: Voter): boolean {
  switch (approver.kind) {
    case 'role':
      return roles.some(({ at, role }) => at === approver.at && role === approver.role);
    case 'person':
      return same(approver.subject, subject);
    case 'contact':
      return same(mailSubject(approver.mail), subject);
  }
}

/** Where a question stands after its votes. */
export interface Tally {
  readonly outcome: 'approved' | 'rejected' | 'open';
  /** The stage that is up now; the last one once it is over. */
  readonly stage: number;
  readonly approvals: number;
  readonly rejections: number;
  readonly needed: number;
}

/** Counts the votes of the present stage; enough approvals open the next stage, or approve. */
export function tally({ policy, stage, votes }: Pick<RoundState, 'policy' | 'stage' | 'votes'>): Tally {
  const { needed, rejections: most } = policy.stages[stage - 1]!;
  const ofStage = votes.filter((vote) => vote.stage === stage);
  const approvals = ofStage.filter(({ verdict }) => verdict === 'approve').length;
  const rejections = ofStage.length - approvals;
  if (rejections >= most) return { outcome: 'rejected', stage, approvals, rejections, needed };
  if (approvals < needed) return { outcome: 'open', stage, approvals, rejections, needed };
  if (stage === policy.stages.length) return { outcome: 'approved', stage, approvals, rejections, needed };
  return { outcome: 'open', stage: stage + 1, approvals: 0, rejections: 0, needed: policy.stages[stage]!.needed };
}

function isSameApprover(one: Approver, other: Approver): boolean {
  return namesOf([one])[0] === namesOf([other])[0] && one.kind === other.kind;
}

/** Approvers in words that a reader understands. */
export function namesOf(approvers: readonly Approver[]): string[] {
  return approvers.map((approver) => {
    switch (approver.kind) {
      case 'role':
        return `${approver.role} (${approver.at === 'msp' ? 'MSP' : 'customer'})`;
      case 'person':
        return approver.subject;
      case 'contact':
        return approver.name;
    }
  });
}

/** A vote is that of whoever gave it and of whom it was given for: neither counts twice, by whatever name. */
export function isVoteOf({ voter, onBehalfOf }: GivenVote, { subject, alsoKnownAs = [] }: Voter): boolean {
  return [subject, ...alsoKnownAs].some((name) => same(voter, name) || (onBehalfOf !== null && same(onBehalfOf, name)));
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
