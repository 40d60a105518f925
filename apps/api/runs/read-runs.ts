import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import {
  findShownRun,
  listRuns,
  listTimeline,
  readSteps,
  type RunFilter,
  type RunSummary,
  type StepRow,
  type TimelineRow,
} from '#libs/process';
import { findShownRequest } from '#libs/requests';
import { readerOf, type Actor, type Reader } from '#libs/platform/access';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants } from '../access/caller.js';
import { invalidCursor, readCursor, readPlace, toPage, writeCursor } from '../http/cursor.js';
import type { CursorQuery } from '../http/page.query.js';
import { RunNotFound } from './run.errors.js';
import type { RunListQuery } from './run.queries.js';
import { runSummary, runView, type RunPageView, type RunView } from './run.view.js';

const LIST = 'runs';
const TIMELINE = 'timeline';

/** Shows runs with their history, from our own tables: they outlive the engine (design, rule 8). */
export class ReadRuns {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, status, cursor, limit }: RunListQuery): Promise<RunPageView> {
    const filter: RunFilter = {
      reader: readerOf(actor),
      tenants: listedTenants(actor, tenant),
      status: status ?? null,
      after: readPlace(LIST, cursor),
      limit: limit + 1,
    };
    const rows = await inTenants(this.database, filter.tenants, (tx) => listRuns(tx, filter));
    const page = toPage(LIST, rows, limit, (row) => ({ at: row.place, id: row.id }), runSummary);
    return { ...page, items: [...page.items] };
  }

  /** A run with its steps and one page of its history. Throws `RunNotFound` or `InvalidCursor`. */
  async one(actor: Actor, id: string, { cursor, limit }: CursorQuery): Promise<RunView> {
    const after = readTimelinePlace(id, cursor);
    const { run, steps, timeline } = await this.read(actor, id, after, limit + 1);
    const shown = timeline.slice(0, limit);
    const nextCursor = timeline.length > limit ? writeCursor([TIMELINE, id, shown.at(-1)!.seq]) : null;
    return runView(run, steps, shown, nextCursor);
  }

  private read(
    actor: Actor,
    id: string,
    after: number,
    limit: number,
  ): Promise<{ run: RunSummary & { ticketId: string | null }; steps: StepRow[]; timeline: TimelineRow[] }> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const run = await requireShownRun(tx, readerOf(actor), actor.sees, id);
      const request = await findShownRequest(tx, readerOf(actor), [run.tenant_id], run.request_id);
      return {
        run: { ...run, ticketId: request?.ticket_id ?? null },
        steps: await readSteps(tx, run.tenant_id, id),
        timeline: await listTimeline(tx, run.tenant_id, id, after, limit),
      };
    });
  }
}

export function runNotFound(id: string): RunNotFound {
  return new RunNotFound(`There is no run ${id}, or you may not see it.`);
}

/** A run that a reader sees. Throws `RunNotFound`, also when its request is confidential. */
export async function requireShownRun(
  tx: Transaction,
  reader: Reader,
  tenants: readonly string[],
  id: string,
): Promise<RunSummary> {
  const run = await findShownRun(tx, reader, tenants, id);
  if (!run) throw runNotFound(id);
  return run;
}

/** Whose a run is. Throws `RunNotFound`. */
export const tenantOfRun: FindTenant = async (tx, tenants, id, reader) =>
  (await requireShownRun(tx, reader, tenants, id)).tenant_id;

function readTimelinePlace(runId: string, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const [name, id, seq, ...rest] = readCursor(cursor);
  const isOurs =
    name === TIMELINE && id === runId && typeof seq === 'number' && Number.isInteger(seq) && seq > 0 && seq < 2 ** 31;
  if (!isOurs || rest.length > 0) throw invalidCursor();
  return seq;
}
