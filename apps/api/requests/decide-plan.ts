import { DelegationNotInForce, findRoundOfPlan, namesOfPerson, type Voter } from '#libs/approvals';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { OutboxHint } from '#libs/platform/outbox';
import {
  findShownRequest,
  judgeDecision,
  requestNotFound,
  requireAgreement,
  supersedeApproval,
  type ApprovalWait,
  type RequestStatus,
  type Verdict,
  type VotesSoFar,
} from '#libs/requests';
import type { FindTenant } from '../access/access.decorators.js';
import type { Writer } from '../access/caller.js';
import { Ballot, type CastVote } from './ballot.js';
import { decidable, holdRequest, planRef, type HeldRequest } from './open-plan.js';
import { putDecision } from './put-decision.js';

export interface GivenDecision {
  readonly decision: Verdict;
  readonly planHash: string;
  readonly reason?: string | undefined;
  /** For whom the vote is given, when that is not oneself. */
  readonly onBehalfOf?: string | undefined;
}

/** Where a request stands after a decision or a confirmation. */
export interface Decided {
  readonly id: string;
  readonly status: RequestStatus;
  /** Set while something is missing for the approval to take effect. */
  readonly waitingFor: ApprovalWait | null;
}

export type Outcome = Pick<Decided, 'status' | 'waitingFor'>;

/**
 * Takes a person's vote on a plan. With the vote that completes what the customer's policy asks for the plan is decided:
 * decision, the request's status and the event that wakes the workflow commit together, also while the engine is down
 * (design, rule 2). An approval that needs a second person is put on record and takes effect, with its event, when that
 * person confirms.
 */
export class DecidePlan {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /**
   * Throws `RequestNotFound`, `AccountProtected`, what `judgeDecision` throws and what `judgeVote` throws. A vote repeated
   * by the same person is answered again.
   */
  async execute(writer: Writer, requestId: string, given: GivenDecision): Promise<Decided> {
    const { decision, planHash, reason = null, onBehalfOf } = given;
    const cast = { voter: voterIn(writer.actor, writer.tenant), decision, planHash, reason, onBehalfOf, linkId: null };
    const outcome = await inTenants(this.database, [writer.tenant], async (tx) =>
      decideOn(tx, await holdRequest(tx, writer, requestId), cast),
    );
    this.hint.give();
    return { id: requestId, ...outcome };
  }
}

/** Takes a vote on the present plan of a request that is held. Throws `TenantNotLive`, and what `judgeDecision` and `judgeVote` throw. */
export async function decideOn(tx: Transaction, held: HeldRequest, given: CastVote): Promise<Outcome> {
  const { decision, planHash } = given;
  const { subject: decidedBy } = given.voter;
  const alsoKnownAs = await namesOfPerson(tx, held.request.tenant_id, [decidedBy]);
  const cast = { ...given, voter: { ...given.voter, alsoKnownAs } };
  const asked = { decision, planHash, decidedBy };
  const round = await findRoundOfPlan(tx, planRef(held.request));
  const ballot = round && (await Ballot.open(tx, held, round));
  if (ballot?.isRepeat(cast)) return asItStands(held);
  ballot?.refuseExcluded(cast.voter);
  const verdict = judgeDecision(decidable(held.request), { ...asked, alsoKnownAs }, held.recorded, held.confirmations);
  if (verdict === 'repeat') return asItStands(held);
  if (decision === 'approve') await requireAgreement(tx, held.request.tenant_id, held.request.id);
  if (verdict === 'supersede') {
    await ballot?.overturn(cast);
    await supersedeApproval(tx, planRef(held.request));
  } else if (!ballot && cast.onBehalfOf !== undefined) {
    throw new DelegationNotInForce('Nobody stands in for anybody on this plan. Decide in your own name.');
  } else if (ballot) {
    const waiting = await ballot.cast(cast);
    if (waiting) return { status: 'awaiting_approval', waitingFor: waiting };
  }
  return putDecision(tx, held, asked, cast.reason);
}

/** Who votes by an account, with the roles that count for the customer. */
export function voterIn(actor: Writer['actor'], tenant: string): Voter {
  const roles = actor.grants
    .filter((grant) => grant.tenants.includes(tenant))
    .map(({ role }) => ({ at: actor.kind, role }));
  return { subject: actor.subject, roles };
}

/** The answer to a repeat. */
export function asItStands({ request }: HeldRequest): Outcome {
  const isOpen = request.status === 'awaiting_approval';
  return {
    status: request.status as RequestStatus,
    waitingFor: isOpen ? (request.waiting_for as ApprovalWait | null) : null,
  };
}

/** What the request shows of votes so far, to be kept when something else of its wait changes. */
export function votesSoFar({ waiting_for: wait }: Pick<HeldRequest['request'], 'waiting_for'>): { votes?: VotesSoFar } {
  const { votes } = (wait ?? {}) as { readonly votes?: VotesSoFar };
  return votes ? { votes } : {};
}

/** Whose a request is. Throws `RequestNotFound`. */
export const tenantOfRequest: FindTenant = async (tx, tenants, id, reader) => {
  const request = await findShownRequest(tx, reader, tenants, id);
  if (!request) throw requestNotFound(id);
  return request.tenant_id;
};
