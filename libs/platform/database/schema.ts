import type { Problem } from '#libs/kernel';
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
}
export interface PlansTable {
  tenant_id: string;
  request_id: string;
  revision: number;
  hash: string;
  plan: JsonColumn<unknown>;
  drift: NullableJson<unknown>;
  created_at: At;
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
  plans: PlansTable;
  decisions: DecisionsTable;
  runs: RunsTable;
  run_steps: RunStepsTable;
  run_timeline: RunTimelineTable;
  sealed_values: SealedValuesTable;
  idempotency_keys: IdempotencyKeysTable;
  event_keys: EventKeysTable;
  outbox: OutboxTable;
  outbox_shards: OutboxShardsTable;
  inbox: InboxTable;
  dead_letters: DeadLettersTable;
}

export type Row<Table extends keyof Schema> = Selectable<Schema[Table]>;
export type NewRow<Table extends keyof Schema> = Insertable<Schema[Table]>;
