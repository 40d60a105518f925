import type { Problem } from '#libs/kernel';
import type { ColumnType, Generated } from 'kysely';
import type { At, JsonColumn, MaybeAt, NullableJson } from './columns.js';

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
  ticket_id: ColumnType<string | null, string | null | undefined, string | null>;
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

export interface IdempotencyKeysTable {
  tenant_id: string;
  caller: string;
  key: string;
  fingerprint: Buffer;
  status: number;
  answer: JsonColumn<unknown>;
  created_at: At;
}

export interface RequestsTables {
  requests: RequestsTable;
  process_templates: ProcessTemplatesTable;
  plans: PlansTable;
  decisions: DecisionsTable;
  confirmations: ConfirmationsTable;
  idempotency_keys: IdempotencyKeysTable;
}
