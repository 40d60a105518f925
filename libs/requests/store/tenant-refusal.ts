import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';
import { TenantNotLive, TenantTakesNoRequests } from '../model/request.errors.js';

/** The SQL state of the trigger that guards every way in. */
const REFUSED = 'SW001';

/** Translates the database's word that a customer takes no requests; any other error is thrown as it is. */
export function refusedForTenant(tenant: string) {
  return (error: unknown): never => {
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    if (code !== REFUSED) throw error;
    if (message !== 'not_live') {
      const detail = `${tenant} is ${String(message)}: no request is taken. What was approved goes on.`;
      throw new TenantTakesNoRequests(detail, { context: { status: String(message) } });
    }
    const detail = `${tenant} has no data processing agreement in force. An owner of the MSP records it first.`;
    throw notLive(detail);
  };
}

/**
 * Throws `TenantNotLive` where a request's plan may not be approved: the customer has no agreement in force, and its run had not
 * begun while there was one. The database asks the same when an approval takes effect.
 */
export async function requireAgreement(tx: Transaction, tenant: string, requestId: string): Promise<void> {
  const { rows } = await sql<{ may: boolean }>`SELECT may_be_approved(${tenant}, ${requestId}) AS may`.execute(tx);
  if (rows[0]!.may) return;
  throw notLive(
    `${tenant} has no data processing agreement in force, so nothing of it is approved. An owner of the MSP records one first; a leaver can be locked out at once all the same.`,
  );
}

function notLive(detail: string): TenantNotLive {
  return new TenantNotLive(detail, { context: { missing: ['agreement'] } });
}
