import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { isUniqueViolation, type Row, type Transaction } from '#libs/platform/database';
import { ExportNotAvailable, ExportNotFound } from '../model/privacy.errors.js';

export type ExportRow = Row<'tenant_exports'>;
export type ReleaseRow = Row<'tenant_export_releases'>;
export type ExportFileRow = Row<'tenant_export_files'>;

/** Throws `ExportNotAvailable` while another one is being built. */
export async function insertExport(
  tx: Transaction,
  tenant: string,
  wish: { readonly recipient: string; readonly reason: string; readonly by: string; readonly eventId: string },
): Promise<ExportRow> {
  const { recipient, reason, by, eventId } = wish;
  return tx
    .insertInto('tenant_exports')
    .values({ tenant_id: tenant, id: newId(), recipient, reason, requested_by: by, event_ids: [eventId] })
    .returningAll()
    .executeTakeFirstOrThrow()
    .catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      throw new ExportNotAvailable('An export of this customer is being built. Wait for it.');
    });
}

export function listExports(tx: Transaction, tenant: string): Promise<ExportRow[]> {
  return tx
    .selectFrom('tenant_exports')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .orderBy('requested_at', 'desc')
    .execute();
}

/** Throws `ExportNotFound`. */
export async function readExport(tx: Transaction, tenant: string, id: string): Promise<ExportRow> {
  const row = await tx
    .selectFrom('tenant_exports')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw new ExportNotFound(`${tenant} has no export ${id}.`);
  return row;
}

export function releasesOf(tx: Transaction, tenant: string, id: string): Promise<ReleaseRow[]> {
  return tx
    .selectFrom('tenant_export_releases')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('export_id', '=', id)
    .orderBy('side')
    .execute();
}

/** Puts a side's release on record; the first of a side counts. */
export async function insertRelease(tx: Transaction, release: Omit<ReleaseRow, 'released_at'>): Promise<void> {
  await tx
    .insertInto('tenant_export_releases')
    .values(release)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Whether somebody was an administrator of the customer already when the export was asked for, and is one still. */
export async function wasAdministratorBefore(
  tx: Transaction,
  { tenant_id: tenant, id }: Pick<ExportRow, 'tenant_id' | 'id'>,
  subject: string,
): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM tenant_exports e
      JOIN people p ON p.tenant_id = e.tenant_id AND lower(p.subject) = lower(${subject})
      JOIN role_grants g ON g.tenant_id = p.tenant_id AND g.person_id = p.id
    WHERE e.tenant_id = ${tenant} AND e.id = ${id} AND g.role = 'customer_admin' AND g.ended_at IS NULL
      AND g.granted_at < e.requested_at`.execute(tx);
  return rows.length > 0;
}

export function exportedFiles(tx: Transaction, tenant: string, id: string): Promise<ExportFileRow[]> {
  return tx
    .selectFrom('tenant_export_files')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('export_id', '=', id)
    .orderBy('file')
    .execute();
}

/** A piece of an encrypted file; undefined after the last. */
export async function readChunk(
  tx: Transaction,
  place: { readonly tenant: string; readonly id: string; readonly file: string; readonly seq: number },
): Promise<Buffer | undefined> {
  const row = await tx
    .selectFrom('tenant_export_chunks')
    .select('bytes')
    .where('tenant_id', '=', place.tenant)
    .where('export_id', '=', place.id)
    .where('file', '=', place.file)
    .where('seq', '=', place.seq)
    .executeTakeFirst();
  return row?.bytes;
}

/** A row of a table as JSON text, and where it stands. */
export interface HandoverLine {
  readonly line: string;
  readonly place: Readonly<Record<string, unknown>>;
}

export async function handoverPage(
  tx: Transaction,
  { tenant, id, table }: { readonly tenant: string; readonly id: string; readonly table: string },
  hidden: readonly string[],
  after: HandoverLine['place'] | null,
  limit: number,
): Promise<readonly HandoverLine[]> {
  const { rows } = await sql<HandoverLine>`
    SELECT * FROM handover_page(${tenant}, ${id}, ${table}, ${hidden}::text[], ${after === null ? null : JSON.stringify(after)}::jsonb, ${limit})`.execute(
    tx,
  );
  return rows;
}

export interface ExportedColumn {
  readonly table_name: string;
  readonly column_name: string;
  readonly type: string;
  readonly nullable: boolean;
}

export async function exportedColumns(tx: Transaction, tables: readonly string[]): Promise<readonly ExportedColumn[]> {
  return (await sql<ExportedColumn>`SELECT * FROM handover_columns(${tables}::text[])`.execute(tx)).rows;
}
