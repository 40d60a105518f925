import type { Generated } from 'kysely';
import type { At, JsonColumn, MaybeAt } from './columns.js';

export interface SlaMarksTable {
  tenant_id: string;
  ticket_id: string;
  clock: string;
  started_at: At;
  mark: string;
  number: number;
  due_at: At;
  recorded_at: At;
  lifted_at: MaybeAt;
  lifted_by: string | null;
  lifted_because: string | null;
}
export interface SlaWatchesTable {
  tenant_id: string;
  ticket_id: string;
  looked_at: At;
  next_at: MaybeAt;
  ended_at: MaybeAt;
  restarts: Generated<number>;
  restarted_at: MaybeAt;
}
export interface EscalationChainsTable {
  tenant_id: string;
  name: string;
  version: number;
  chain: JsonColumn<unknown>;
  set_by: string;
  set_at: At;
}
export interface EscalationTriggersTable {
  tenant_id: string;
  version: number;
  triggers: JsonColumn<unknown>;
  set_by: string;
  set_at: At;
}
export interface EscalationsTable {
  tenant_id: string;
  id: string;
  ticket_id: string;
  chain_tenant: string;
  chain_name: string;
  chain_version: number;
  chain: JsonColumn<unknown>;
  cause: string;
  cause_key: string;
  cause_details: JsonColumn<unknown>;
  status: Generated<string>;
  state: JsonColumn<unknown>;
  due_at: At;
  started_by: string;
  started_at: At;
  conference_url: string | null;
  acknowledged_by: string | null;
  acknowledged_at: MaybeAt;
  acknowledged_via: string | null;
  acknowledged_until: MaybeAt;
  ended_at: MaybeAt;
  end_reason: string | null;
}
export interface EscalationEntriesTable {
  tenant_id: string;
  escalation_id: string;
  sequence: number;
  at: At;
  kind: string;
  who: string;
  data: JsonColumn<unknown>;
}
export interface NotificationsTable {
  tenant_id: string;
  id: string;
  ticket_id: string;
  escalation_id: string;
  kind: string;
  round: number;
  step: number;
  recipient_kind: string;
  recipient: string;
  due_at: At;
  created_at: At;
  status: Generated<string>;
  method: Generated<number>;
  tries: Generated<number>;
  ended_at: MaybeAt;
  code: string | null;
}
export interface NotificationAttemptsTable {
  tenant_id: string;
  notification_id: string;
  number: number;
  channel: string;
  began_at: At;
  ended_at: MaybeAt;
  outcome: string | null;
  code: string | null;
  provider_id: string | null;
}

export interface NotificationChannelsTable {
  tenant_id: string;
  id: string;
  name: string;
  kind: string;
  config: JsonColumn<unknown>;
  set_by: string;
  set_at: At;
}
export interface NotificationAnswersTable {
  tenant_id: string;
  channel_id: string;
  digest: Buffer;
  received_at: At;
}
export interface EscalationSettingsTable {
  tenant_id: string;
  conference_template: string | null;
  remind_after_days: number | null;
  close_after_days: number | null;
  set_by: string;
  set_at: At;
}

/** What becomes of clocks that run out, and who was told. */
export interface EscalationTables {
  sla_marks: SlaMarksTable;
  sla_watches: SlaWatchesTable;
  escalation_chains: EscalationChainsTable;
  escalation_triggers: EscalationTriggersTable;
  escalations: EscalationsTable;
  escalation_entries: EscalationEntriesTable;
  notifications: NotificationsTable;
  notification_attempts: NotificationAttemptsTable;
  notification_channels: NotificationChannelsTable;
  notification_answers: NotificationAnswersTable;
  escalation_settings: EscalationSettingsTable;
}
