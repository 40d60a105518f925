import { sql } from 'kysely';
import { newId, type JsonObject } from '#libs/kernel';
import { json, type Row, type Transaction } from '#libs/platform/database';
import { webhookDeliveryRequested } from '#libs/events';
import { appendEvent } from '#libs/platform/outbox';

export type DeliveryRow = Row<'webhook_deliveries'>;
export type AttemptRow = Row<'webhook_attempts'>;

/** What is to be told to one subscription. */
export interface NewDelivery {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly occurredAt: Date;
  readonly data: JsonObject;
}

/** Puts a delivery of an event on record, once; gives its id, also when the event comes again. */
export async function insertDelivery(tx: Transaction, delivery: NewDelivery): Promise<string> {
  const id = newId();
  const { tenant, subscriptionId, eventId } = delivery;
  await tx
    .insertInto('webhook_deliveries')
    .values({ ...columnsOf(delivery), id, message_id: `msg_${id}`, reason: 'event' })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'subscription_id', 'event_id']).where('reason', '=', 'event').doNothing(),
    )
    .execute();
  const kept = await tx
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('subscription_id', '=', subscriptionId)
    .where('event_id', '=', eventId)
    .where('reason', '=', 'event')
    .executeTakeFirstOrThrow();
  return kept.id;
}

function columnsOf({ tenant, subscriptionId, eventId, eventType, occurredAt, data }: NewDelivery) {
  return {
    ...{ tenant_id: tenant, subscription_id: subscriptionId, event_id: eventId, event_type: eventType },
    ...{ occurred_at: occurredAt, data: json(data) },
  };
}

/** A delivery that a person asks for: a test, or a message again. The event that is appended starts it. */
export async function requestDelivery(
  tx: Transaction,
  delivery: NewDelivery,
  {
    reason,
    messageId,
    by,
  }: { readonly reason: 'test' | 'redelivery'; readonly messageId: string | null; readonly by: string },
): Promise<DeliveryRow> {
  const id = newId();
  const { tenant, subscriptionId } = delivery;
  const message_id = messageId ?? `msg_${id}`;
  const row = await tx
    .insertInto('webhook_deliveries')
    .values({ ...columnsOf(delivery), id, message_id, reason, requested_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
  const origin = { tenant, aggregate: `webhook/${subscriptionId}`, correlationId: id, causationId: null };
  await appendEvent(tx, webhookDeliveryRequested, origin, { subscriptionId, deliveryId: id });
  return row;
}

export function findDelivery(tx: Transaction, tenant: string, id: string): Promise<DeliveryRow | undefined> {
  return tx
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The newest first. `place`: microseconds since 1970 and id of the last one shown. */
export function listDeliveries(
  tx: Transaction,
  tenant: string,
  subscriptionId: string,
  place: { readonly at: number; readonly id: string } | null,
  limit: number,
): Promise<(DeliveryRow & { readonly place_at: number })[]> {
  const at = sql<number>`(extract(epoch FROM created_at) * 1000000)::bigint`;
  return tx
    .selectFrom('webhook_deliveries')
    .selectAll()
    .select(at.as('place_at'))
    .where('tenant_id', '=', tenant)
    .where('subscription_id', '=', subscriptionId)
    .$if(place !== null, (query) => query.where(sql<boolean>`(${at}, id) < (${place!.at}::bigint, ${place!.id}::uuid)`))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

export function listAttempts(tx: Transaction, tenant: string, deliveryIds: readonly string[]): Promise<AttemptRow[]> {
  if (deliveryIds.length === 0) return Promise.resolve([]);
  return tx
    .selectFrom('webhook_attempts')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('delivery_id', 'in', deliveryIds)
    .orderBy('attempt')
    .execute();
}

/**
 * Whether an event is about a request that is confidential now, whether it names it or only its run. Such events leave the
 * house for nobody.
 */
export async function isConfidential(tx: Transaction, tenant: string, data: JsonObject): Promise<boolean> {
  const { requestId = null, runId = null } = data as { requestId?: string | null; runId?: string | null };
  if (requestId === null && runId === null) return false;
  const { rows } = await sql<{ hidden: boolean }>`
    SELECT EXISTS (
      SELECT FROM requests q WHERE q.tenant_id = ${tenant}
        AND (q.id = ${requestId}::uuid OR q.id = (SELECT r.request_id FROM runs r WHERE r.tenant_id = ${tenant} AND r.id = ${runId}::uuid))
        AND NOT request_is_shown(q.tenant_id, q.id, '', false, false)) AS hidden`.execute(tx);
  return rows[0]!.hidden;
}
