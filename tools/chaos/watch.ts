import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '#libs/platform/database';
import { TENANT } from './leavers.js';

export interface RequestState {
  readonly id: string;
  readonly status: string;
  readonly plan_hash: string | null;
  readonly run_status: string | null;
}

const LOOK_MS = 200;
const UP_TO_DATE_MS = 2_000;
const ENDS = ['closed', 'refused', 'rejected'];

/** Follows the requests that were accepted, in the database; where that is down, it looks again until it is back. */
export class Watch {
  private readonly states = new Map<string, RequestState>();
  private readonly open = new Set<string>();
  private readonly stopped = new AbortController();
  private running: Promise<void> | null = null;
  private lookedAt = -Infinity;

  constructor(private readonly database: Database) {}

  start(): void {
    this.running ??= this.run();
  }

  follow(id: string): void {
    this.open.add(id);
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  get finished(): number {
    return [...this.states.values()].filter(({ status }) => ENDS.includes(status)).length;
  }

  /** Whether the counts are of now: not while the database is away. */
  get isUpToDate(): boolean {
    return performance.now() - this.lookedAt < UP_TO_DATE_MS;
  }

  /** Runs that have begun and not ended. */
  get inFlight(): number {
    return [...this.states.values()].filter(isInFlight).length;
  }

  get unfinished(): readonly RequestState[] {
    return [...this.open].map(
      (id) => this.states.get(id) ?? { id, status: 'unseen', plan_hash: null, run_status: null },
    );
  }

  /** Waits until the request is as wanted; gives undefined when the watch is stopped before. */
  async until(id: string, wanted: (state: RequestState) => boolean): Promise<RequestState | undefined> {
    while (!this.stopped.signal.aborted) {
      const state = this.states.get(id);
      if (state && wanted(state)) return state;
      await pause(LOOK_MS);
    }
    return undefined;
  }

  /** Looks now. Rejects when the database cannot be asked. */
  async look(): Promise<void> {
    const ids = [...this.open];
    if (ids.length === 0) {
      this.lookedAt = performance.now();
      return;
    }
    const { rows } = await sql<RequestState>`
      SELECT r.id, r.status, r.plan_hash, u.status AS run_status FROM requests r
      LEFT JOIN runs u ON u.tenant_id = r.tenant_id AND u.id = r.run_id
      WHERE r.tenant_id = ${TENANT} AND r.id = ANY (${ids}::uuid[])`.execute(this.database);
    this.lookedAt = performance.now();
    for (const row of rows) {
      this.states.set(row.id, row);
      if (ENDS.includes(row.status)) this.open.delete(row.id);
    }
  }

  private async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      await this.look().catch(() => undefined);
      await pause(LOOK_MS);
    }
  }
}

export function isEnded({ status }: RequestState): boolean {
  return ENDS.includes(status);
}

function isInFlight({ status, run_status: run }: RequestState): boolean {
  return !ENDS.includes(status) && run !== null && ['queued', 'running', 'waiting'].includes(run);
}
