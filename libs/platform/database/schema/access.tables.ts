import type { ColumnType, Generated } from 'kysely';
import type { At, JsonColumn, MaybeAt } from './columns.js';

export interface TenantsTable {
  id: string;
  kind: 'msp' | 'customer';
  name: string;
  time_zone: string;
  created_at: At;
  status: Generated<'active' | 'suspended' | 'offboarding' | 'erased'>;
  live_since: MaybeAt;
  version: Generated<number>;
  status_reason: ColumnType<string | null, string | null | undefined, string | null>;
  status_by: ColumnType<string | null, string | null | undefined, string | null>;
  status_at: MaybeAt;
  agreement_due: MaybeAt;
}

export interface TenantGroupsTable {
  tenant_id: string;
  id: string;
  name: string;
  created_by: string;
  created_at: At;
  version: Generated<number>;
}

export interface TenantGroupMembersTable {
  tenant_id: string;
  group_id: string;
  member: string;
}

export interface PeopleTable {
  tenant_id: string;
  id: string;
  subject: string;
  display_name: string;
  mail: string | null;
  language: 'de' | 'en' | null;
  status: Generated<'active' | 'locked' | 'closed'>;
  source: 'issuer' | 'invitation' | 'command' | 'emergency';
  created_at: At;
  closed_by: ColumnType<string | null, string | null | undefined, string | null>;
  status_since: MaybeAt;
}

/** The last sign-in of each system that worked. */
export interface SystemSignInsTable {
  tenant_id: string;
  system: string;
  secret_id: string;
  place: string;
  at: At;
}

export interface RoleGrantsTable {
  tenant_id: string;
  id: string;
  person_id: string;
  role: string;
  covers: 'home' | 'all' | 'group' | 'tenant';
  covers_id: string | null;
  source: 'claim' | 'manual';
  granted_by: string;
  granted_at: At;
  ended_at: MaybeAt;
  ended_by: ColumnType<string | null, string | null | undefined, string | null>;
}

export interface ApiKeysTable {
  tenant_id: string;
  id: string;
  role: string;
  subject: string;
  name: string;
  key_hash: Buffer;
  created_at: At;
  revoked_at: MaybeAt;
  closed_by: ColumnType<string | null, string | null | undefined, string | null>;
  scopes: ColumnType<string[] | null, string[] | null | undefined, string[] | null>;
  covers: ColumnType<string[] | null, string[] | null | undefined, string[] | null>;
  expires_at: MaybeAt;
  last_used_at: MaybeAt;
  successor: ColumnType<string | null, string | null | undefined, string | null>;
  created_by: ColumnType<string | null, string | null | undefined, string | null>;
}

export interface SystemsTable {
  tenant_id: string;
  name: string;
  kind: 'ldap' | 'smtp' | 'http';
  site: Generated<string>;
  config: JsonColumn<Record<string, never>>;
  secret_ref: string | null;
}

export interface ProtectedAccountsTable {
  tenant_id: string;
  user_name: string;
  kind: 'director' | 'break_glass' | 'service' | 'last_administrator';
  rule: 'refuse' | 'second_person';
  note: string | null;
  identity: string | null;
  set_by: string;
  set_at: At;
}

export interface TenantSettingsTable {
  tenant_id: string;
  accounts_per_hour: number;
  last_administrator: 'refuse' | 'second_person';
  set_by: string;
  set_at: At;
}

export interface AccessTables {
  tenants: TenantsTable;
  tenant_groups: TenantGroupsTable;
  tenant_group_members: TenantGroupMembersTable;
  people: PeopleTable;
  role_grants: RoleGrantsTable;
  api_keys: ApiKeysTable;
  systems: SystemsTable;
  system_sign_ins: SystemSignInsTable;
  protected_accounts: ProtectedAccountsTable;
  tenant_settings: TenantSettingsTable;
}
