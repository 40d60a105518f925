import { sql } from 'kysely';
import { inTenants, type Database } from '#libs/platform/database';
import type { ProcessName } from '#workflows';
import { UNTOLD_ACT, UNTOLD_DECISION, WORKFLOW_OF_RUN } from './untold.js';

/** So many open requests are looked at together. */
export const OPEN_PAGE = 200;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Which request, of which tenant. */
export interface PlaceOfRequest {
  readonly tenant: string;
  readonly id: string;
}

export interface OpenRequest {
  readonly tenant: string;
  readonly requestId: string;
  readonly process: ProcessName;
  readonly runId: string | null;
  readonly eventId: string;
  readonly stalled: boolean;
  /** A plan exists, so a workflow once worked on it. */
  readonly planned: boolean;
  /** A decision that the workflow should know by now and was never told. */
  readonly untoldDecision: string | null;
  readonly untoldAct: string | null;
  /** The workflow that carries its run, once there is one. */
  readonly workflowId: string | null;
}

/**
 * Where the next open requests of everybody are after `<tenant>/<id>`, in the order of tenants and ids: no more than that is
 * told across tenants.
 */
export async function openPlaces(database: Database, after: string | null): Promise<readonly PlaceOfRequest[]> {
  const [tenant = '', id = FIRST] = after?.split('/') ?? [];
  const { rows } = await sql<PlaceOfRequest>`
    SELECT tenant_id AS tenant, id FROM open_requests_after(${tenant}, ${id}, ${OPEN_PAGE})`.execute(database);
  return rows;
}

/** What is open there, from the first to the last in the index's order, read as their tenants'. */
export async function openRequestsAt(database: Database, places: readonly PlaceOfRequest[]): Promise<OpenRequest[]> {
  const [first, last] = [places.at(0), places.at(-1)];
  if (!first || !last) return [];
  const tenants = [...new Set(places.map(({ tenant }) => tenant))];
  const rows = await inTenants(database, tenants, (tx) =>
    tx
      .selectFrom('requests')
      .select(['tenant_id', 'id', 'type', 'run_id', 'submitted_event_id', 'stalled', 'plan_revision'])
      .select([UNTOLD_DECISION, UNTOLD_ACT, WORKFLOW_OF_RUN])
      .where('status', 'in', ['planning', 'awaiting_approval', 'approved', 'running'])
      .where(sql<boolean>`(tenant_id, id) >= (${first.tenant}, ${first.id}::uuid)`)
      .where(sql<boolean>`(tenant_id, id) <= (${last.tenant}, ${last.id}::uuid)`)
      .execute(),
  );
  return rows.map((row) => ({
    tenant: row.tenant_id,
    requestId: row.id,
    process: row.type as ProcessName,
    runId: row.run_id,
    eventId: row.submitted_event_id,
    stalled: row.stalled !== null,
    planned: row.plan_revision > 0,
    untoldDecision: row.untold_decision,
    untoldAct: row.untold_act,
    workflowId: row.workflow_of_run,
  }));
}
