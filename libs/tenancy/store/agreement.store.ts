import { sql } from 'kysely';
import { json, type Row, type Transaction } from '#libs/platform/database';
import type { Agreement } from '../model/agreement.model.js';

export type AgreementRow = Row<'processing_agreements'>;

/** The agreements of a customer, the newest first. */
export function listAgreements(tx: Transaction, tenant: string): Promise<AgreementRow[]> {
  return select(tx, tenant).orderBy('version', 'desc').execute();
}

/** The one in force. */
export function agreementInForce(tx: Transaction, tenant: string): Promise<AgreementRow | undefined> {
  return select(tx, tenant).where('ended_at', 'is', null).executeTakeFirst();
}

/** Records the next version; the one in force before it has to be ended first. */
export async function insertAgreement(
  tx: Transaction,
  tenant: string,
  agreement: Agreement,
  by: string,
): Promise<AgreementRow> {
  const version = sql<number>`(SELECT coalesce(max(version), 0) + 1 FROM processing_agreements WHERE tenant_id = ${tenant})`;
  const { version: given } = await tx
    .insertInto('processing_agreements')
    .values({
      tenant_id: tenant,
      version,
      signed_on: agreement.signedOn,
      signed_by: agreement.signedBy,
      signed_for_us_by: agreement.signedForUsBy,
      document_reference: agreement.documentReference,
      document_sha256: agreement.documentSha256,
      sub_processors: json(agreement.subProcessors),
      data_locations: json(agreement.dataLocations),
      subject_categories: [...agreement.subjectCategories],
      data_categories: [...agreement.dataCategories],
      measures_reference: agreement.measuresReference,
      recorded_by: by,
    })
    .returning('version')
    .executeTakeFirstOrThrow();
  return select(tx, tenant).where('version', '=', given).executeTakeFirstOrThrow();
}

/** Ends the agreement in force and gives its version; null when there is none. */
export async function endAgreement(
  tx: Transaction,
  tenant: string,
  by: string,
  reason: string,
): Promise<number | null> {
  const row = await tx
    .updateTable('processing_agreements')
    .set({ ended_at: sql<Date>`now()`, ended_by: by, end_reason: reason })
    .where('tenant_id', '=', tenant)
    .where('ended_at', 'is', null)
    .returning('version')
    .executeTakeFirst();
  return row?.version ?? null;
}

/** Today by the customer's calendar, `YYYY-MM-DD`. */
export async function todayOf(tx: Transaction, tenant: string): Promise<string> {
  const row = await tx
    .selectFrom('tenants')
    .select(sql<string>`to_char(now() AT TIME ZONE time_zone, 'YYYY-MM-DD')`.as('today'))
    .where('id', '=', tenant)
    .executeTakeFirstOrThrow();
  return row.today;
}

function select(tx: Transaction, tenant: string) {
  return (
    tx
      .selectFrom('processing_agreements')
      .selectAll()
      // a day has no time zone: the driver would give it one
      .select(sql<string>`to_char(signed_on, 'YYYY-MM-DD')`.as('signed_on'))
      .where('tenant_id', '=', tenant)
  );
}
