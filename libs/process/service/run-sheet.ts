import type { SystemConnection } from '#libs/connectors';
import type { JsonObject } from '#libs/kernel';
import { inTenants, type Database } from '#libs/platform/database';
import type { Plan } from '../model/index.js';
import { readRun, readSteps, type StepRow } from '../store/run.store.js';

/**
 * A run as one activity works on it: its plan, its steps' rows and the customer's systems, read once. What changes
 * meanwhile shows when a step begins or ends, because both are conditional on the step's row.
 */
export interface RunSheet {
  readonly plan: Plan;
  readonly rows: ReadonlyMap<string, StepRow>;
  readonly systems: ReadonlyMap<string, SystemConnection>;
}

export async function readRunSheet(database: Database, tenant: string, runId: string): Promise<RunSheet> {
  return inTenants(database, [tenant], async (tx) => {
    const { plan } = await readRun(tx, tenant, runId);
    const rows = await readSteps(tx, tenant, runId);
    const systems = await tx.selectFrom('systems').selectAll().where('tenant_id', '=', tenant).execute();
    return {
      plan,
      rows: new Map(rows.map((row) => [row.step_id, row])),
      systems: new Map(
        systems.map(({ name, kind, config, secret_ref: secretRef }) => [
          name,
          { tenant, name, kind, config: config as JsonObject, secretRef },
        ]),
      ),
    };
  });
}
