import { sql } from 'kysely';
import type { SystemConnection } from '#libs/connectors';
import type { Database } from '#libs/platform/database';
import type { Plan } from '../model/index.js';
import type { StepRow } from '../store/run.store.js';

/** What doing a step needs of its row. */
export type SheetStep = Pick<
  StepRow,
  'step_id' | 'status' | 'outcome' | 'attempt' | 'crashes' | 'before_image' | 'receipt' | 'waiting_for'
>;

/**
 * A run as one activity works on it: its plan, its steps' rows and the customer's systems, read once. What changes
 * meanwhile shows when a step begins or ends, because both are conditional on the step's row.
 */
export interface RunSheet {
  readonly plan: Plan;
  readonly rows: ReadonlyMap<string, SheetStep>;
  readonly systems: ReadonlyMap<string, SystemConnection>;
}

interface Read {
  readonly plan: Plan;
  readonly steps: readonly SheetStep[] | null;
  readonly systems: readonly Omit<SystemConnection, 'tenant'>[];
}

/** One round trip. */
export async function readRunSheet(database: Database, tenant: string, runId: string): Promise<RunSheet> {
  const { rows } = await sql<Read>`SELECT * FROM read_run_sheet(${tenant}, ${runId})`.execute(database);
  const [read] = rows;
  if (!read) throw new Error(`There is no run ${runId}.`);
  return {
    plan: read.plan,
    rows: new Map((read.steps ?? []).map((row) => [row.step_id, row])),
    systems: new Map(read.systems.map((system) => [system.name, { tenant, ...system }])),
  };
}
