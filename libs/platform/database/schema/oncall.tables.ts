import type { Generated, GeneratedAlways } from 'kysely';
import type { At, JsonColumn, MaybeAt } from './columns.js';

export interface TeamsTable {
  tenant_id: string;
  id: string;
  name: string;
  members: string[];
  set_by: string;
  set_at: At;
  archived_at: MaybeAt;
}
export interface OncallSchedulesTable {
  tenant_id: string;
  id: string;
  name: string;
  rest_hours: number;
  version: number;
  created_by: string;
  created_at: At;
  archived_at: MaybeAt;
}
export interface OncallVersionsTable {
  tenant_id: string;
  schedule_id: string;
  version: number;
  counts_from: At;
  timezone: string;
  layers: JsonColumn<unknown>;
  set_by: string;
  set_at: At;
}
export interface OncallSwapsTable {
  tenant_id: string;
  id: string;
  schedule_id: string;
  giver: string;
  taker: string;
  gives_from: At;
  gives_to: At;
  takes_from: MaybeAt;
  takes_to: MaybeAt;
  status: Generated<string>;
  proposed_by: string;
  proposed_at: At;
  answered_by: string | null;
  answered_at: MaybeAt;
}
export interface OncallOverridesTable {
  tenant_id: string;
  id: string;
  schedule_id: string;
  person: string;
  from_at: At;
  to_at: At;
  reason: string | null;
  swap_id: string | null;
  entered_by: string;
  entered_at: At;
  entry: GeneratedAlways<number>;
  withdrawn_by: string | null;
  withdrawn_at: MaybeAt;
}
export interface ContactMethodsTable {
  tenant_id: string;
  id: string;
  subject: string;
  place: number;
  kind: string;
  address: string;
  set_at: At;
}
export interface OncallFeedsTable {
  tenant_id: string;
  id: string;
  token_hash: Buffer;
  owner: string;
  schedule_id: string | null;
  created_at: At;
  revoked_at: MaybeAt;
}

/** Who is reachable when, and how. */
export interface OncallTables {
  teams: TeamsTable;
  oncall_schedules: OncallSchedulesTable;
  oncall_versions: OncallVersionsTable;
  oncall_swaps: OncallSwapsTable;
  oncall_overrides: OncallOverridesTable;
  contact_methods: ContactMethodsTable;
  oncall_feeds: OncallFeedsTable;
}
