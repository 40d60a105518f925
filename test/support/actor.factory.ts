import { newId } from '#libs/kernel';
import type { Actor, Role } from '#libs/platform/access';

/** Somebody at the MSP with this role for these customers. */
export function mspActor(role: Role, subject: string, tenants: readonly string[]): Actor {
  return {
    subject,
    kind: 'msp',
    home: 'msp',
    grants: [{ role, tenants }],
    sees: tenants,
    caller: newId(),
    method: 'api_key',
    secondFactor: false,
    scopes: null,
  };
}
