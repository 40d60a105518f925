import { sql } from 'kysely';
import { isShownTo, type Reader } from '#libs/platform/access';
import type { Row, Transaction } from '#libs/platform/database';
import { RUN_OUTCOMES, type RunStatus } from '../model/index.js';
import type { RunRow } from './run.store.js';

export const RUN_STATUSES: readonly RunStatus[] = ['queued', 'running', 'waiting', ...RUN_OUTCOMES];

export type TimelineRow = Row<'run_timeline'>;

/** A run as a list shows it: without its plan. */
export type RunSummary = Omit<RunRow, 'plan'>;

export interface RunFilter {
  readonly reader: Reader;
  readonly tenants: readonly string[];
  readonly status: RunStatus | null;
  /** The row to go on after; `at` in microseconds since 1970, as PostgreSQL keeps them. */
  readonly after: { readonly at: number; readonly id: string } | null;
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
  'halted',
] as const;

/** A run is shown to whom its request is shown. */
const SHOWN = { tenant: 'runs.tenant_id', id: 'runs.request_id' };

/** Runs that a reader sees, the newest first. */
export async function listRuns(tx: Transaction, filter: RunFilter): Promise<(RunSummary & { place: number })[]> {
  const { status, after } = filter;
  return tx
    .selectFrom('runs')
    .select([...SUMMARY, sql<number>`(extract(epoch FROM created_at) * 1000000)::bigint`.as('place')])
    .where('tenant_id', 'in', filter.tenants)
    .where(isShownTo(filter.reader, SHOWN))
    .$if(status !== null, (query) => query.where('status', '=', status!))
    .$if(after !== null, (query) =>
      query.where(
        sql<boolean>`(created_at, id) < (timestamptz 'epoch' + ${after!.at}::float8 * interval '1 microsecond', ${after!.id}::uuid)`,
      ),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .execute();
}

/** A run among those of `tenants` that a reader sees, or undefined: its request may be confidential. */
export function findShownRun(
  tx: Transaction,
  reader: Reader,
  tenants: readonly string[],
  id: string,
): Promise<RunSummary | undefined> {
  return tx
    .selectFrom('runs')
    .select(SUMMARY)
    .where('tenant_id', 'in', tenants)
    .where('id', '=', id)
    .where(isShownTo(reader, SHOWN))
    .executeTakeFirst();
}

/** A run among those of `tenants`, or undefined; for background work, which sees those of confidential requests too. */
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
