import {
  CUSTOMER_ROLES,
  FOR_PEOPLE_ONLY,
  MSP_ROLES,
  permissionsOf,
  tenantsOf,
  tenantsWith,
} from '#libs/platform/access';
import type { Actor, Permission, Role } from '#libs/platform/access';
import { RequestInvalid } from '../http/http.errors.js';
import { ApiKeyTooPowerful } from './api-key.errors.js';

/** What a key would be able to do. */
export interface KeyPower {
  readonly role: Role;
  readonly scopes: readonly Permission[] | null;
  /** Null: where its tenant is a customer, that one; where it is the MSP, every customer. */
  readonly customers: readonly string[] | null;
}

/** Which kind of tenant a key is made for. */
export interface KeyHome {
  readonly tenant: string;
  readonly kind: Actor['kind'];
}

/**
 * Makes sure that nobody hands out more than they have: each permission of the key, in each tenant that it holds for.
 * Throws `RequestInvalid` for a key that makes no sense, `ApiKeyTooPowerful` for one that does too much.
 */
export function requireWithinOwnPower(actor: Actor, { tenant, kind }: KeyHome, power: KeyPower): void {
  requireSense(kind, power);
  // a key for all customers holds for later ones too: only who is granted the MSP itself is granted those
  const covered = kind === 'customer' || power.customers === null ? [tenant] : power.customers;
  const wanted = (power.scopes ?? permissionsOf(kind, power.role)).filter((one) => !FOR_PEOPLE_ONLY.includes(one));
  const missing = wanted.filter((permission) => !coversAll(tenantsWith(actor, permission), covered));
  if (missing.length === 0) return;
  const isUnknown = covered.some((customer) => !tenantsOf(actor).includes(customer));
  throw new ApiKeyTooPowerful(
    isUnknown
      ? 'You do not have all of these customers yourself. Name fewer.'
      : `You may not do this yourself, or not everywhere: ${missing.join(', ')}. Choose a lesser role, fewer scopes or customers.`,
  );
}

function requireSense(kind: Actor['kind'], { role, scopes, customers }: KeyPower): void {
  const roles: readonly Role[] = kind === 'msp' ? MSP_ROLES : CUSTOMER_ROLES;
  const who = kind === 'msp' ? 'the MSP' : 'a customer';
  if (!roles.includes(role)) throw invalid('role', 'not_in', `role must be one that ${who} has: ${roles.join(', ')}.`);
  if (kind === 'customer' && customers !== null)
    throw invalid('customers', 'not_allowed', 'customers are named in a key of the MSP only.');
  const personal = (scopes ?? []).filter((scope) => FOR_PEOPLE_ONLY.includes(scope));
  if (personal.length > 0)
    throw invalid('scopes', 'not_in', `scopes must not have ${personal.join(', ')}: a person has to do that.`);
  const foreign = (scopes ?? []).filter((scope) => !permissionsOf(kind, role).includes(scope));
  if (foreign.length > 0)
    throw invalid(
      'scopes',
      'not_in',
      `scopes must be permissions of the role ${role}; it has no ${foreign.join(', ')}.`,
    );
}

function coversAll(has: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((tenant) => has.includes(tenant));
}

function invalid(path: string, code: string, message: string): RequestInvalid {
  return new RequestInvalid(message, { errors: [{ path, code, message }] });
}
