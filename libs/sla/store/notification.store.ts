import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import type { Row, Transaction } from '#libs/platform/database';

export type NotificationRow = Row<'notifications'>;
export type AttemptRow = Row<'notification_attempts'>;

export interface NewNotification {
  readonly ticketId: string;
  readonly escalationId: string;
  readonly kind: 'step' | 'hand_over';
  readonly round: number;
  readonly step: number;
  readonly recipientKind: 'person' | 'channel';
  readonly recipient: string;
  readonly dueAt: Date;
}

export async function insertNotification(tx: Transaction, tenant: string, one: NewNotification): Promise<string> {
  const id = newId();
  await tx
    .insertInto('notifications')
    .values({
      ...{ tenant_id: tenant, id, ticket_id: one.ticketId, escalation_id: one.escalationId, kind: one.kind },
      ...{ round: one.round, step: one.step, recipient_kind: one.recipientKind, recipient: one.recipient },
      due_at: one.dueAt,
    })
    .execute();
  return id;
}

/** Who of a ticket has to be told still. */
export async function pendingNotifications(tx: Transaction, tenant: string, ticketId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('notifications')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('ticket_id', '=', ticketId)
    .where('status', '=', 'pending')
    .orderBy('due_at')
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Whether everybody whom a chain told last could be told by none of their ways. */
export async function wasNobodyReached(tx: Transaction, tenant: string, escalationId: string): Promise<boolean> {
  const rows = await tx
    .selectFrom('notifications')
    .select(['status', 'round', 'step'])
    .where('tenant_id', '=', tenant)
    .where('escalation_id', '=', escalationId)
    .where('kind', '=', 'step')
    .orderBy('round', 'desc')
    .orderBy('step', 'desc')
    .execute();
  const [last] = rows;
  if (!last) return false;
  return rows
    .filter(({ round, step }) => round === last.round && step === last.step)
    .every(({ status }) => status === 'failed');
}

export function findNotification(tx: Transaction, tenant: string, id: string): Promise<NotificationRow | undefined> {
  return tx
    .selectFrom('notifications')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
}

export function notificationsOf(tx: Transaction, tenant: string, escalationId: string): Promise<NotificationRow[]> {
  return tx
    .selectFrom('notifications')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('escalation_id', '=', escalationId)
    .orderBy('due_at')
    .orderBy('id')
    .execute();
}

export function attemptsOf(tx: Transaction, tenant: string, ids: readonly string[]): Promise<AttemptRow[]> {
  return tx
    .selectFrom('notification_attempts')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('notification_id', 'in', [...ids, '00000000-0000-0000-0000-000000000000'])
    .orderBy('notification_id')
    .orderBy('number')
    .execute();
}

/** Puts on record that a try begins; gives its number. */
export async function beginAttempt(
  tx: Transaction,
  { tenant_id, id }: Pick<NotificationRow, 'tenant_id' | 'id'>,
  channel: string,
): Promise<number> {
  const { number } = await tx
    .insertInto('notification_attempts')
    .values({
      ...{ tenant_id, notification_id: id, channel },
      number: sql<number>`(SELECT coalesce(max(a.number), 0) + 1 FROM notification_attempts a
        WHERE a.tenant_id = ${tenant_id} AND a.notification_id = ${id})`,
    })
    .returning('number')
    .executeTakeFirstOrThrow();
  return number;
}

export async function endAttempt(
  tx: Transaction,
  { tenant_id, id }: Pick<NotificationRow, 'tenant_id' | 'id'>,
  number: number,
  result: { readonly outcome: 'sent' | 'failed'; readonly code: string | null; readonly providerId: string | null },
): Promise<void> {
  const { outcome, code, providerId } = result;
  await tx
    .updateTable('notification_attempts')
    .set({ outcome, code, provider_id: providerId, ended_at: sql<Date>`clock_timestamp()` })
    .where('tenant_id', '=', tenant_id)
    .where('notification_id', '=', id)
    .where('number', '=', number)
    .execute();
}

export async function changeNotification(
  tx: Transaction,
  { tenant_id, id }: Pick<NotificationRow, 'tenant_id' | 'id'>,
  change: { readonly method: number; readonly tries: number; readonly code: string | null },
): Promise<void> {
  await tx
    .updateTable('notifications')
    .set(change)
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute();
}

/** The first end counts: false when it has one. */
export async function endNotification(
  tx: Transaction,
  { tenant_id, id }: Pick<NotificationRow, 'tenant_id' | 'id'>,
  status: 'sent' | 'failed' | 'withdrawn',
  code: string | null,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('notifications')
    .set({ status, code, ended_at: sql<Date>`clock_timestamp()` })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
