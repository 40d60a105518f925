import type { Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import { listedTenants } from '../access/caller.js';
import { readPlace, toPage } from '../http/cursor.js';
import type { DeadLetterListQuery } from './dead-letter.queries.js';
import { listLetters } from './dead-letter.store.js';
import { deadLetterView, type DeadLetterPageView } from './dead-letter.view.js';

const LIST = 'dead-letters';
const SHOWN_BYTES = 4096;
/** Whole values can be large: a page of them stays some megabytes. */
const LARGEST_FULL_PAGE = 10;

/** One page of the dead letters that somebody sees. */
export class ListDeadLetters {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound` or `InvalidCursor`. */
  async execute(actor: Actor, query: DeadLetterListQuery): Promise<DeadLetterPageView> {
    const limit = query.full ? Math.min(query.limit, LARGEST_FULL_PAGE) : query.limit;
    const tenants = listedTenants(actor, query.tenant);
    const filter = {
      tenants,
      after: readPlace(LIST, query.cursor),
      limit: limit + 1,
      valueBytes: query.full ? null : SHOWN_BYTES,
    };
    const rows = await inTenants(this.database, tenants, (tx) => listLetters(tx, filter));
    const page = toPage(LIST, rows, limit, (row) => ({ at: row.place, id: row.id }), deadLetterView);
    return { ...page, items: [...page.items] };
  }
}
