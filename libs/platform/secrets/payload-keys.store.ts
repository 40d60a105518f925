import { sql } from 'kysely';
import { inTenants, type Database, type Transaction } from '../database/index.js';
import type { WrappedKey } from './keys/index.js';

/** A payload key as it is kept. */
export interface KeptPayloadKey extends WrappedKey {
  readonly version: number;
  /** Young enough to encrypt more with it. */
  readonly isYoung: boolean;
}

/** A key encrypts for so long; then a next version is made. It goes on opening what it encrypted. */
const LIFE = '90 days';

/** A tenant's newest key, or one version of it; undefined when there is none. */
export function readPayloadKey(
  database: Database,
  tenant: string,
  version?: number,
): Promise<KeptPayloadKey | undefined> {
  return inTenants(database, [tenant], (tx) => select(tx, tenant, version));
}

/** Keeps a key unless its version is taken. Gives the tenant's newest one, whoever made it. */
export function keepPayloadKey(
  database: Database,
  tenant: string,
  version: number,
  { keyId, wrapped }: WrappedKey,
): Promise<KeptPayloadKey> {
  return inTenants(database, [tenant], async (tx) => {
    await tx
      .insertInto('payload_keys')
      .values({ tenant_id: tenant, version, key_id: keyId, wrapped_key: wrapped })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return (await select(tx, tenant))!;
  });
}

function select(tx: Transaction, tenant: string, version?: number): Promise<KeptPayloadKey | undefined> {
  return tx
    .selectFrom('payload_keys')
    .select(['version', 'key_id as keyId', 'wrapped_key as wrapped'])
    .select(sql<boolean>`created_at > now() - ${LIFE}::interval`.as('isYoung'))
    .where('tenant_id', '=', tenant)
    .$if(version !== undefined, (query) => query.where('version', '=', version!))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}
