import type { JsonObject, Problem } from '#libs/kernel';
import type { ColumnType, Generated, GeneratedAlways, Insertable, Selectable } from 'kysely';

/** A JSON column: read as the parsed value, written as JSON text. */
export type JsonColumn<T> = ColumnType<T, string, string>;
type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;
type At = ColumnType<Date, Date | string | undefined, Date | string>;
type MaybeAt = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;

export interface TenantsTable {
  id: string;
  kind: 'msp' | 'customer';
  name: string;
  time_zone: string;
  created_at: At;
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
}
export interface SystemsTable {
  tenant_id: string;
  name: string;
  kind: 'ldap' | 'smtp' | 'http';
  site: Generated<string>;
  config: JsonColumn<Record<string, never>>;
  secret_ref: string | null;
}
export interface RequestsTable {
  tenant_id: string;
  id: string;
  type: string;
  status: string;
  subject: string;
  body: JsonColumn<unknown>;
  requested_by: string;
  requested_at: At;
  submitted_event_id: string;
  plan_revision: Generated<number>;
  plan_hash: string | null;
  run_id: string | null;
  waiting_for: NullableJson<unknown>;
  stalled: NullableJson<unknown>;
  problem: NullableJson<Problem>;
  updated_at: At;
  escalation: NullableJson<unknown>;
  confidential_until: MaybeAt;
  confidants: Generated<string[]>;
  needs_second_person: Generated<boolean>;
  template_version: ColumnType<number | null, number | null | undefined, number | null>;
  only_one: ColumnType<string | null, string | null | undefined, string | null>;
  confidential_until_start: Generated<boolean>;
}
export interface ProcessTemplatesTable {
  tenant_id: string;
  process: string;
  version: number;
  body: JsonColumn<unknown>;
  created_by: string;
  created_at: At;
}
export interface PlansTable {
  tenant_id: string;
  request_id: string;
  revision: number;
  hash: string;
  plan: JsonColumn<unknown>;
  drift: NullableJson<unknown>;
  created_at: At;
  confirmations: ColumnType<readonly { code: string; text: string }[], string | undefined, string>;
}
export interface DecisionsTable {
  tenant_id: string;
  request_id: string;
  id: string;
  revision: number;
  plan_hash: string;
  decision: 'approve' | 'reject';
  decided_by: string;
  reason: string | null;
  decided_at: At;
  effective_at: MaybeAt;
  superseded_at: MaybeAt;
  starts_at: MaybeAt;
  touches: Generated<string[]>;
}
export interface ConfirmationsTable {
  tenant_id: string;
  request_id: string;
  revision: number;
  id: string;
  plan_hash: string;
  confirmed_by: string;
  reason: string | null;
  codes: string[];
  confirmed_at: At;
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
export interface RunsTable {
  tenant_id: string;
  id: string;
  process: string;
  workflow_id: string;
  request_id: string;
  subject: string;
  status: string;
  waiting_for: NullableJson<unknown>;
  stalled: NullableJson<unknown>;
  problem: NullableJson<Problem>;
  plan: JsonColumn<unknown>;
  created_at: At;
  started_at: MaybeAt;
  ended_at: MaybeAt;
  timeline_length: Generated<number>;
  halted: ColumnType<
    'paused' | 'cancelled' | null,
    'paused' | 'cancelled' | null | undefined,
    'paused' | 'cancelled' | null
  >;
}
export interface RunStepsTable {
  tenant_id: string;
  run_id: string;
  step_id: string;
  position: number;
  title: string;
  block: string;
  verb: 'apply' | 'undo';
  system: string;
  status: string;
  outcome: string | null;
  reason: string | null;
  attempt: Generated<number>;
  crashes: Generated<number>;
  waiting_for: NullableJson<unknown>;
  before_image: NullableJson<unknown>;
  receipt: NullableJson<unknown>;
  after_image: NullableJson<unknown>;
  evidence: NullableJson<unknown>;
  problem: NullableJson<Problem>;
  drift: NullableJson<unknown>;
  started_at: MaybeAt;
  ended_at: MaybeAt;
  due_at: MaybeAt;
  late: Generated<boolean>;
  deadline: MaybeAt;
  deadline_missed_at: MaybeAt;
}
export interface ActsTable {
  tenant_id: string;
  id: string;
  request_id: string;
  run_id: string | null;
  act: string;
  step_id: string | null;
  message: JsonColumn<unknown>;
  reason: string;
  given_by: string;
  given_at: At;
  details: ColumnType<JsonObject, string | undefined, string>;
}
export interface RunTimelineTable {
  tenant_id: string;
  run_id: string;
  seq: number;
  at: At;
  kind: string;
  step_id: string | null;
  attempt: number | null;
  who: string;
  seconds: number | null;
  data: JsonColumn<unknown>;
}
export interface SealedValuesTable {
  tenant_id: string;
  owner: string;
  name: string;
  wrapped_key: Buffer;
  ciphertext: Buffer;
  created_at: At;
}
export interface OneTimeLinksTable {
  tenant_id: string;
  id: string;
  run_id: string;
  step_id: string;
  token_hash: Buffer;
  ciphertext: Buffer | null;
  created_at: At;
  expires_at: ColumnType<Date, Date | string, Date | string>;
  revealed_at: MaybeAt;
  revoked_at: MaybeAt;
  expired_at: MaybeAt;
}
export interface IdempotencyKeysTable {
  tenant_id: string;
  caller: string;
  key: string;
  fingerprint: Buffer;
  status: number;
  answer: JsonColumn<unknown>;
  created_at: At;
}
export interface EventKeysTable {
  tenant_id: string;
  key: string;
  sequence: number;
}
export interface OutboxTable {
  created_at: At;
  id: Generated<number>;
  tenant_id: string;
  event_id: string;
  shard: number;
  topic: string;
  key: string;
  sequence: number;
  headers: JsonColumn<Record<string, string>>;
  value: Buffer;
  sent_at: MaybeAt;
}
export interface OutboxShardsTable {
  shard: number;
  owner: string | null;
  leased_until: At;
}
export interface InboxTable {
  consumer: string;
  tenant_id: string;
  event_id: string;
  taken_at: At;
}
export interface DeadLettersTable {
  tenant_id: string;
  id: string;
  topic: string;
  partition: number;
  kafka_offset: number;
  content_hash: GeneratedAlways<Buffer>;
  key: Buffer | null;
  value: Buffer | null;
  headers: JsonColumn<Record<string, string>>;
  code: string;
  reason: string;
  arrived_at: At;
  replayed_at: MaybeAt;
  replayed_by: string | null;
}

/** The tables as `migrations/` makes them; a test compares both. */
export interface Schema {
  tenants: TenantsTable;
  api_keys: ApiKeysTable;
  systems: SystemsTable;
  requests: RequestsTable;
  process_templates: ProcessTemplatesTable;
  plans: PlansTable;
  decisions: DecisionsTable;
  confirmations: ConfirmationsTable;
  protected_accounts: ProtectedAccountsTable;
  tenant_settings: TenantSettingsTable;
  runs: RunsTable;
  run_steps: RunStepsTable;
  acts: ActsTable;
  run_timeline: RunTimelineTable;
  sealed_values: SealedValuesTable;
  one_time_links: OneTimeLinksTable;
  idempotency_keys: IdempotencyKeysTable;
  event_keys: EventKeysTable;
  outbox: OutboxTable;
  outbox_shards: OutboxShardsTable;
  inbox: InboxTable;
  dead_letters: DeadLettersTable;
}

export type Row<Table extends keyof Schema> = Selectable<Schema[Table]>;
export type NewRow<Table extends keyof Schema> = Insertable<Schema[Table]>;
