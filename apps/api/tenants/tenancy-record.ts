import type { EventDefinition, EventData } from '#libs/events';
import { newId, type Json } from '#libs/kernel';
import { appendAudit, type AuditEntry } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { keepAnswer, openCall, type CallKey } from '#libs/platform/idempotency';
import { appendEvent } from '#libs/platform/outbox';

/**
 * Creates something under the call's key: `work` runs once, in the transaction that also keeps its answer; a repeat gets
 * that answer. Throws what `openCall` throws.
 */
export function createOnce<View extends object>(
  database: Database,
  call: CallKey,
  work: (tx: Transaction) => Promise<View>,
): Promise<View> {
  return database.transaction().execute(async (tx) => {
    const { firstAnswer } = await openCall(tx, call);
    if (firstAnswer !== null) return firstAnswer as unknown as View;
    const view = await work(tx);
    await keepAnswer(tx, call, 201, view as unknown as Json).execute(tx);
    return view;
  });
}

/** Changes something of one tenant; act, audit and events commit together. */
export function writeFor<View>(
  database: Database,
  tenant: string,
  work: (tx: Transaction) => Promise<View>,
): Promise<View> {
  return inTenants(database, [tenant], work);
}

/** Puts an act on a customer on record and tells of it. */
export async function tell<Definition extends EventDefinition>(
  tx: Transaction,
  tenant: string,
  entry: AuditEntry,
  definition: Definition,
  data: EventData<Definition>,
): Promise<void> {
  await appendAudit(tx, tenant, entry);
  const origin = { tenant, aggregate: `tenant/${tenant}`, correlationId: newId(), causationId: null };
  await appendEvent(tx, definition, origin, data);
}
