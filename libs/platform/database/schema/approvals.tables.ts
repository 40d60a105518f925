import type { Generated } from 'kysely';
import type { At, JsonColumn, MaybeAt } from './columns.js';

export interface ApprovalPoliciesTable {
  tenant_id: string;
  process: string;
  version: number;
  body: JsonColumn<unknown>;
  created_by: string;
  created_at: At;
}

export interface ApprovalRoundsTable {
  tenant_id: string;
  id: string;
  subject_kind: string;
  subject_id: string;
  subject_revision: number;
  subject_hash: string;
  request_id: string | null;
  process: string;
  policy: JsonColumn<unknown>;
  policy_from: 'process' | 'all' | 'default';
  policy_version: number;
  policy_set_by: string | null;
  stage: Generated<number>;
  status: Generated<'open' | 'approved' | 'rejected' | 'superseded' | 'withdrawn'>;
  opened_at: At;
  expires_at: MaybeAt;
  reminders: Generated<number>;
  escalated_at: MaybeAt;
  expired_at: MaybeAt;
  closed_at: MaybeAt;
  event_ids: string[];
}

export interface ApprovalVotesTable {
  tenant_id: string;
  approval_id: string;
  id: string;
  stage: number;
  voter: string;
  on_behalf_of: string | null;
  verdict: 'approve' | 'reject';
  reason: string | null;
  subject_hash: string;
  link_id: string | null;
  given_at: At;
}

export interface ApprovalDelegationsTable {
  tenant_id: string;
  id: string;
  delegator: string;
  delegate: string;
  valid_from: At;
  valid_until: At;
  reason: string | null;
  set_by: string;
  set_at: At;
  ended_at: MaybeAt;
  ended_by: string | null;
}

export interface ApprovalsTables {
  approval_policies: ApprovalPoliciesTable;
  approval_rounds: ApprovalRoundsTable;
  approval_votes: ApprovalVotesTable;
  approval_delegations: ApprovalDelegationsTable;
}
