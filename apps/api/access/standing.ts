import type { Permission } from '#libs/platform/access';
import { TenantSuspended } from './access.errors.js';
import type { Caller } from './actors.js';

/** How the caller's tenant stands: null lets in; `leaving`: only to fetch the handover; `left`: no longer at all. */
export type Standing = 'suspended' | 'leaving' | 'left' | null;

/** What an administrator of a customer that leaves may still do, for as long as the off-boarding says. */
export const WHILE_LEAVING: readonly Permission[] = [
  'account.own',
  'tenant.read',
  'tenant_export.read',
  'tenant_export.release',
  'tenant_export.download',
  'tenant_offboarding.read',
];

/** The caller as its tenant's standing allows. Throws `TenantSuspended`. */
export function admitted(caller: Caller, standing: Standing): Caller {
  switch (standing) {
    case null:
      return caller;
    case 'suspended':
      throw new TenantSuspended('Your company’s access is suspended. Ask your provider.');
    case 'left':
      throw new TenantSuspended('Your company’s access has ended. Ask your former provider.');
    case 'leaving': {
      const grants = caller.grants.filter(({ role }) => role === 'customer_admin');
      if (grants.length === 0 || caller.machine)
        throw new TenantSuspended('Your company’s access has ended; its administrator may still fetch the handover.');
      const scopes = WHILE_LEAVING.filter((one) => caller.scopes === null || caller.scopes.includes(one));
      return { ...caller, grants, scopes };
    }
  }
}
