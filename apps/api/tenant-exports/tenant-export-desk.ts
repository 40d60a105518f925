import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { tenantExportReleased, tenantExportRequested } from '#libs/events';
import { newId } from '#libs/kernel';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import { appendEvent, type OutboxHint } from '#libs/platform/outbox';
import type { SigningKeys } from '#libs/platform/secrets';
import {
  exportedFiles,
  ExportHashMismatch,
  ExportNotAvailable,
  ExportReleaseRefused,
  insertExport,
  insertRelease,
  listExports,
  readChunk,
  readExport,
  releasesOf,
  requireRecipient,
  wasAdministratorBefore,
  type ExportFileRow,
  type ExportRow,
} from '#libs/tenancy';
import { listedTenants, type Writer } from '../access/caller.js';
import { createOnce, writeFor } from '../tenants/tenancy-record.js';
import { requireCustomer } from '../tenants/tenant-desk.js';
import { exportView, type ExportDto, type ExportListView, type ExportView } from './tenant-export.dto.js';
import { TAR_END, tarHeader, tarPadding } from './tar.js';

/** Handovers of customers: built by a workflow, released by both sides, fetched by the customer's administrator. */
export class TenantExportDesk {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
    private readonly signingKeys: SigningKeys | null,
  ) {}

  /** Throws `ExportRecipientInvalid`, `ExportNotAvailable` or `TenantStateWrong`. */
  async request({ actor, tenant }: Writer, call: CallKey, { recipient, reason }: ExportDto): Promise<ExportView> {
    requireRecipient(recipient);
    const view = await createOnce(this.database, call, async (tx) => {
      await requireCustomer(tx, tenant);
      const eventId = newId();
      const row = await insertExport(tx, tenant, { recipient, reason, by: actor.subject, eventId });
      const entry = { ...acted('tenant_export.requested', actor, row.id), reason, after: { recipient } };
      await appendAudit(tx, tenant, entry);
      const data = { tenant, exportId: row.id };
      await appendEvent(tx, tenantExportRequested, { ...originOf(tenant, row.id), id: eventId }, data);
      return exportView(row, []);
    });
    this.hint.give();
    return view;
  }

  /** Throws `TenantNotFound`. */
  async list(actor: Actor, tenant: string): Promise<ExportListView> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, async (tx) => {
      const items: ExportView[] = [];
      for (const row of await listExports(tx, tenant))
        items.push(exportView(row, await releasesOf(tx, tenant, row.id)));
      return { items };
    });
  }

  /** Throws `TenantNotFound` or `ExportNotFound`. */
  async show(actor: Actor, tenant: string, id: string): Promise<ExportView> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, (tx) => viewOf(tx, tenant, id));
  }

  /** One side's release of exactly this export. Throws `ExportNotFound`, `ExportNotAvailable`, `ExportHashMismatch` or `ExportReleaseRefused`. */
  async release({ actor, tenant }: Writer, id: string, hash: string): Promise<ExportView> {
    return writeFor(this.database, tenant, async (tx) => {
      const row = await readExport(tx, tenant, id);
      if (row.status !== 'ready')
        throw new ExportNotAvailable(`The export is ${row.status}; only a finished one is released.`);
      if (row.hash !== hash) throw new ExportHashMismatch('Read the export again and release the hash that it has.');
      await requireReleaser(tx, row, actor);
      await insertRelease(tx, { tenant_id: tenant, export_id: id, side: actor.kind, released_by: actor.subject, hash });
      await appendAudit(tx, tenant, {
        ...acted('tenant_export.released', actor, id),
        after: { hash, side: actor.kind },
      });
      const view = await viewOf(tx, tenant, id);
      if (view.releases.length === 2)
        await appendEvent(tx, tenantExportReleased, originOf(tenant, id), { tenant, exportId: id });
      return view;
    });
  }

  /** The archive as a stream; that it was fetched goes on record first. Throws `ExportNotFound` or `ExportNotAvailable`. */
  async download({ actor, tenant }: Writer, id: string): Promise<Readable> {
    const { row, files } = await writeFor(this.database, tenant, async (tx) => {
      const found = await readExport(tx, tenant, id);
      await requireAvailable(tx, found);
      await appendAudit(tx, tenant, { ...acted('tenant_export.downloaded', actor, id), after: { hash: found.hash } });
      return { row: found, files: await exportedFiles(tx, tenant, id) };
    });
    return Readable.from(this.archive(row, files));
  }

  private async *archive({ tenant_id: tenant, id, manifest }: ExportRow, files: readonly ExportFileRow[]) {
    const told = Buffer.from(manifest!);
    yield* whole('manifest.json', told);
    if (this.signingKeys) yield* whole('manifest.json.jws', Buffer.from(this.signingKeys.sign(told)));
    for (const { file, size } of files) {
      yield tarHeader(`${file}.age`, size);
      for (let seq = 0; ; seq++) {
        const bytes = await inTenants(this.database, [tenant], (tx) => readChunk(tx, { tenant, id, file, seq }));
        if (!bytes) break;
        yield bytes;
      }
      yield tarPadding(size);
    }
    yield TAR_END;
  }
}

function* whole(name: string, bytes: Buffer) {
  yield tarHeader(name, bytes.length);
  yield bytes;
  yield tarPadding(bytes.length);
}

async function viewOf(tx: Transaction, tenant: string, id: string): Promise<ExportView> {
  return exportView(await readExport(tx, tenant, id), await releasesOf(tx, tenant, id));
}

/** Released by both sides for this very hash, and within its time by the database's clock. */
async function requireAvailable(tx: Transaction, { tenant_id: tenant, id, status, hash }: ExportRow): Promise<void> {
  const releases = await releasesOf(tx, tenant, id);
  const sides = releases.filter((one) => one.hash === hash).map(({ side }) => side);
  const { rows } = await sql<{ open: boolean }>`
    SELECT available_until > now() AS open FROM tenant_exports WHERE tenant_id = ${tenant} AND id = ${id}`.execute(tx);
  if (status !== 'ready' || !rows[0]?.open)
    throw new ExportNotAvailable(
      status === 'building' ? 'It is being built.' : 'Its time is over: have a new one built.',
    );
  if (!sides.includes('msp') || !sides.includes('customer'))
    throw new ExportNotAvailable('An owner of the MSP and an administrator of the customer have to release it first.');
}

/** For the customer only who was its administrator before: nobody appoints one to release what they asked for themselves. */
async function requireReleaser(tx: Transaction, row: ExportRow, { kind, subject }: Actor): Promise<void> {
  if (kind === 'msp' || (await wasAdministratorBefore(tx, row, subject))) return;
  throw new ExportReleaseRefused(
    'An administrator has to release it who was one before it was asked for. If there is none, have a new export built.',
  );
}

function acted(action: string, { subject }: Pick<Actor, 'subject'>, id: string) {
  return { action, actor: subject, object: { kind: 'tenant_export', id } };
}

function originOf(tenant: string, id: string) {
  return { tenant, aggregate: `tenant-export/${id}`, correlationId: id, causationId: null };
}
