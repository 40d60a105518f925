import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { json, type Row, type Transaction } from '#libs/platform/database';
import type { Layer, ScheduleRecord } from '../model/index.js';

export type ScheduleRow = Row<'oncall_schedules'>;
export type OverrideRow = Row<'oncall_overrides'>;

/** What is saved of a schedule. */
export interface ScheduleContent {
  readonly name: string;
  readonly timezone: string;
  readonly layers: readonly Layer[];
  readonly restHours: number;
}

/** Makes a schedule with its first version, which counts from `countsFrom`. */
export async function insertSchedule(
  tx: Transaction,
  tenant: string,
  { name, restHours, ...content }: ScheduleContent,
  countsFrom: Date,
  by: string,
): Promise<ScheduleRow> {
  const id = newId();
  const row = await tx
    .insertInto('oncall_schedules')
    .values({ tenant_id: tenant, id, name, rest_hours: restHours, version: 1, created_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
  await insertVersion(tx, row, content, countsFrom, by);
  return row;
}

/** Adds the next version to a locked schedule. */
export async function insertNextVersion(
  tx: Transaction,
  before: ScheduleRow,
  { name, restHours, ...content }: ScheduleContent,
  countsFrom: Date,
  by: string,
): Promise<ScheduleRow> {
  const row = await tx
    .updateTable('oncall_schedules')
    .set({ name, rest_hours: restHours, version: before.version + 1 })
    .where('tenant_id', '=', before.tenant_id)
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await insertVersion(tx, row, content, countsFrom, by);
  return row;
}

async function insertVersion(
  tx: Transaction,
  { tenant_id, id, version }: ScheduleRow,
  { timezone, layers }: Pick<ScheduleContent, 'timezone' | 'layers'>,
  countsFrom: Date,
  by: string,
): Promise<void> {
  const place = { tenant_id, schedule_id: id, version };
  await tx
    .insertInto('oncall_versions')
    .values({ ...place, counts_from: countsFrom, timezone, layers: json(layers), set_by: by })
    .execute();
}

/** Locked; undefined when there is none, or it is archived. */
export function lockSchedule(tx: Transaction, tenant: string, id: string): Promise<ScheduleRow | undefined> {
  return tx
    .selectFrom('oncall_schedules')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('archived_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
}

export async function archiveSchedule(tx: Transaction, { tenant_id, id }: ScheduleRow): Promise<void> {
  await tx
    .updateTable('oncall_schedules')
    .set({ archived_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .execute();
}

export function findSchedule(
  tx: Transaction,
  tenants: readonly string[],
  id: string,
): Promise<ScheduleRow | undefined> {
  return tx
    .selectFrom('oncall_schedules')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .where('id', '=', id)
    .where('archived_at', 'is', null)
    .executeTakeFirst();
}

/** By name. */
export function listSchedules(tx: Transaction, tenants: readonly string[], limit: number): Promise<ScheduleRow[]> {
  return tx
    .selectFrom('oncall_schedules')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .where('archived_at', 'is', null)
    .orderBy('name')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/**
 * A schedule with its versions, and the spans that end after `since` (epoch milliseconds). Of two versions that count from
 * the same instant the newer one holds; a version that an earlier start of a newer one overtook never counted.
 */
export async function recordOf(
  tx: Transaction,
  { tenant_id, id, name, rest_hours: restHours }: ScheduleRow,
  since: number,
): Promise<ScheduleRecord> {
  const versions = await tx
    .selectFrom('oncall_versions')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where('schedule_id', '=', id)
    .orderBy('version', 'desc')
    .execute();
  const counting = versions.filter(
    ({ counts_from }, index) => !versions.slice(0, index).some((newer) => newer.counts_from <= counts_from),
  );
  const overrides = await overridesOf(tx, tenant_id, id, since);
  return {
    ...{ id, name, restHours },
    versions: counting.reverse().map(({ version, counts_from, timezone, layers }) => ({
      ...{ version, timezone, countsFrom: counts_from.getTime() },
      layers: layers as readonly Layer[],
    })),
    overrides: overrides.map((row) => ({
      ...{ id: row.id, person: row.person },
      ...{ from: row.from_at.getTime(), to: row.to_at.getTime() },
    })),
  };
}

/** Spans that end after `since` (epoch milliseconds) and hold, in the order in which they were entered. */
export function overridesOf(
  tx: Transaction,
  tenant: string,
  scheduleId: string,
  since: number,
): Promise<OverrideRow[]> {
  return tx
    .selectFrom('oncall_overrides')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('schedule_id', '=', scheduleId)
    .where('to_at', '>', new Date(since))
    .where('withdrawn_at', 'is', null)
    .orderBy('entry')
    .execute();
}

export interface NewOverride {
  readonly scheduleId: string;
  readonly person: string;
  readonly from: Date;
  readonly to: Date;
  readonly reason: string | null;
  readonly swapId?: string;
}

export function insertOverride(
  tx: Transaction,
  tenant: string,
  { scheduleId, person, from, to, reason, swapId }: NewOverride,
  by: string,
): Promise<OverrideRow> {
  return tx
    .insertInto('oncall_overrides')
    .values({
      ...{ tenant_id: tenant, id: newId(), schedule_id: scheduleId, person, from_at: from, to_at: to, reason },
      ...{ swap_id: swapId ?? null, entered_by: by },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findOverride(
  tx: Transaction,
  tenants: readonly string[],
  id: string,
): Promise<OverrideRow | undefined> {
  return tx
    .selectFrom('oncall_overrides')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** False when it was withdrawn already. */
export async function withdrawOverride(tx: Transaction, tenant: string, id: string, by: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('oncall_overrides')
    .set({ withdrawn_by: by, withdrawn_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('withdrawn_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
