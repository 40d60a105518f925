import type { Reader } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import { PlanNotReady, RequestNotFound } from '../model/request.errors.js';
import { listActs, type ActRow } from '../store/act.store.js';
import {
  findPlan,
  listConfirmations,
  listDecisions,
  type ConfirmationRow,
  type DecisionRow,
  type PlanRow,
} from '../store/plan.store.js';
import { findShownRequest, listRequests, type RequestFilter, type StoredRequest } from '../store/request.store.js';

/** A request with what people decided on its plans, and how they intervened. */
export interface RequestOnRecord {
  readonly request: StoredRequest;
  readonly decisions: readonly DecisionRow[];
  readonly confirmations: readonly ConfirmationRow[];
  readonly acts: readonly ActRow[];
}

/** Reads requests, their plans and decisions among the tenants that somebody sees, as far as they are shown to them. */
export class ReadRequests {
  constructor(private readonly database: Database) {}

  /** Throws `RequestNotFound`, also when the request belongs to a tenant that is not seen or is confidential. */
  async one(reader: Reader, tenants: readonly string[], id: string): Promise<RequestOnRecord> {
    return inTenants(this.database, tenants, async (tx) => {
      const request = await findShownRequest(tx, reader, tenants, id);
      if (!request) throw requestNotFound(id);
      const acts = await listActs(tx, request.tenant_id, id);
      if (request.plan_revision === 0) return { request, decisions: [], confirmations: [], acts };
      const decisions = await listDecisions(tx, request.tenant_id, id);
      const confirmations = request.needs_second_person ? await listConfirmations(tx, request.tenant_id, id) : [];
      return { request, decisions, confirmations, acts };
    });
  }

  /** The present plan. Throws `RequestNotFound` or `PlanNotReady`. */
  async plan(reader: Reader, tenants: readonly string[], id: string): Promise<PlanRow> {
    return inTenants(this.database, tenants, async (tx) => {
      const request = await findShownRequest(tx, reader, tenants, id);
      if (!request) throw requestNotFound(id);
      const plan = await findPlan(tx, request.tenant_id, id, request.plan_revision);
      if (plan) return plan;
      if (request.status !== 'refused')
        throw new PlanNotReady('The plan is being drawn. Ask again in a few seconds.', { retryAfterSeconds: 2 });
      throw new PlanNotReady('The request was refused before a plan was drawn. Its problem says why.');
    });
  }

  async list(filter: RequestFilter): Promise<(StoredRequest & { place: number })[]> {
    if (filter.tenants.length === 0) return [];
    return inTenants(this.database, filter.tenants, (tx) => listRequests(tx, filter));
  }
}

export function requestNotFound(id: string): RequestNotFound {
  return new RequestNotFound(`There is no request ${id}, or you may not see it.`);
}
