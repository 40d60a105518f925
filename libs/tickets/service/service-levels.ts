import type { JsonObject } from '#libs/kernel';
import { ticketTargetsChanged } from '#libs/events';
import type { Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import { appendEntry, type By, type TicketRow } from '../store/ticket.store.js';

/** What tickets need of service levels; apps pass it, since contexts do not import each other. */
export interface ServiceLevels {
  /** What is promised for such a ticket now, as an entry of kind `targets` keeps it, and whether that is news after another. */
  settingFor(
    tx: Transaction,
    tenant: string,
    ticket: { readonly type: string; readonly priority: string; readonly agreedAt: Date | null },
  ): Promise<{ readonly setting: JsonObject; differsFrom(before: JsonObject | undefined): boolean }>;
  /** Keeps what its clocks say; called in the transaction that closes a ticket. */
  freeze(tx: Transaction, ticket: TicketRow): Promise<void>;
}

/**
 * Puts down what is promised for a locked ticket where that differs from what was; `reason` is shown where a deadline moved
 * by it. Gives whether it did.
 */
export async function retarget(
  tx: Transaction,
  ticket: TicketRow,
  levels: ServiceLevels,
  by: By,
  reason: string | null = null,
): Promise<boolean> {
  const { tenant_id, id, type, priority, agreed_at: agreedAt } = ticket;
  const { setting, differsFrom } = await levels.settingFor(tx, tenant_id, { type, priority, agreedAt });
  if (!differsFrom(await lastSetting(tx, ticket))) return false;
  const sequence = await appendEntry(tx, ticket, { kind: 'targets', public: true, by, body: reason, change: setting });
  const origin = { tenant: tenant_id, aggregate: `ticket/${id}`, correlationId: id, causationId: null };
  await appendEvent(tx, ticketTargetsChanged, origin, { ticketId: id, sequence });
  return true;
}

async function lastSetting(tx: Transaction, { tenant_id, id }: TicketRow): Promise<JsonObject | undefined> {
  const entry = await tx
    .selectFrom('ticket_entries')
    .select('change')
    .where('tenant_id', '=', tenant_id)
    .where('ticket_id', '=', id)
    .where('kind', '=', 'targets')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return entry?.change as JsonObject | undefined;
}
