import { sql } from 'kysely';
import type { EmergencyChange } from '#libs/events';
import { newId } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import type { AlarmKind } from '../model/alarm.model.js';

/** An alarm as it may be shown. Instants are the database's. */
export interface Alarm {
  readonly tenant: string;
  readonly id: string;
  readonly kind: AlarmKind;
  readonly person: { readonly id: string; readonly subject: string; readonly displayName: string };
  /** Null where nobody got in. */
  readonly sessionId: string | null;
  /** Why somebody did not get in; null: they did. */
  readonly refusal: string | null;
  /** What was changed about the account, and by whom; null: nothing. */
  readonly change: EmergencyChange | null;
  readonly changedBy: string | null;
  /** How often it happened before it was acknowledged. */
  readonly times: number;
  readonly raisedAt: Date;
  readonly lastAt: Date;
  /** How often owners were told. */
  readonly told: number;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedFor: string | null;
  /** Microseconds since 1970. */
  readonly place: number;
}

export interface NewAlarm {
  readonly tenant: string;
  readonly kind: AlarmKind;
  readonly personId: string;
  readonly sessionId: string | null;
  readonly refusal: string | null;
  readonly changed?: { readonly change: EmergencyChange; readonly by: string };
  readonly eventId: string;
}

/** Raises an alarm. A failed try while another one is not acknowledged counts up that one instead. */
export async function insertAlarm(tx: Transaction, alarm: NewAlarm): Promise<{ id: string; isNew: boolean }> {
  const { rows } = await sql<{ id: string; event_ids: string[] }>`
    INSERT INTO alarms AS a (tenant_id, id, kind, person_id, session_id, refusal, change, changed_by, event_ids)
    VALUES (${alarm.tenant}, ${newId()}, ${alarm.kind}, ${alarm.personId}, ${alarm.sessionId}, ${alarm.refusal},
      ${alarm.changed?.change ?? null}, ${alarm.changed?.by ?? null}, ARRAY[${alarm.eventId}::uuid])
    ON CONFLICT (tenant_id, person_id) WHERE kind = 'emergency_account.refused' AND acknowledged_at IS NULL
    DO UPDATE SET times = a.times + 1, last_at = now(), refusal = excluded.refusal
    RETURNING id, event_ids`.execute(tx);
  const { id, event_ids: eventIds } = rows[0]!;
  return { id, isNew: eventIds.includes(alarm.eventId) };
}

/** Acknowledges an open alarm; false when somebody did before. */
export async function closeAlarm(
  tx: Transaction,
  { tenant, id }: Pick<Alarm, 'tenant' | 'id'>,
  { by, reason, eventId }: { readonly by: string; readonly reason: string; readonly eventId: string },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('alarms')
    .set({ acknowledged_at: sql<Date>`now()`, acknowledged_by: by, acknowledged_for: reason })
    .set({ event_ids: sql`event_ids || ${eventId}::uuid` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('acknowledged_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Notes that owners were told for the `number`th time. */
export async function noteTold(
  tx: Transaction,
  { tenant, id }: Pick<Alarm, 'tenant' | 'id'>,
  number: number,
): Promise<void> {
  await tx
    .updateTable('alarms')
    .set({ told: number })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('told', '<', number)
    .execute();
}

/** Somebody whom an alarm is told to. */
export interface AlarmedOwner {
  readonly subject: string;
  readonly mail: string | null;
  readonly language: 'de' | 'en' | null;
}

/** Owners of the MSP as of now, and those who were one since the day before the alarm was raised: locked or not. */
export async function ownersOfAlarm(
  tx: Transaction,
  { tenant, id }: Pick<Alarm, 'tenant' | 'id'>,
): Promise<AlarmedOwner[]> {
  const { rows } = await sql<AlarmedOwner>`SELECT * FROM owners_of_alarm(${tenant}, ${id})`.execute(tx);
  return rows;
}

export function findAlarm(tx: Transaction, tenants: readonly string[], id: string): Promise<Alarm | undefined> {
  return alarms(tx).where('a.tenant_id', 'in', tenants).where('a.id', '=', id).executeTakeFirst();
}

/** The newest first. */
export function listAlarms(
  tx: Transaction,
  { tenants, after, limit }: { tenants: readonly string[]; after: { at: number; id: string } | null; limit: number },
): Promise<Alarm[]> {
  return alarms(tx)
    .where('a.tenant_id', 'in', tenants)
    .$if(after !== null, (query) =>
      query.where(
        sql<boolean>`(a.raised_at, a.id) < (to_timestamp(${after!.at}::numeric / 1000000), ${after!.id}::uuid)`,
      ),
    )
    .orderBy('a.raised_at', 'desc')
    .orderBy('a.id', 'desc')
    .limit(limit)
    .execute();
}

function alarms(tx: Transaction) {
  return tx
    .selectFrom('alarms as a')
    .innerJoin('people as p', (join) => join.onRef('p.tenant_id', '=', 'a.tenant_id').onRef('p.id', '=', 'a.person_id'))
    .select(['a.tenant_id as tenant', 'a.id', 'a.kind', 'a.session_id as sessionId', 'a.refusal', 'a.times', 'a.told'])
    .select(['a.change', 'a.changed_by as changedBy'])
    .select(['a.raised_at as raisedAt', 'a.last_at as lastAt', 'a.acknowledged_at as acknowledgedAt'])
    .select(['a.acknowledged_by as acknowledgedBy', 'a.acknowledged_for as acknowledgedFor'])
    .select(
      sql<Alarm['person']>`jsonb_build_object('id', p.id, 'subject', p.subject, 'displayName', p.display_name)`.as(
        'person',
      ),
    )
    .select(sql<number>`(extract(epoch FROM a.raised_at) * 1000000)::bigint`.as('place'));
}
