import type { Json } from '#libs/kernel';
import type { ColumnType, Generated } from 'kysely';
import type { At, NullableJson } from './columns.js';

export interface AuditEntriesTable {
  tenant_id: string;
  id: Generated<string>;
  at: At;
  action: string;
  outcome: 'done' | 'denied' | 'failed';
  object_kind: string;
  request_id: string | null;
  actor: string;
  origin: string | null;
  object_id: string;
  reason: string | null;
  before: NullableJson<Json>;
  after: NullableJson<Json>;
  salt: Generated<string>;
  erased_by: ColumnType<string | null, never, never>;
}
export interface AuditWaitingTable {
  tenant_id: string;
  entry_id: string;
}
export interface AuditChainTable {
  tenant_id: string;
  seq: number;
  entry_id: string;
  content_hash: Buffer;
  entry_hash: Buffer;
  hash: Buffer;
  chained_at: At;
}
export interface AuditAnchorsTable {
  tenant_id: string;
  seq: number;
  hash: Buffer;
  signature: string | null;
  anchored_at: At;
}

export interface AuditTables {
  audit_entries: AuditEntriesTable;
  audit_waiting: AuditWaitingTable;
  audit_chain: AuditChainTable;
  audit_anchors: AuditAnchorsTable;
}
