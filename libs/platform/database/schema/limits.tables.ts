import type { At } from './columns.js';

export interface TenantLimitsTable {
  tenant_id: string;
  name: string;
  per_second: number | null;
  most: number;
  set_by: string;
  set_at: At;
}

export interface LimitBucketsTable {
  tenant_id: string;
  name: string;
  ref: string;
  tokens: number;
  granted: number;
  refilled_at: Date;
}

export interface LimitSlotsTable {
  tenant_id: string;
  name: string;
  ref: string;
  instance: string;
  slots: number;
  expires_at: Date;
}

export interface SignInFailuresTable {
  tenant_id: string;
  kind: 'address' | 'stranger' | 'known';
  ref: string;
  failures: number;
  failed_at: Date;
}

export interface SignInPlacesTable {
  tenant_id: string;
  account: string;
  place: string;
  seen_at: At;
}

export interface LimitsTables {
  tenant_limits: TenantLimitsTable;
  limit_buckets: LimitBucketsTable;
  limit_slots: LimitSlotsTable;
  sign_in_failures: SignInFailuresTable;
  sign_in_places: SignInPlacesTable;
}
