import {
  approvalNotFound,
  findShownRound,
  isApprover,
  judgeVote,
  listRounds,
  namesOfPerson,
  standingsOf,
  type Round,
  type Voter,
} from '#libs/approvals';
import { AppError } from '#libs/kernel';
import { readerOf, type Actor } from '#libs/platform/access';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { listedTenants } from '../access/caller.js';
import { readPlace, toPage } from '../http/cursor.js';
import { voterIn } from '../requests/decide-plan.js';
import type { ApprovalListQuery } from './approval.queries.js';
import { approvalView, type ApprovalPageView, type ApprovalView } from './approval.view.js';
import { readOpenQuestions, type OpenQuestion } from './open-questions.js';

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
      const open = await readOpenQuestions(tx, page.items);
      const view = (round: Round): ApprovalView => approvalView(round, open.get(round.row.id));
      if (!isMine) return { items: page.items.map(view), nextCursor: page.nextCursor };
      const voters = new Voters(tx, actor);
      const shown = [];
      for (const question of open.values())
        if (await mayVote(tx, await voters.in(question.round.row.tenant_id), question)) shown.push(question.round);
      return { items: shown.map(view), nextCursor: page.nextCursor };
    });
  }

  /** Throws `ApprovalNotFound`, also when it is part of a request that is not shown to the actor. */
  async one(actor: Actor, id: string): Promise<ApprovalView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const round = await findShownRound(tx, readerOf(actor), actor.sees, id);
      if (!round) throw approvalNotFound(id);
      return approvalView(round, (await readOpenQuestions(tx, [round])).get(id));
    });
  }
}

/** Somebody as a voter; reads each customer once. */
class Voters {
  private readonly known = new Map<string, Voter>();

  constructor(
    private readonly tx: Transaction,
    private readonly actor: Actor,
  ) {}

  async in(tenant: string): Promise<Voter> {
    const known = this.known.get(tenant) ?? (await this.read(tenant));
    this.known.set(tenant, known);
    return known;
  }

  private async read(tenant: string): Promise<Voter> {
    const alsoKnownAs = await namesOfPerson(this.tx, tenant, [this.actor.subject]);
    return { ...voterIn(this.actor, tenant), alsoKnownAs };
  }
}

/** Whether this person's vote would count now. */
async function mayVote(tx: Transaction, voter: Voter, question: OpenQuestion): Promise<boolean> {
  const { state } = question;
  if (state.excluded.some((one) => one.toLowerCase() === voter.subject.toLowerCase())) return false;
  const standings = isApprover(state, voter) ? [] : await standingsOf(tx, question, voter.subject);
  try {
    return judgeVote(state, { voter, verdict: 'approve' }, standings).kind === 'count';
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}
