import { sql } from 'kysely';
import type { Row, Transaction } from '#libs/platform/database';
import type { RunStatus } from '../model/index.js';
import type { RunRow } from './run.store.js';

export type TimelineRow = Row<'run_timeline'>;

/** A run as a list shows it: without its plan. */
export type RunSummary = Omit<RunRow, 'plan'>;

export interface RunFilter {
  readonly tenants: readonly string[];
  readonly status: RunStatus | null;
  /** The row to go on after; `at` is PostgreSQL's own text, because a `Date` loses its microseconds. */
  readonly after: { readonly at: string; readonly id: string } | null;
  readonly limit: number;
}

const SUMMARY = [
  'tenant_id',
  'id',
  'process',
  'workflow_id',
  'request_id',
  'subject',
  'status',
  'waiting_for',
  'stalled',
  'problem',
  'created_at',
  'started_at',
  'ended_at',
  'timeline_length',
] as const;

/** Runs, the newest first. */
export async function listRuns(tx: Transaction, filter: RunFilter): Promise<(RunSummary & { place: string })[]> {
  const { status, after } = filter;
  return tx
    .selectFrom('runs')
    .select([...SUMMARY, sql<string>`created_at::text`.as('place')])
    .where('tenant_id', 'in', filter.tenants)
    .$if(status !== null, (query) => query.where('status', '=', status!))
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(created_at, id) < (${after!.at}::timestamptz, ${after!.id}::uuid)`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .execute();
}

/** A run among those of `tenants`, or undefined. */
export function findRun(tx: Transaction, tenants: readonly string[], id: string): Promise<RunSummary | undefined> {
  return tx
    .selectFrom('runs')
    .select(SUMMARY)
    .where('tenant_id', 'in', tenants)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The same, locked until the transaction ends. */
export function findRunLocked(tx: Transaction, tenant: string, id: string): Promise<RunSummary | undefined> {
  return tx
    .selectFrom('runs')
    .select(SUMMARY)
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

/** A run's history after entry `after`, the oldest first. */
export function listTimeline(
  tx: Transaction,
  tenant: string,
  runId: string,
  after: number,
  limit: number,
): Promise<TimelineRow[]> {
  return tx
    .selectFrom('run_timeline')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('run_id', '=', runId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
}
