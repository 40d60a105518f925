import {
  ApprovalExpired,
  closeRound,
  barredFrom,
  excludedFrom,
  insertVote,
  isApprover,
  isExpired,
  judgeVote,
  listRoleHolders,
  moveRound,
  NotAnApprover,
  overturnRound,
  refOf,
  standingsOf,
  stateOf,
  tally,
  toGivenVote,
  type Excluded,
  type RoleHolder,
  type Round,
  type RoundState,
  type Standing,
  type Tally,
  type Voter,
} from '#libs/approvals';
import { newId } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import {
  ConfirmerCannotDecide,
  isConfirmer,
  LeaverCannotDecide,
  RequesterCannotDecide,
  setApprovalWait,
  type ApprovalWait,
  type Verdict,
} from '#libs/requests';
import type { HeldRequest } from './open-plan.js';

/** A vote as somebody casts it. */
export interface CastVote {
  readonly voter: Voter;
  readonly decision: Verdict;
  readonly planHash: string;
  readonly reason: string | null;
  readonly onBehalfOf?: string | undefined;
  /** The link that it came by, or null. */
  readonly linkId: string | null;
}

/** The votes on the present plan of a request that is held. */
export class Ballot {
  private readonly state: RoundState;

  private constructor(
    private readonly tx: Transaction,
    private readonly held: HeldRequest,
    private readonly round: Round,
    private readonly excluded: Excluded,
    holders: readonly RoleHolder[],
  ) {
    this.state = stateOf(round, barredFrom(round, excluded), holders);
  }

  static async open(tx: Transaction, held: HeldRequest, round: Round): Promise<Ballot> {
    const { tenant_id: tenant, requested_by: requester, subject } = held.request;
    const excluded = await excludedFrom(tx, { tenant, requester, subject, policy: round.policy });
    return new Ballot(tx, held, round, excluded, await listRoleHolders(tx, tenant));
  }

  /** Whether the voter has given the same vote on this very plan. */
  isRepeat({ voter, decision, planHash }: CastVote): boolean {
    const { row, votes } = this.round;
    const own = votes.find((vote) => vote.voter.toLowerCase() === voter.subject.toLowerCase());
    return own?.verdict === decision && row.subject_hash === planHash;
  }

  /** Throws `RequesterCannotDecide`, `LeaverCannotDecide` or `NotAnApprover`, also for their mail addresses. */
  refuseExcluded({ subject }: Voter): void {
    const isIn = (list: readonly string[]): boolean => list.some((one) => one.toLowerCase() === subject.toLowerCase());
    if (isIn(this.excluded.requester))
      throw new RequesterCannotDecide('You requested this yourself. Somebody else has to decide.');
    if (isIn(this.excluded.subject)) throw new LeaverCannotDecide('This is about you. Somebody else has to decide.');
    if (isIn(this.excluded.gone)) throw new NotAnApprover('This account is closed. Somebody else has to decide.');
  }

  /**
   * Counts a vote. Gives what is still missing; null when the plan is decided by it. Throws `ApprovalExpired` and what
   * `judgeVote` throws.
   */
  async cast(cast: CastVote): Promise<ApprovalWait | null> {
    const { tx, round } = this;
    // the engine closes it by a timer, which may come late
    if (isExpired(round))
      throw new ApprovalExpired('Nobody decided in time, so it is rejected. Whoever still wants it requests it again.');
    const { voter, decision: verdict, reason, onBehalfOf, linkId } = cast;
    const mayStandIn = !isApprover(this.state, voter) || onBehalfOf !== undefined;
    const standings = mayStandIn ? await this.standingsFor(cast) : [];
    const judged = judgeVote(this.state, { voter, verdict, onBehalfOf }, standings);
    if (judged.kind === 'repeat') return this.held.request.waiting_for as ApprovalWait;
    const vote = { stage: round.row.stage, voter: voter.subject, onBehalfOf: judged.onBehalfOf, verdict };
    await insertVote(tx, round, { ...vote, id: newId(), reason, linkId });
    const counted = tally({ ...this.state, votes: [...round.votes.map(toGivenVote), vote] });
    if (counted.outcome === 'open') return this.wait(counted);
    await closeRound(tx, refOf(round), counted.outcome);
    return null;
  }

  /** Somebody rejects what was approved and waits for its second person. Throws `NotAnApprover`. */
  async overturn({ voter }: CastVote): Promise<void> {
    const hasVoted = this.round.votes.some((vote) => vote.voter.toLowerCase() === voter.subject.toLowerCase());
    if (!hasVoted && !isApprover(this.state, voter))
      throw new NotAnApprover('The customer’s policy asks others. Tell one of them to reject it.');
    await overturnRound(this.tx, refOf(this.round));
  }

  /** Throws `ConfirmerCannotDecide` where the voter stands in for nobody but the plan's second person. */
  private async standingsFor({ voter, decision, planHash, onBehalfOf }: CastVote): Promise<Standing[]> {
    const { tx, round, excluded, held } = this;
    const standings = await standingsOf(tx, { round, excluded }, voter.subject);
    if (decision === 'reject') return standings;
    const hasConfirmed = ({ delegator: { subject, alsoKnownAs = [] } }: Standing): boolean =>
      isConfirmer(held.confirmations, planHash, [subject, ...alsoKnownAs]);
    const others = standings.filter((standing) => !hasConfirmed(standing));
    const isMeant = ({ delegator }: Standing): boolean =>
      onBehalfOf === undefined
        ? isApprover(this.state, delegator)
        : delegator.subject.toLowerCase() === onBehalfOf.toLowerCase();
    if (standings.some(isMeant) && !others.some(isMeant))
      throw new ConfirmerCannotDecide(
        'You stand in for the second person, who confirmed this plan. Somebody else has to approve it.',
      );
    return others;
  }

  private async wait({ stage, approvals, needed, rejections }: Tally): Promise<ApprovalWait> {
    const { tx, round, held } = this;
    const { tenant_id: tenant, id, waiting_for: before } = held.request;
    if (stage > round.row.stage) await moveRound(tx, refOf(round), stage);
    const votes = { stage, stages: round.policy.stages.length, approvals, needed, rejections };
    const wait = { ...(before as ApprovalWait | null), kind: 'approval' as const, votes };
    await setApprovalWait(tx, tenant, id, wait, false);
    return wait;
  }
}
