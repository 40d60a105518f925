import { sql } from 'kysely';
import { DatabaseUnavailable, type Database } from '../database/index.js';
import type { RateLimit } from './limit-table.js';
import { SLOT_SECONDS } from './slot-lease.js';

/** Which bucket: a limit's name and whom it is about. Without a tenant it is the MSP's. */
export interface BucketKey {
  readonly tenant: string | null;
  readonly name: string;
  readonly ref: string;
}

export interface TokensAsked extends BucketKey {
  readonly kind: 'tokens';
  readonly want: number;
  readonly back: number;
  /** The usual limit; a tenant's own goes before it. */
  readonly limit: RateLimit;
}
export interface SlotsAsked extends BucketKey {
  readonly kind: 'slots';
  readonly want: number;
  readonly most: number;
}
export type Asked = TokensAsked | SlotsAsked;

export interface Granted {
  readonly granted: number;
  /** What the bucket still holds; of tokens only. */
  readonly remaining: number;
  readonly limit: RateLimit;
}

interface GrantRow {
  readonly n: number;
  readonly granted: number;
  readonly remaining: number | null;
  readonly per_second: number | null;
  readonly most: number;
}

const PATIENCE_MS = 1_000;

/** Leases from the shared buckets in the database. */
export class LimitStore {
  constructor(
    private readonly database: Database,
    /** Names this instance's slots. */
    private readonly instance: string,
  ) {}

  /** All of these in one round trip, answered in their order. Rejects when the database says nothing within a second. */
  async lease(asked: readonly Asked[]): Promise<Granted[]> {
    const tokens = asked.flatMap((one, n) =>
      one.kind === 'tokens'
        ? [
            {
              n,
              tenant: one.tenant,
              name: one.name,
              ref: one.ref,
              want: one.want,
              back: one.back,
              per_second: one.limit.perSecond,
              most: one.limit.most,
            },
          ]
        : [],
    );
    const slots = asked.flatMap((one, n) =>
      one.kind === 'slots'
        ? [{ n, tenant: one.tenant, name: one.name, ref: one.ref, want: one.want, most: one.most }]
        : [],
    );
    const rows = await withinPatience(this.send(JSON.stringify(tokens), JSON.stringify(slots)));
    const granted: Granted[] = [];
    for (const { n, granted: given, remaining, per_second, most } of rows)
      granted[n] = { granted: given, remaining: remaining ?? 0, limit: { perSecond: per_second ?? 0, most } };
    return granted;
  }

  private async send(tokens: string, slots: string): Promise<readonly GrantRow[]> {
    const { rows } = await sql<GrantRow>`
      SELECT n, granted, remaining, per_second, most FROM lease_tokens(${tokens}::jsonb)
      UNION ALL SELECT n, granted, NULL, NULL, most FROM lease_slots(${this.instance}::uuid, ${SLOT_SECONDS}, ${slots}::jsonb)`.execute(
      this.database,
    );
    return rows;
  }
}

function withinPatience<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new DatabaseUnavailable(`No limits could be leased within ${PATIENCE_MS / 1_000} s.`)),
      PATIENCE_MS,
    );
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
