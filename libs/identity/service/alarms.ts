import { sql } from 'kysely';
import {
  alarmAcknowledged,
  emergencyAccountChanged,
  emergencyAccountRefused,
  emergencyAccountUsed,
  type EmergencyChange,
} from '#libs/events';
import { newId } from '#libs/kernel';
import { appendAudit } from '#libs/platform/audit';
import type { Transaction } from '#libs/platform/database';
import { appendEvent, type EventOrigin } from '#libs/platform/outbox';
import { AlarmOfOwn } from '../model/alarm.errors.js';
import { closeAlarm, insertAlarm, ownersOfAlarm, type Alarm } from '../store/alarm.store.js';

/** The emergency account that an alarm is about. */
export interface EmergencyAccount {
  readonly tenant: string;
  readonly personId: string;
  readonly subject: string;
}

/**
 * Raises the alarm that an emergency account is used, in the transaction that begins its session: the database takes no
 * such session without it.
 */
export async function raiseEmergencyUse(tx: Transaction, account: EmergencyAccount, sessionId: string): Promise<void> {
  const { tenant, personId, subject } = account;
  const eventId = newId();
  const wanted = { tenant, personId, sessionId, refusal: null, eventId };
  const { id } = await insertAlarm(tx, { kind: 'emergency_account.used', ...wanted });
  await appendEvent(tx, emergencyAccountUsed, originOf(tenant, id, eventId), { alarmId: id, personId, sessionId });
  await appendAudit(tx, tenant, {
    action: 'emergency_account.used',
    actor: subject,
    object: { kind: 'person', id: personId },
    after: { alarm: id, session: sessionId },
  });
}

/**
 * Raises the alarm that somebody tried an emergency account and failed; `refusal` says why, by a word. Tries that follow
 * before it is acknowledged are counted and on record, and raise no further one.
 */
export async function raiseEmergencyRefusal(
  tx: Transaction,
  account: EmergencyAccount,
  refusal: string,
): Promise<void> {
  const { tenant, personId, subject } = account;
  const eventId = newId();
  const wanted = { tenant, personId, sessionId: null, refusal, eventId };
  const { id, isNew } = await insertAlarm(tx, { kind: 'emergency_account.refused', ...wanted });
  if (isNew) await appendEvent(tx, emergencyAccountRefused, originOf(tenant, id, eventId), { alarmId: id, personId });
  await appendAudit(tx, tenant, {
    action: 'emergency_account.refused',
    actor: subject,
    object: { kind: 'person', id: personId },
    reason: refusal,
    after: { alarm: id },
    outcome: 'denied',
  });
}

/** Whose account was changed; it need be no emergency account. */
export interface ChangedAccount {
  readonly tenant: string;
  readonly personId: string;
}

/**
 * Raises the alarm that an emergency account was changed, in the transaction that changes it: the database takes no such change
 * without it. Nothing when the person is no emergency account. `by`: the subject who did it.
 */
export async function raiseEmergencyChange(
  tx: Transaction,
  { tenant, personId }: ChangedAccount,
  change: EmergencyChange,
  by: string,
): Promise<void> {
  const account = tx.selectFrom('people').select('id').where('tenant_id', '=', tenant).where('id', '=', personId);
  if (!(await account.where('source', '=', 'emergency').executeTakeFirst())) return;
  const eventId = newId();
  const wanted = { tenant, personId, sessionId: null, refusal: null, changed: { change, by }, eventId };
  const { id } = await insertAlarm(tx, { kind: 'emergency_account.changed', ...wanted });
  await appendEvent(tx, emergencyAccountChanged, originOf(tenant, id, eventId), { alarmId: id, personId });
  const object = { kind: 'person', id: personId };
  await appendAudit(tx, tenant, {
    ...{ action: 'emergency_account.changed', actor: by, object },
    after: { alarm: id, change },
  });
}

/**
 * Ends an alarm; the second of two changes nothing. Throws `AlarmOfOwn` for an emergency account, for an owner whom such an
 * account made, or who became one only after the alarm was raised, and for whoever set it off while others are told of it.
 */
export async function acknowledgeAlarm(tx: Transaction, alarm: Alarm, by: string, reason: string): Promise<void> {
  const { tenant, id } = alarm;
  if (await isEmergencyAccount(tx, tenant, by))
    throw new AlarmOfOwn('An owner acknowledges it who signs in with an account of their own.');
  if (await isOwnerOfLate(tx, alarm, by))
    throw new AlarmOfOwn('An owner acknowledges it who was one before it was raised, and not by an emergency account.');
  if (await isOfOwnDoing(tx, alarm, by))
    throw new AlarmOfOwn('You changed the emergency account yourself: another owner acknowledges it.');
  const eventId = newId();
  if (!(await closeAlarm(tx, alarm, { by, reason, eventId }))) return;
  await appendEvent(tx, alarmAcknowledged, originOf(tenant, id, eventId), { alarmId: id });
  const object = { kind: 'alarm', id };
  await appendAudit(tx, tenant, { action: 'alarm.acknowledged', actor: by, object, reason, after: alarm.kind });
}

async function isEmergencyAccount(tx: Transaction, tenant: string, subject: string): Promise<boolean> {
  const account = await tx
    .selectFrom('people')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('source', '=', 'emergency')
    .where(sql<boolean>`lower(subject) = ${subject.toLowerCase()}`)
    .executeTakeFirst();
  return account !== undefined;
}

/** Whether somebody's being an owner proves nothing: in its hour an emergency account can make owners of its own. */
async function isOwnerOfLate(tx: Transaction, { tenant, raisedAt }: Alarm, subject: string): Promise<boolean> {
  const { rows } = await sql<{ late: boolean }>`
    SELECT EXISTS (SELECT FROM people p WHERE p.tenant_id = ${tenant} AND lower(p.subject) = lower(${subject})) AND NOT EXISTS (
      SELECT FROM people p JOIN role_grants g ON g.tenant_id = p.tenant_id AND g.person_id = p.id
      WHERE p.tenant_id = ${tenant} AND lower(p.subject) = lower(${subject})
        AND g.role = 'owner' AND g.ended_at IS NULL AND g.granted_at < ${raisedAt}
        AND NOT EXISTS (SELECT FROM people e WHERE e.tenant_id = p.tenant_id AND e.source = 'emergency'
          AND lower(e.subject) = lower(g.granted_by))) AS late`.execute(tx);
  return rows[0]!.late;
}

/** Whoever is the only owner acknowledges their own doing: nobody else could ever. */
async function isOfOwnDoing(tx: Transaction, alarm: Alarm, subject: string): Promise<boolean> {
  const isSame = (one: string): boolean => one.toLowerCase() === subject.toLowerCase();
  if (alarm.changedBy === null || !isSame(alarm.changedBy)) return false;
  return (await ownersOfAlarm(tx, alarm)).some((owner) => !isSame(owner.subject));
}

function originOf(tenant: string, alarmId: string, id: string): EventOrigin {
  return { tenant, aggregate: `alarm/${alarmId}`, correlationId: alarmId, causationId: null, id };
}
