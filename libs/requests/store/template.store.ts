import { sql } from 'kysely';
import { appendAudit } from '#libs/platform/audit';
import { json, type Row, type Transaction } from '#libs/platform/database';
import type { ProcessTemplate, TemplateProcess } from '../model/template-schema.js';

export type TemplateRow = Omit<Row<'process_templates'>, 'body'> & { readonly body: ProcessTemplate };

/** A template's version, without one the newest; undefined when there is none. */
export async function findTemplate(
  tx: Transaction,
  tenant: string,
  process: TemplateProcess,
  version: number | null = null,
): Promise<TemplateRow | undefined> {
  const row = await tx
    .selectFrom('process_templates')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('process', '=', process)
    .$if(version !== null, (query) => query.where('version', '=', version!))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row as TemplateRow | undefined;
}

/** Adds a template's next version. Who adds one meanwhile waits. */
export async function insertTemplate(
  tx: Transaction,
  template: {
    readonly tenant: string;
    readonly process: TemplateProcess;
    readonly body: ProcessTemplate;
    readonly createdBy: string;
  },
): Promise<TemplateRow> {
  const { tenant, process, body, createdBy } = template;
  const name = JSON.stringify(['template', tenant, process]);
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx);
  const { rows } = await sql<TemplateRow>`
    INSERT INTO process_templates (tenant_id, process, version, body, created_by)
    SELECT ${tenant}, ${process}, coalesce(max(version), 0) + 1, ${json(body)}::jsonb, ${createdBy}
    FROM process_templates WHERE tenant_id = ${tenant} AND process = ${process}
    RETURNING *`.execute(tx);
  const { version } = rows[0]!;
  await appendAudit(tx, tenant, {
    ...{ action: 'template.saved', actor: createdBy, object: { kind: 'template', id: process } },
    // each version stays in its table
    ...{ before: version > 1 ? { version: version - 1 } : null, after: { version } },
  });
  return rows[0]!;
}
