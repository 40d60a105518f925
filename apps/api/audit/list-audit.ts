import { isId } from '#libs/kernel';
import { readerOf, type Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import { listedTenants } from '../access/caller.js';
import { invalidCursor, readCursor, writeCursor } from '../http/cursor.js';
import type { AuditFilterQuery, AuditListQuery } from './audit.query.js';
import { listEntries, type AuditFilter } from './audit.store.js';
import { auditEntryView, type AuditPageView } from './audit.view.js';

const LIST = 'audit';

/** One page of the audit of the tenants that somebody sees. */
export class ListAudit {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound` or `InvalidCursor`. */
  async execute(actor: Actor, query: AuditListQuery): Promise<AuditPageView> {
    const { cursor, limit } = query;
    const tenants = listedTenants(actor, query.tenant);
    const page = { after: readPlace(cursor), limit: limit + 1 };
    const rows = await inTenants(this.database, tenants, (tx) =>
      listEntries(tx, tenants, auditFilter(query), readerOf(actor), page),
    );
    const items = rows.slice(0, limit).map(auditEntryView);
    const nextCursor = rows.length > limit ? writeCursor([LIST, items.at(-1)!.id]) : null;
    return { items, nextCursor };
  }
}

export function auditFilter(query: AuditFilterQuery): AuditFilter {
  return {
    actor: query.actor ?? null,
    action: query.action ?? null,
    objectKind: query.objectKind ?? null,
    objectId: query.objectId ?? null,
    outcome: query.outcome ?? null,
    from: query.from === undefined ? null : new Date(query.from),
    to: query.to === undefined ? null : new Date(query.to),
  };
}

function readPlace(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const [name, id, ...rest] = readCursor(cursor);
  if (name !== LIST || typeof id !== 'string' || !isId(id) || rest.length > 0) throw invalidCursor();
  return id;
}
