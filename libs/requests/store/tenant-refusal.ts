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
    throw new TenantNotLive(detail, { context: { missing: ['agreement'] } });
  };
}
