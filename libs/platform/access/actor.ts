/** What a person or machine is allowed to be (design, "Names"). */
export const MSP_ROLES = ['owner', 'operator', 'technician', 'auditor'] as const;
export const CUSTOMER_ROLES = ['customer_admin', 'approver', 'requester', 'auditor'] as const;
export type MspRole = (typeof MSP_ROLES)[number];
export type CustomerRole = (typeof CUSTOMER_ROLES)[number];
export type Role = MspRole | CustomerRole;

/** A role and the tenants it holds for. */
export interface RoleGrant {
  readonly role: Role;
  readonly tenants: readonly string[];
}

/** Who acts, and what they may do where. */
export interface Actor {
  /** Stable name for histories, e.g. `approver@muster`. */
  readonly subject: string;
  readonly kind: 'msp' | 'customer';
  /** The tenant that the actor belongs to. */
  readonly home: string;
  /** A customer's actor has grants at home only. */
  readonly grants: readonly RoleGrant[];
  /** The tenants in which the actor may do what the route declares, set by the guard. */
  readonly sees: readonly string[];
  /** Separates idempotency keys of different callers: the id of the key, session or client. */
  readonly caller: string;
  /** How the actor proved who it is. */
  readonly method: 'api_key' | 'session' | 'token';
  /** A second factor was shown at this sign-in; false for machines, which have none. */
  readonly secondFactor: boolean;
  /** Permissions that this key or token is limited to; null: all of its roles'. */
  readonly scopes: readonly string[] | null;
  /** A machine's key or token, not a person's. */
  readonly machine?: boolean;
  /** Who made a machine's key: the subject behind what the machine does. */
  readonly origin?: string | null;
}

/** Every tenant in which the actor has any role. */
export function tenantsOf({ grants }: Pick<Actor, 'grants'>): readonly string[] {
  return [...new Set(grants.flatMap((grant) => grant.tenants))].sort();
}
