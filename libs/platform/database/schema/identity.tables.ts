import type { ColumnType, Generated } from 'kysely';
import type { EmergencyChange } from '#libs/events';
import type { At, JsonColumn, MaybeAt } from './columns.js';

/** Settings of a provider that nothing is looked up by. */
export interface ProviderSettingsColumn {
  readonly scopes: readonly string[];
  readonly claims: {
    readonly subject: string;
    readonly userName: string;
    readonly name: string;
    readonly mail: string;
    readonly groups: string;
  };
  readonly roles: readonly {
    readonly group: string;
    readonly role: string;
    readonly covers: 'home' | 'all' | 'group' | 'tenant';
    readonly coversId: string | null;
  }[];
  readonly secondFactor: { readonly acr: readonly string[]; readonly amr: readonly string[] };
  readonly algorithms: readonly string[];
  readonly justInTime: boolean;
  readonly sessionIdleMinutes: number;
  readonly sessionHours: number;
}

export interface IdentityProvidersTable {
  tenant_id: string;
  id: string;
  name: string;
  issuer: string;
  client_id: string;
  secret_ref: string | null;
  mail_domains: Generated<string[]>;
  api_audience: string | null;
  tenant_claim: string | null;
  tenant_claim_value: string | null;
  settings: JsonColumn<ProviderSettingsColumn>;
  enabled: boolean;
  set_by: string;
  set_at: At;
}

/** Written by the database alone. */
export interface PersonAddressesTable {
  tenant_id: string;
  id: Generated<string>;
  person_id: string;
  mail: string;
  first_seen_at: At;
}

export interface PersonIdentitiesTable {
  tenant_id: string;
  provider_id: string;
  subject: string;
  person_id: string;
  created_at: At;
  last_sign_in_at: MaybeAt;
  linked_by: ColumnType<string | null, string | null | undefined, string | null>;
}

export interface SignInFlowsTable {
  tenant_id: string;
  token_hash: Buffer;
  provider_id: string;
  return_to: string;
  begun_at: At;
  expires_at: At;
}

/** A role that an invitation gives. */
export interface InvitedGrantColumn {
  readonly role: string;
  readonly covers: 'home' | 'all' | 'group' | 'tenant';
  readonly coversId: string | null;
}

export interface InvitationsTable {
  tenant_id: string;
  id: string;
  person_id: string;
  source: 'invitation' | 'command' | 'emergency';
  mail: string | null;
  by_mail: boolean;
  display_name: string;
  language: 'de' | 'en';
  grants: JsonColumn<readonly InvitedGrantColumn[]>;
  invited_by: string;
  created_at: At;
  number: Generated<number>;
  valid_days: number;
  expires_at: ColumnType<Date, Date | string, Date | string>;
  accepted_at: MaybeAt;
  withdrawn_at: MaybeAt;
  withdrawn_by: ColumnType<string | null, string | null | undefined, string | null>;
  expired_at: MaybeAt;
  event_ids: Generated<string[]>;
}

export interface PasskeysTable {
  tenant_id: string;
  id: string;
  person_id: string;
  credential_id: Buffer;
  public_key: Buffer;
  /** `bigint`, as a number: authenticators count to 2^32. */
  counter: number;
  transports: Generated<string[]>;
  backed_up: boolean;
  name: string;
  created_at: At;
  last_used_at: MaybeAt;
}

export interface PasskeyCeremoniesTable {
  tenant_id: string;
  token_hash: Buffer;
  bound_to: string;
  return_to: string | null;
  expires_at: At;
}

type EndReason = 'signed_out' | 'revoked' | 'issuer' | 'claims' | 'replaced';

export interface SessionsTable {
  tenant_id: string;
  id: string;
  token_hash: Buffer;
  person_id: string;
  method: 'issuer' | 'passkey' | 'emergency';
  provider_id: string | null;
  issuer_sid: string | null;
  issuer_subject: string | null;
  second_factor: boolean;
  user_agent: string | null;
  created_at: At;
  last_seen_at: At;
  idle_minutes: number;
  expires_at: At;
  claims_read_at: MaybeAt;
  claims_asked_at: MaybeAt;
  refresh_token: Buffer | null;
  id_token: Buffer | null;
  ended_at: MaybeAt;
  ended_by: ColumnType<string | null, string | null | undefined, string | null>;
  passkey_id: ColumnType<string | null, string | null | undefined, string | null>;
  end_reason: ColumnType<EndReason | null, EndReason | null | undefined, EndReason | null>;
}

export interface MachineClientsTable {
  tenant_id: string;
  id: string;
  name: string;
  provider_id: string;
  client_id: string;
  subject: string;
  role: string;
  scopes: string[] | null;
  covers: string[] | null;
  enabled: boolean;
  set_by: string;
  set_at: At;
  last_used_at: MaybeAt;
  made_by: Generated<string[]>;
}

export interface AlarmsTable {
  tenant_id: string;
  id: string;
  kind: 'emergency_account.used' | 'emergency_account.refused' | 'emergency_account.changed';
  person_id: string;
  session_id: string | null;
  refusal: string | null;
  times: Generated<number>;
  raised_at: At;
  last_at: At;
  told: Generated<number>;
  acknowledged_at: MaybeAt;
  acknowledged_by: ColumnType<string | null, string | null | undefined, string | null>;
  acknowledged_for: ColumnType<string | null, string | null | undefined, string | null>;
  event_ids: string[];
  change: ColumnType<EmergencyChange | null, EmergencyChange | null | undefined, never>;
  changed_by: ColumnType<string | null, string | null | undefined, never>;
}

export interface IdentityTables {
  alarms: AlarmsTable;
  identity_providers: IdentityProvidersTable;
  person_addresses: PersonAddressesTable;
  person_identities: PersonIdentitiesTable;
  sign_in_flows: SignInFlowsTable;
  sessions: SessionsTable;
  invitations: InvitationsTable;
  passkeys: PasskeysTable;
  passkey_ceremonies: PasskeyCeremoniesTable;
  machine_clients: MachineClientsTable;
}
