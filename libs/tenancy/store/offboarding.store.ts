import { sql, type UpdateObject } from 'kysely';
import { tenantOffboardingMoved } from '#libs/events';
import { newId, type Json } from '#libs/kernel';
import { isUniqueViolation, type Row, type Schema, type Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import { OffboardingInvalid, OffboardingNotFound, OffboardingStateWrong } from '../model/offboarding.errors.js';
import { accessDocument, type AccessEntry } from '../model/offboarding.model.js';

export type OffboardingRow = Row<'tenant_offboardings'>;
export type AccessRow = Row<'tenant_access_list'>;

export interface OffboardingRef {
  readonly tenant: string;
  readonly id: string;
}

/** How a customer is to leave. */
export interface OffboardingWish {
  readonly reason: string;
  /** A day in the customer's time zone. */
  readonly lastDay: string;
  readonly openRuns: 'finish' | 'cancel';
  readonly fetchDays: number;
  readonly retentionDays: number;
}

/** Puts an off-boarding on record; it waits for a second owner. Throws `OffboardingInvalid` or `OffboardingStateWrong`. */
export async function insertOffboarding(
  tx: Transaction,
  tenant: string,
  { reason, lastDay, openRuns, fetchDays, retentionDays }: OffboardingWish,
  by: string,
): Promise<OffboardingRow> {
  const { rows } = await sql<{ closes_at: Date; ahead: boolean }>`
    SELECT (${lastDay}::date + 1)::timestamp AT TIME ZONE time_zone AS closes_at,
      ${lastDay}::date BETWEEN (now() AT TIME ZONE time_zone)::date AND (now() AT TIME ZONE time_zone)::date + 1830 AS ahead
    FROM tenants WHERE id = ${tenant}`.execute(tx);
  const { closes_at, ahead } = rows[0]!;
  if (!ahead) throw new OffboardingInvalid('The last day is today or later, within five years.');
  const id = newId();
  await sql`INSERT INTO tenant_offboardings (tenant_id, id, reason, last_day, closes_at, open_runs, fetch_days, retention_days, requested_by)
    VALUES (${tenant}, ${id}, ${reason}, ${lastDay}, ${closes_at}, ${openRuns}, ${fetchDays}, ${retentionDays}, ${by})`
    .execute(tx)
    .catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      throw new OffboardingStateWrong('This customer is being off-boarded already. Cancel that first.');
    });
  return readOffboarding(tx, { tenant, id });
}

/** The customer's off-boarding that was not cancelled. Throws `OffboardingNotFound`. */
export async function presentOffboarding(tx: Transaction, tenant: string): Promise<OffboardingRow> {
  const row = await all(tx).where('tenant_id', '=', tenant).where('status', '<>', 'cancelled').executeTakeFirst();
  if (!row) throw new OffboardingNotFound(`No off-boarding of ${tenant} is under way.`);
  return row;
}

export function readOffboarding(tx: Transaction, { tenant, id }: OffboardingRef): Promise<OffboardingRow> {
  return all(tx).where('tenant_id', '=', tenant).where('id', '=', id).executeTakeFirstOrThrow();
}

function all(tx: Transaction) {
  // a date as its text: no time zone may move it
  return tx
    .selectFrom('tenant_offboardings')
    .selectAll()
    .select(sql<string>`last_day::text`.as('last_day'));
}

type Change = UpdateObject<Schema, 'tenant_offboardings'>;

/** Changes an off-boarding that is in one of these states; false when it no longer is. */
export async function moveOffboarding(
  tx: Transaction,
  { tenant, id }: OffboardingRef,
  from: readonly OffboardingRow['status'][],
  set: Change,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('tenant_offboardings')
    .set(set)
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('status', 'in', from)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Tells an off-boarding's workflow, by an event that its row knows, that something changed. */
export async function tellOffboarding(
  tx: Transaction,
  { tenant, id }: OffboardingRef,
  definition: typeof tenantOffboardingMoved = tenantOffboardingMoved,
): Promise<void> {
  const eventId = newId();
  await sql`UPDATE tenant_offboardings SET event_ids = event_ids || ${eventId}::uuid WHERE tenant_id = ${tenant} AND id = ${id}`.execute(
    tx,
  );
  await appendEvent(
    tx,
    definition,
    { ...offboardingOrigin({ tenant, id }), id: eventId },
    { tenant, offboardingId: id },
  );
}

export function offboardingOrigin({ tenant, id }: OffboardingRef) {
  return { tenant, aggregate: `tenant-offboarding/${id}`, correlationId: id, causationId: null };
}

export function accessList(tx: Transaction, { tenant, id }: OffboardingRef): Promise<AccessRow[]> {
  return tx
    .selectFrom('tenant_access_list')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('offboarding_id', '=', id)
    .orderBy('entry')
    .execute();
}

export function accessEntry(row: AccessRow): AccessEntry {
  return {
    ...{ entry: row.entry, kind: row.kind, host: row.host, account: row.account, secretRef: row.secret_ref },
    ...{ state: row.state, evidence: (row.evidence ?? null) as Json, probes: row.probes },
    probedAt: row.probed_at?.toISOString() ?? null,
    confirmedBy: row.confirmed_by,
    confirmedAt: row.confirmed_at?.toISOString() ?? null,
    confirmReason: row.confirm_reason,
    destroyedAt: row.destroyed_at?.toISOString() ?? null,
  };
}

/** The access list as the document that is signed: the kept one once it is complete, else as it stands now. */
export async function drawAccessDocument(tx: Transaction, ref: OffboardingRef): Promise<string> {
  const row = await readOffboarding(tx, ref);
  if (row.document !== null) return row.document;
  const tenant = await tx.selectFrom('tenants').selectAll().where('id', '=', ref.tenant).executeTakeFirstOrThrow();
  return accessDocument({
    ...{ tenant: ref.tenant, name: tenant.name, timeZone: tenant.time_zone, offboarding: ref.id },
    ...{ lastDay: row.last_day, closedAt: row.closed_at?.toISOString() ?? null, closed: (row.closed ?? null) as Json },
    completeAt: row.proven_at?.toISOString() ?? null,
    entries: (await accessList(tx, ref)).map(accessEntry),
  });
}

/** Has the workflow of an off-boarding look again, if there is one whose erasure is due. */
export async function nudgeOffboarding(tx: Transaction, tenant: string): Promise<void> {
  const row = await all(tx).where('tenant_id', '=', tenant).where('status', '=', 'due').executeTakeFirst();
  if (row) await tellOffboarding(tx, { tenant, id: row.id });
}
