import type { Generated } from 'kysely';
import type { At, JsonColumn, MaybeAt } from './columns.js';

export interface SlaCalendarsTable {
  tenant_id: string;
  name: string;
  version: number;
  body: JsonColumn<unknown>;
  counts_from: At;
  saved_by: string;
  saved_at: At;
}
export interface SlaPoliciesTable {
  tenant_id: string;
  tier: string;
  version: number;
  body: JsonColumn<unknown>;
  counts_from: At;
  saved_by: string;
  saved_at: At;
}
export interface SlaTiersTable {
  tenant_id: string;
  version: number;
  tier: string | null;
  set_by: string;
  set_at: At;
}
export interface SlaChangesTable {
  tenant_id: string;
  id: string;
  kind: string;
  name: string;
  reason: string | null;
  counts_from: At;
  made_by: string;
  made_at: At;
  tickets_moved: Generated<number>;
  done_at: MaybeAt;
  event_ids: Generated<string[]>;
}
export interface SlaVerdictsTable {
  tenant_id: string;
  ticket_id: string;
  type: string;
  priority: string;
  frozen_at: At;
  clocks: JsonColumn<unknown>;
  inputs: JsonColumn<unknown>;
}

/** What is promised, and what became of it. */
export interface SlaTables {
  sla_calendars: SlaCalendarsTable;
  sla_policies: SlaPoliciesTable;
  sla_tiers: SlaTiersTable;
  sla_changes: SlaChangesTable;
  sla_verdicts: SlaVerdictsTable;
}
