import { readerOf, type Actor } from '#libs/platform/access';
import { ReadRequests } from '#libs/requests';
import { listedTenants } from '../access/caller.js';
import { readPlace, toPage } from '../http/cursor.js';
import type { RequestListQuery } from './request-list.query.js';
import { requestSummary, type RequestPageView } from './request.view.js';

const LIST = 'requests';

/** One page of the requests that somebody sees. */
export class ListRequests {
  constructor(private readonly requests: ReadRequests) {}

  /** Throws `TenantNotFound` or `InvalidCursor`. */
  async execute(actor: Actor, { tenant, status, cursor, limit }: RequestListQuery): Promise<RequestPageView> {
    const filter = {
      reader: readerOf(actor),
      tenants: listedTenants(actor, tenant),
      status: status ?? null,
      after: readPlace(LIST, cursor),
      limit: limit + 1,
    };
    const rows = await this.requests.list(filter);
    const page = toPage(LIST, rows, limit, (row) => ({ at: row.place, id: row.id }), requestSummary);
    return { ...page, items: [...page.items] };
  }
}
