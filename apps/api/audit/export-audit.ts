import { Readable } from 'node:stream';
import type { Json, JsonObject } from '#libs/kernel';
import { readerOf, type Actor, type Reader } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import { listedTenants } from '../access/caller.js';
import type { AuditExportQuery } from './audit.query.js';
import {
  exportAnchors,
  exportLinks,
  exportWaiting,
  lastSeq,
  type AuditFilter,
  type ExportedLink,
} from './audit.store.js';
import { entryFields } from './audit.view.js';
import { auditFilter } from './list-audit.js';

const LINKS_AT_ONCE = 1_000;
const ENTRIES_AT_ONCE = 500;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

interface Wanted {
  readonly filter: AuditFilter;
  readonly reader: Reader;
  readonly links: boolean;
}

/** Gives the audit out as lines of JSON, with all that it takes to compute its hashes elsewhere. */
export class ExportAudit {
  constructor(private readonly database: Database) {}

  /**
   * The export as a stream; it is on record before it begins. Throws `TenantNotFound`. Each portion is read by itself, so
   * that neither memory nor a transaction grows with it; a stream that breaks has no line `end`.
   */
  async execute(actor: Actor, query: AuditExportQuery): Promise<Readable> {
    const tenants = listedTenants(actor, query.tenant);
    const filter = auditFilter(query);
    for (const tenant of tenants) await this.putOnRecord(actor, tenant, filter);
    const wanted = { filter, reader: readerOf(actor), links: query.links };
    return Readable.from(this.lines(tenants, wanted), { objectMode: true, highWaterMark: 16 });
  }

  private putOnRecord({ subject }: Actor, tenant: string, filter: AuditFilter): Promise<void> {
    const given = Object.entries(filter).filter(([, value]) => value !== null);
    const after = Object.fromEntries(given.map(([key, value]) => [key, String(value)]));
    const object = { kind: 'audit', id: tenant };
    return inTenants(this.database, [tenant], (tx) =>
      appendAudit(tx, tenant, { action: 'audit.exported', actor: subject, object, after }),
    );
  }

  private async *lines(tenants: readonly string[], wanted: Wanted): AsyncGenerator<string> {
    let entries = 0;
    for (const tenant of tenants) {
      for await (const line of this.linesOf(tenant, wanted)) {
        if (line['type'] === 'entry') entries += 1;
        yield `${JSON.stringify(line)}\n`;
      }
    }
    yield `${JSON.stringify({ type: 'end', entries })}\n`;
  }

  private async *linesOf(tenant: string, wanted: Wanted): AsyncGenerator<JsonObject> {
    const last = await this.head(tenant);
    yield* this.chained(tenant, 0, last, wanted);
    yield* this.waiting(tenant, wanted.filter, wanted.reader);
    // what was chained in between would be in neither
    yield* this.chained(tenant, last, await this.head(tenant), wanted);
  }

  private head(tenant: string): Promise<number> {
    return inTenants(this.database, [tenant], (tx) => lastSeq(tx, tenant));
  }

  private async *chained(
    tenant: string,
    from: number,
    last: number,
    { filter, reader, links }: Wanted,
  ): AsyncGenerator<JsonObject> {
    for (let after = from; after < last; after += LINKS_AT_ONCE) {
      const upTo = Math.min(after + LINKS_AT_ONCE, last);
      const { rows, anchors } = await inTenants(this.database, [tenant], async (tx) => ({
        rows: await exportLinks(tx, { tenant, after, upTo, links }, filter, reader),
        anchors: await exportAnchors(tx, tenant, [after, upTo]),
      }));
      yield* rows.map((row) => linkLine(tenant, row));
      yield* anchors.map(({ anchored_at, ...anchor }) => ({
        ...{ type: 'anchor', tenant, ...anchor, anchoredAt: anchored_at.toISOString() },
      }));
    }
  }

  private async *waiting(tenant: string, filter: AuditFilter, reader: Reader): AsyncGenerator<JsonObject> {
    for (let after = FIRST_ID; ;) {
      const place = { tenant, after, limit: ENTRIES_AT_ONCE };
      const rows = await inTenants(this.database, [tenant], (tx) => exportWaiting(tx, place, filter, reader));
      yield* rows.map((row) => ({ type: 'entry', ...plain(entryFields(row)), link: null }));
      if (rows.length < ENTRIES_AT_ONCE) return;
      after = rows.at(-1)!.id;
    }
  }
}

/** A link with its entry, or only with its hashes. */
function linkLine(tenant: string, row: ExportedLink): JsonObject {
  const { seq, hash, entry_hash: entryHash, content_hash: contentHash, chained_at } = row;
  const link = { seq, hash, entryHash, chainedAt: chained_at.toISOString() };
  if (row.id === null) return { type: 'link', tenant, link };
  const { salt, erased_by: erasedBy } = row;
  return { type: 'entry', ...plain(entryFields(row)), salt, erasedBy, link: { ...link, contentHash } };
}

function plain(fields: ReturnType<typeof entryFields>): { readonly [key: string]: Json } {
  return { ...fields, object: { ...fields.object } };
}
