/** What a person or machine is allowed to be (design, "Names"). */
export type MspRole = 'owner' | 'operator' | 'technician' | 'auditor';
export type CustomerRole = 'customer_admin' | 'approver' | 'requester' | 'auditor';
export type Role = MspRole | CustomerRole;

/** Who acts: the holder of a key, and which tenants it may see. */
export interface Actor {
  /** Stable name for histories, e.g. `approver@muster`. */
  readonly subject: string;
  readonly role: Role;
  readonly kind: 'msp' | 'customer';
  /** The tenant the key belongs to. */
  readonly home: string;
  /** The tenants it sees; a customer's actor sees its own only. */
  readonly sees: readonly string[];
  /** Separates idempotency keys of different callers. */
  readonly caller: string;
}
