import type { ColumnType, Generated } from 'kysely';
import type { At, MaybeAt, NullableJson } from './columns.js';

type MaybeText = ColumnType<string | null, string | null | undefined, string | null>;

export interface TenantOffboardingsTable {
  tenant_id: string;
  id: string;
  status: Generated<'requested' | 'announced' | 'closed' | 'proven' | 'due' | 'erasing' | 'cancelled'>;
  reason: string;
  last_day: ColumnType<string, string, never>;
  closes_at: ColumnType<Date, Date | string, never>;
  open_runs: 'finish' | 'cancel';
  fetch_days: number;
  retention_days: number;
  requested_by: string;
  requested_at: At;
  confirmed_by: MaybeText;
  confirmed_at: MaybeAt;
  cancelled_by: MaybeText;
  cancelled_at: MaybeAt;
  cancel_reason: MaybeText;
  closed_at: MaybeAt;
  fetch_until: MaybeAt;
  fetch_closed_at: MaybeAt;
  closed: NullableJson<Readonly<Record<string, unknown>>>;
  open_requests: NullableJson<readonly OpenRequestColumn[]>;
  proven_at: MaybeAt;
  document: MaybeText;
  erase_after: MaybeAt;
  erasure_reason: MaybeText;
  erasure_requested_by: MaybeText;
  erasure_requested_at: MaybeAt;
  erasure_confirmed_by: MaybeText;
  erasure_confirmed_at: MaybeAt;
  erasure_withdrawn_by: MaybeText;
  erasure_withdrawn_at: MaybeAt;
  erasure_withdraw_reason: MaybeText;
  held: NullableJson<Readonly<Record<string, unknown>> & { readonly code: string }>;
  reminders: Generated<number>;
  event_ids: ColumnType<string[], string[] | undefined, string[]>;
}

export interface OpenRequestColumn {
  readonly request: string;
  readonly run: string | null;
  readonly status: string;
}

export interface TenantAccessListTable {
  tenant_id: string;
  offboarding_id: string;
  entry: string;
  kind: string;
  host: string | null;
  account: string | null;
  secret_ref: string | null;
  state: 'to_prove' | 'gone' | 'still_open' | 'unknown' | 'unproven' | 'confirmed' | 'none' | 'closed_here';
  evidence: NullableJson<Readonly<Record<string, unknown>>>;
  probes: Generated<number>;
  probed_at: MaybeAt;
  confirmed_by: MaybeText;
  confirmed_at: MaybeAt;
  confirm_reason: MaybeText;
  destroyed_at: MaybeAt;
}

export interface TenantErasuresTable {
  tenant_id: string;
  id: string;
  customer: string;
  offboarding_id: string;
  reason: string;
  requested_by: string;
  confirmed_by: string;
  begun_at: At;
  ended_at: MaybeAt;
  erased: ColumnType<Readonly<Record<string, number>>, never, never>;
  histories: Generated<number>;
  event_ids: ColumnType<string[], string[] | undefined, never>;
}

export interface TenantErasureKeptTable {
  tenant_id: string;
  erasure_id: string;
  kept_table: string;
  law: string;
  keep_until: ColumnType<Date | null, Date | string | null, never>;
  erased_at: MaybeAt;
}

export interface OffboardingTables {
  tenant_erasures: TenantErasuresTable;
  tenant_erasure_kept: TenantErasureKeptTable;
  tenant_offboardings: TenantOffboardingsTable;
  tenant_access_list: TenantAccessListTable;
}
