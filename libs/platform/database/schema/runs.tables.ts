import type { JsonObject, Problem } from '#libs/kernel';
import type { ColumnType, Generated } from 'kysely';
import type { At, JsonColumn, MaybeAt, NullableJson } from './columns.js';

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

export interface RunProofsTable {
  tenant_id: string;
  run_id: string;
  proof: string;
  kept_at: At;
}

export interface RunsTables {
  run_proofs: RunProofsTable;
  runs: RunsTable;
  run_steps: RunStepsTable;
  acts: ActsTable;
  run_timeline: RunTimelineTable;
  one_time_links: OneTimeLinksTable;
}
