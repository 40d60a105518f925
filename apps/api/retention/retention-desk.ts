import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { OutboxHint } from '#libs/platform/outbox';
import { endedOf, putRetention, readRetention, requireSensibleRetention } from '#libs/tenancy';
import { listedTenants, type Writer } from '../access/caller.js';
import { invalidCursor, readCursor, writeCursor } from '../http/cursor.js';
import type { ListQuery } from '../http/page.query.js';
import { ownRetention, type RetentionDto } from './retention.dto.js';
import { retentionView, type RetentionPageView, type RetentionView } from './retention.view.js';

const LIST = 'retention';

/** How long the tenants' ended requests are kept. */
export class RetentionDesk {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** Of every tenant that somebody sees, by the tenant's id. Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<RetentionPageView> {
    const after = readPlace(cursor);
    const tenants = [...listedTenants(actor, tenant)].sort().filter((id) => id > after);
    const page = tenants.slice(0, limit);
    if (page.length === 0) return { items: [], nextCursor: null };
    const items = await inTenants(this.database, page, (tx) => viewsOf(tx, page));
    const nextCursor = tenants.length > page.length ? writeCursor([LIST, page.at(-1)!]) : null;
    return { items, nextCursor };
  }

  /** Replaces what one tenant has for itself. What is due by it is erased at once. Throws `RetentionOutOfBounds`. */
  async put({ actor, tenant }: Writer, body: RetentionDto): Promise<RetentionView> {
    const own = ownRetention(body);
    requireSensibleRetention(own);
    const view = await inTenants(this.database, [tenant], async (tx) => {
      const [before] = await readRetention(tx, [tenant]);
      await putRetention(tx, tenant, own, actor.subject);
      await appendAudit(tx, tenant, {
        ...{ action: 'retention.changed', actor: actor.subject, object: { kind: 'retention', id: tenant } },
        ...{ before: { ...before?.days }, after: { ...own } },
      });
      return (await viewsOf(tx, [tenant]))[0]!;
    });
    this.hint.give();
    return view;
  }
}

async function viewsOf(tx: Transaction, tenants: readonly string[]): Promise<RetentionView[]> {
  const rows = await readRetention(tx, tenants);
  const views: RetentionView[] = [];
  for (const tenant of tenants) {
    const row = rows.find(({ tenant_id: id }) => id === tenant);
    views.push(retentionView(tenant, row, await endedOf(tx, tenant)));
  }
  return views;
}

function readPlace(cursor: string | undefined): string {
  if (cursor === undefined) return '';
  const [name, tenant, ...rest] = readCursor(cursor);
  if (name !== LIST || typeof tenant !== 'string' || rest.length > 0) throw invalidCursor();
  return tenant;
}
