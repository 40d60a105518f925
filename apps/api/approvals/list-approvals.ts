import {
  approvalNotFound,
  barredFrom,
  excludedFrom,
  findShownRound,
  isApprover,
  isExpired,
  judgeVote,
  listRoleHolders,
  listRounds,
  namesOfPerson,
  standingsOf,
  stateOf,
  type RoleHolder,
  type Round,
  type Voter,
} from '#libs/approvals';
import { AppError } from '#libs/kernel';
import { readerOf, type Actor } from '#libs/platform/access';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { findRequest } from '#libs/requests';
import { listedTenants } from '../access/caller.js';
import { readPlace, toPage } from '../http/cursor.js';
import { voterIn } from '../requests/decide-plan.js';
import type { ApprovalListQuery } from './approval.queries.js';
import { approvalView, type ApprovalPageView, type ApprovalView } from './approval.view.js';

const LIST = 'approvals';

/** The questions to approvers that somebody sees, and those that wait for them. */
export class ListApprovals {
  constructor(private readonly database: Database) {}

  /** One page, the newest first; `mine`: of the open ones those that the actor may decide. Throws `TenantNotFound` or `InvalidCursor`. */
  async page(actor: Actor, { tenant, mine, cursor, limit }: ApprovalListQuery): Promise<ApprovalPageView> {
    const tenants = listedTenants(actor, tenant);
    const isMine = mine === 'true';
    const filter = {
      reader: readerOf(actor),
      tenants,
      openOnly: isMine,
      after: readPlace(LIST, cursor),
      limit: limit + 1,
    };
    return inTenants(this.database, tenants, async (tx) => {
      const page = toPage(
        LIST,
        await listRounds(tx, filter),
        limit,
        (one) => ({ at: one.place, id: one.round.row.id }),
        (one) => one.round,
      );
      if (!isMine) return { items: page.items.map(approvalView), nextCursor: page.nextCursor };
      const voters = new Voters(tx, actor);
      const shown = [];
      for (const round of page.items)
        if (await mayVote(tx, await voters.in(round.row.tenant_id), round)) shown.push(round);
      return { items: shown.map(approvalView), nextCursor: page.nextCursor };
    });
  }

  /** Throws `ApprovalNotFound`, also when it is part of a request that is not shown to the actor. */
  async one(actor: Actor, id: string): Promise<ApprovalView> {
    const round = await inTenants(this.database, actor.sees, (tx) =>
      findShownRound(tx, readerOf(actor), actor.sees, id),
    );
    if (!round) throw approvalNotFound(id);
    return approvalView(round);
  }
}

/** Somebody as a voter at one customer, and who else holds a role there. */
interface VoterThere {
  readonly voter: Voter;
  readonly holders: readonly RoleHolder[];
}

/** Reads each customer once. */
class Voters {
  private readonly known = new Map<string, VoterThere>();

  constructor(
    private readonly tx: Transaction,
    private readonly actor: Actor,
  ) {}

  async in(tenant: string): Promise<VoterThere> {
    const known = this.known.get(tenant) ?? (await this.read(tenant));
    this.known.set(tenant, known);
    return known;
  }

  private async read(tenant: string): Promise<VoterThere> {
    const alsoKnownAs = await namesOfPerson(this.tx, tenant, [this.actor.subject]);
    const holders = await listRoleHolders(this.tx, tenant);
    return { voter: { ...voterIn(this.actor, tenant), alsoKnownAs }, holders };
  }
}

/** Whether this person's vote would count now. */
async function mayVote(tx: Transaction, { voter, holders }: VoterThere, round: Round): Promise<boolean> {
  const { tenant_id: tenant, request_id: requestId } = round.row;
  if (isExpired(round)) return false;
  const request = requestId === null ? undefined : await findRequest(tx, [tenant], requestId);
  if (!request) return false;
  const { requested_by: requester, subject } = request;
  const excluded = await excludedFrom(tx, { tenant, requester, subject, policy: round.policy });
  const barred = barredFrom(round, excluded);
  if (barred.some((one) => one.toLowerCase() === voter.subject.toLowerCase())) return false;
  const state = stateOf(round, barred, holders);
  const standings = isApprover(state, voter) ? [] : await standingsOf(tx, { round, excluded }, voter.subject);
  try {
    return judgeVote(state, { voter, verdict: 'approve' }, standings).kind === 'count';
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}
