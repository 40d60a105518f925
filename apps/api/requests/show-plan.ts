import { findRoundOfPlan } from '#libs/approvals';
import { readerOf, type Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import type { ReadRequests } from '#libs/requests';
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
    const round = await inTenants(this.database, [tenant], (tx) =>
      findRoundOfPlan(tx, { tenant, requestId: id, revision }),
    );
    return planView(plan, round);
  }
}
