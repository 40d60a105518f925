import { sql } from 'kysely';
import type { Actor, Maker } from '#libs/platform/access';
import type { Transaction } from '#libs/platform/database';
import type { Place } from '../http/cursor.js';

/** A key without its hash, which nobody can read. */
export interface ApiKeyRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly name: string;
  readonly subject: string;
  readonly role: string;
  readonly scopes: string[] | null;
  readonly covers: string[] | null;
  readonly created_at: Date;
  readonly created_by: string | null;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
  readonly successor: string | null;
  readonly is_expired: boolean;
  readonly kind: Actor['kind'];
  /** What whoever made it may do now. */
  readonly maker: Maker;
  /** It is the key of a person who is locked or closed. */
  readonly is_shut_out: boolean;
  /** Microseconds since 1970. */
  readonly place: number;
}

export type NewApiKey = Pick<ApiKeyRow, 'id' | 'name' | 'subject' | 'role' | 'scopes' | 'covers'> & {
  readonly hash: Buffer;
  readonly createdBy: string;
  readonly validDays: number;
};

function keys(tx: Transaction) {
  return tx
    .selectFrom('api_keys')
    .select(['tenant_id', 'id', 'name', 'subject', 'role', 'scopes', 'covers', 'created_at', 'created_by'])
    .select(['expires_at', 'last_used_at', 'revoked_at', 'successor'])
    .select(sql<Actor['kind']>`(SELECT t.kind FROM tenants t WHERE t.id = api_keys.tenant_id)`.as('kind'))
    .select(sql<Maker>`rights_of_maker(created_by)`.as('maker'))
    .select(sql<boolean>`subject NOT LIKE 'key.%' AND is_shut_out(subject)`.as('is_shut_out'))
    .select(sql<boolean>`coalesce(expires_at <= now(), false)`.as('is_expired'))
    .select(sql<number>`(extract(epoch FROM created_at) * 1000000)::bigint`.as('place'));
}

export async function insertApiKey(tx: Transaction, tenant: string, key: NewApiKey): Promise<ApiKeyRow> {
  const { id, name, subject, role, scopes, covers, hash, createdBy, validDays } = key;
  const expires_at = sql<Date>`now() + ${validDays} * interval '1 day'`;
  await tx
    .insertInto('api_keys')
    .values({
      tenant_id: tenant,
      id,
      name,
      subject,
      role,
      scopes,
      covers,
      key_hash: hash,
      created_by: createdBy,
      expires_at,
    })
    .execute();
  return (await findApiKey(tx, [tenant], id))!;
}

export function findApiKey(tx: Transaction, tenants: readonly string[], id: string): Promise<ApiKeyRow | undefined> {
  return keys(tx).where('tenant_id', 'in', tenants).where('id', '=', id).executeTakeFirst();
}

/** As `findApiKey`, held until the transaction ends. */
export function holdApiKey(tx: Transaction, tenant: string, id: string): Promise<ApiKeyRow | undefined> {
  return keys(tx).where('tenant_id', '=', tenant).where('id', '=', id).forUpdate().executeTakeFirst();
}

/** The newest first. */
export function listApiKeys(
  tx: Transaction,
  { tenants, after, limit }: { tenants: readonly string[]; after: Place | null; limit: number },
): Promise<ApiKeyRow[]> {
  return keys(tx)
    .where('tenant_id', 'in', tenants)
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(created_at, id) < (to_timestamp(${after!.at}::numeric / 1000000), ${after!.id}::uuid)`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** Lets a key hold beside its successor for a while, never longer than it would have. */
export async function succeedApiKey(
  tx: Transaction,
  { tenant_id: tenant, id }: ApiKeyRow,
  successor: string,
  overlapHours: number,
): Promise<void> {
  const end = sql<Date>`least(coalesce(expires_at, 'infinity'), now() + ${overlapHours} * interval '1 hour')`;
  await tx
    .updateTable('api_keys')
    .set({ successor, expires_at: end })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .execute();
}

export async function revokeApiKey(tx: Transaction, tenant: string, id: string): Promise<void> {
  await tx
    .updateTable('api_keys')
    .set({ revoked_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
}
