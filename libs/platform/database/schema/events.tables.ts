import type { Generated, GeneratedAlways } from 'kysely';
import type { At, JsonColumn, MaybeAt } from './columns.js';

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

export interface EventsTables {
  event_keys: EventKeysTable;
  outbox: OutboxTable;
  outbox_shards: OutboxShardsTable;
  inbox: InboxTable;
  dead_letters: DeadLettersTable;
}
