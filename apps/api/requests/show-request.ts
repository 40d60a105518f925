import { readerOf, type Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import { findRun } from '#libs/process';
import type { ReadRequests } from '#libs/requests';
import { requestView, type RequestView } from './request.view.js';

/** A request with its decisions and acts; once there is a run, it also says what the run waits for. */
export class ShowRequest {
  constructor(
    private readonly requests: ReadRequests,
    private readonly database: Database,
  ) {}

  /** Throws `RequestNotFound`, also when the request belongs to a tenant that is not seen or is confidential. */
  async execute(actor: Actor, id: string): Promise<RequestView> {
    const onRecord = await this.requests.one(readerOf(actor), actor.sees, id);
    const view = requestView(onRecord);
    const { tenant_id: tenant, run_id: runId } = onRecord.request;
    if (runId === null || view.waitingFor) return view;
    const run = await inTenants(this.database, [tenant], (tx) => findRun(tx, [tenant], runId));
    return { ...view, waitingFor: run?.waiting_for ?? null };
  }
}
