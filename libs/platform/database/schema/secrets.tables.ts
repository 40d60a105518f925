import type { ColumnType } from 'kysely';
import type { At, MaybeAt } from './columns.js';

export interface SecretsTable {
  tenant_id: string;
  name: string;
  version: number;
  id: string;
  key_id: string | null;
  wrapped_key: Buffer | null;
  ciphertext: Buffer | null;
  set_by: string;
  set_at: At;
  last_used_at: MaybeAt;
  ended_by: ColumnType<string | null, string | null | undefined, string | null>;
  ended_at: MaybeAt;
}
export interface SealedValuesTable {
  tenant_id: string;
  owner: string;
  name: string;
  key_id: string;
  wrapped_key: Buffer;
  ciphertext: Buffer;
  created_at: At;
}
export interface PayloadKeysTable {
  tenant_id: string;
  version: number;
  key_id: string;
  wrapped_key: Buffer;
  created_at: At;
}

export interface SecretsTables {
  payload_keys: PayloadKeysTable;
  secrets: SecretsTable;
  sealed_values: SealedValuesTable;
}
