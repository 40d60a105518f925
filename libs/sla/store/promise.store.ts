import { sql } from 'kysely';
import { json, type Row, type Transaction } from '#libs/platform/database';
import type { NamedCalendar } from '../model/named-calendar.model.js';
import type { PolicyVersion, SlaPolicy } from '../model/index.js';

export type CalendarRow = Row<'sla_calendars'>;
export type PolicyRow = Row<'sla_policies'>;
export type TierRow = Row<'sla_tiers'>;

/** Two who save the same at once take turns. */
async function inTurn(tx: Transaction, what: readonly string[]): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${JSON.stringify(['sla', ...what])}, 0))`.execute(tx);
}

/** The policies that count for a customer of a tier at an instant: its own, then the MSP’s. */
export async function policiesFor(
  tx: Transaction,
  tenant: string,
  tier: string,
  at: Date,
): Promise<readonly PolicyVersion[]> {
  const { rows } = await sql<{ tenant_id: string; tier: string; version: number; body: SlaPolicy }>`
    SELECT * FROM sla_policies_for(${tenant}, ${tier}, ${at})`.execute(tx);
  return rows.map(({ tenant_id, body, ...version }) => ({ tenant: tenant_id, ...version, policy: body }));
}

/** The calendar of a name that counts for a customer at an instant: its own, else the MSP’s. */
export async function calendarFor(
  tx: Transaction,
  tenant: string,
  name: string,
  at: Date,
): Promise<{ readonly tenant: string; readonly version: number; readonly calendar: NamedCalendar } | undefined> {
  const { rows } = await sql<{ tenant_id: string; version: number; body: NamedCalendar }>`
    SELECT * FROM sla_calendar_for(${tenant}, ${name}, ${at})`.execute(tx);
  const [found] = rows;
  return found && { tenant: found.tenant_id, version: found.version, calendar: found.body };
}

/** The customer’s tier; null is "no SLA", undefined that nobody said anything. */
export async function tierOf(tx: Transaction, tenant: string): Promise<TierRow | undefined> {
  return tx
    .selectFrom('sla_tiers')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export async function setTier(tx: Transaction, tenant: string, tier: string | null, by: string): Promise<TierRow> {
  await inTurn(tx, ['tier', tenant]);
  const version = ((await tierOf(tx, tenant))?.version ?? 0) + 1;
  return tx
    .insertInto('sla_tiers')
    .values({ tenant_id: tenant, version, tier, set_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** A version of a tier’s policy; without one the newest. */
export function findSlaPolicy(
  tx: Transaction,
  tenant: string,
  tier: string,
  version: number | null = null,
): Promise<PolicyRow | undefined> {
  return tx
    .selectFrom('sla_policies')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('tier', '=', tier)
    .$if(version !== null, (query) => query.where('version', '=', version!))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The newest version of each tier’s policy. */
export function listSlaPolicies(tx: Transaction, tenants: readonly string[], limit: number): Promise<PolicyRow[]> {
  return tx
    .selectFrom('sla_policies')
    .distinctOn(['tenant_id', 'tier'])
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .orderBy('tenant_id')
    .orderBy('tier')
    .orderBy('version', 'desc')
    .limit(limit)
    .execute();
}

interface Saving {
  readonly countsFrom: Date;
  readonly by: string;
}

/** Saves the next version; gives the one before it, too. */
export async function insertSlaPolicy(
  tx: Transaction,
  tenant: string,
  tier: string,
  policy: SlaPolicy,
  { countsFrom, by }: Saving,
): Promise<{ readonly before: PolicyRow | undefined; readonly row: PolicyRow }> {
  await inTurn(tx, ['policy', tenant, tier]);
  const before = await findSlaPolicy(tx, tenant, tier);
  const version = (before?.version ?? 0) + 1;
  const row = await tx
    .insertInto('sla_policies')
    .values({ tenant_id: tenant, tier, version, body: json(policy), counts_from: countsFrom, saved_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { before, row };
}

/** A version of a calendar; without one the newest. */
export function findCalendar(
  tx: Transaction,
  tenant: string,
  name: string,
  version: number | null = null,
): Promise<CalendarRow | undefined> {
  return tx
    .selectFrom('sla_calendars')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('name', '=', name)
    .$if(version !== null, (query) => query.where('version', '=', version!))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The newest version of each calendar. */
export function listCalendars(tx: Transaction, tenants: readonly string[], limit: number): Promise<CalendarRow[]> {
  return tx
    .selectFrom('sla_calendars')
    .distinctOn(['tenant_id', 'name'])
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .orderBy('tenant_id')
    .orderBy('name')
    .orderBy('version', 'desc')
    .limit(limit)
    .execute();
}

/** Saves the next version, made from the one before it while nobody else saves. */
export async function insertCalendar(
  tx: Transaction,
  tenant: string,
  name: string,
  next: (before: NamedCalendar | undefined) => NamedCalendar,
  { countsFrom, by }: Saving,
): Promise<{ readonly before: CalendarRow | undefined; readonly row: CalendarRow }> {
  await inTurn(tx, ['calendar', tenant, name]);
  const before = await findCalendar(tx, tenant, name);
  const body = json(next(before?.body as NamedCalendar | undefined));
  const version = (before?.version ?? 0) + 1;
  const row = await tx
    .insertInto('sla_calendars')
    .values({ tenant_id: tenant, name, version, body, counts_from: countsFrom, saved_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { before, row };
}
