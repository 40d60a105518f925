import type { At, MaybeAt } from './columns.js';

export interface OutgoingAllowancesTable {
  tenant_id: string;
  id: string;
  host: string | null;
  cidr: string | null;
  ports: number[] | null;
  protocols: string[];
  reason: string;
  created_by: string;
  created_at: At;
}
export interface OutgoingPoliciesTable {
  tenant_id: string;
  public_addresses: string;
  set_by: string;
  set_at: At;
}
export interface SshHostKeysTable {
  tenant_id: string;
  id: string;
  host: string;
  port: number;
  fingerprint: string;
  algorithm: string | null;
  first_seen_at: MaybeAt;
  trusted_at: MaybeAt;
  trusted_by: string | null;
  reason: string | null;
}

/** Where a tenant's outgoing connections may go, and what they are verified by. */
export interface OutgoingTables {
  outgoing_allowances: OutgoingAllowancesTable;
  outgoing_policies: OutgoingPoliciesTable;
  ssh_host_keys: SshHostKeysTable;
}
