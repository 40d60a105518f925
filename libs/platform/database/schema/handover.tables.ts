import type { ColumnType, Generated } from 'kysely';
import type { At, MaybeAt } from './columns.js';

export interface TenantExportsTable {
  tenant_id: string;
  id: string;
  recipient: string;
  reason: string;
  requested_by: string;
  requested_at: At;
  status: Generated<'building' | 'ready' | 'gone'>;
  manifest: ColumnType<string | null, never, string | null>;
  hash: ColumnType<string | null, never, string | null>;
  ready_at: MaybeAt;
  available_until: MaybeAt;
  event_ids: string[];
}

export interface TenantExportReleasesTable {
  tenant_id: string;
  export_id: string;
  side: 'msp' | 'customer';
  released_by: string;
  hash: string;
  released_at: At;
}

export interface TenantExportChunksTable {
  tenant_id: string;
  export_id: string;
  file: string;
  seq: number;
  bytes: Buffer;
}

export interface TenantExportFilesTable {
  tenant_id: string;
  export_id: string;
  file: string;
  rows: number;
  plain_sha256: string;
  sha256: string;
  size: number;
  read_at: At;
}

export interface HandoverTables {
  tenant_exports: TenantExportsTable;
  tenant_export_releases: TenantExportReleasesTable;
  tenant_export_chunks: TenantExportChunksTable;
  tenant_export_files: TenantExportFilesTable;
}
