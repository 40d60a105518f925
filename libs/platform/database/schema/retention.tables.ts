import type { ColumnType } from 'kysely';
import type { At, MaybeAt } from './columns.js';

export interface TenantRetentionTable {
  tenant_id: string;
  id: string;
  days: ColumnType<Readonly<Record<string, number>>, string | undefined, string>;
  begun_at: At;
  set_by: ColumnType<string | null, string | null | undefined, string | null>;
  set_at: MaybeAt;
  event_ids: ColumnType<string[], string[] | undefined, string[]>;
}

export interface RetentionTables {
  tenant_retention: TenantRetentionTable;
}
