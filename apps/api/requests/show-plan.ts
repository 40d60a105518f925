import { findRoundOfPlan } from '#libs/approvals';
import { readerOf, type Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import type { ReadRequests } from '#libs/requests';
import { approvalView } from '../approvals/approval.view.js';
import { readOpenQuestions } from '../approvals/open-questions.js';
import { planView, type PlanView } from './plan.view.js';

/** The plan that is or was up for approval, with who has to approve it. */
export class ShowPlan {
  constructor(
    private readonly requests: ReadRequests,
    private readonly database: Database,
  ) {}

  /** Throws `RequestNotFound` or `PlanNotReady`. */
  async execute(actor: Actor, id: string): Promise<PlanView> {
    const plan = await this.requests.plan(readerOf(actor), actor.sees, id);
    const { tenant_id: tenant, revision } = plan;
    const approval = await inTenants(this.database, [tenant], async (tx) => {
      const round = await findRoundOfPlan(tx, { tenant, requestId: id, revision });
      return round ? approvalView(round, (await readOpenQuestions(tx, [round])).get(round.row.id)) : null;
    });
    return planView(plan, approval);
  }
}
