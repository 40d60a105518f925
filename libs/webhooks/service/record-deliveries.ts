import type { JsonObject } from '#libs/kernel';
import { inTenants, type Database } from '#libs/platform/database';
import { matching, type HappenedEvent } from '../model/index.js';
import { insertDelivery, isConfidential } from '../store/delivery.store.js';
import { enabledSubscribers } from '../store/subscription.store.js';

/** A public event as it lies in the log. */
export interface PublicEvent extends HappenedEvent {
  readonly id: string;
  readonly data: JsonObject;
}

/** A delivery that a workflow carries. */
export interface DeliveryRef {
  readonly tenant: string;
  readonly deliveryId: string;
}

/**
 * Puts on record to whom these events are to be told, and gives those deliveries in the order of the events. Safe to
 * repeat: an event is told once to each subscription. Events about confidential requests are told to nobody.
 */
export async function recordDeliveries(
  database: Database,
  events: readonly PublicEvent[],
): Promise<readonly DeliveryRef[]> {
  const tenants = [...new Set(events.map(({ tenant }) => tenant))];
  if (tenants.length === 0) return [];
  const subscribers = await inTenants(database, tenants, (tx) => enabledSubscribers(tx, tenants));
  const deliveries: DeliveryRef[] = [];
  for (const event of events) {
    const told = matching(subscribers, event);
    if (told.length === 0) continue;
    const { tenant, id: eventId, type: eventType, time, data } = event;
    await inTenants(database, [tenant], async (tx) => {
      if (await isConfidential(tx, tenant, data)) return;
      const delivery = { tenant, eventId, eventType, occurredAt: new Date(time), data };
      for (const { id: subscriptionId } of told) {
        const deliveryId = await insertDelivery(tx, { ...delivery, subscriptionId });
        deliveries.push({ tenant, deliveryId });
      }
    });
  }
  return deliveries;
}
