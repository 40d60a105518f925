import { sql } from 'kysely';
import { inTenants, type Database, type Transaction } from '../database/index.js';
import type { LinkPurpose } from './link-purposes.js';
import { hashOfMailedToken, isSignedFor, readMailedToken } from './mailed-token.js';

/** Where a link stands: only an open one can be used. */
export type MailedLinkState = 'open' | 'used' | 'expired' | 'revoked';

/** A link as it may be told of, never its token. Instants are the database's. */
export interface MailedLink {
  readonly tenant: string;
  readonly id: string;
  readonly purpose: LinkPurpose;
  /** What it is for, by the purpose. */
  readonly objectId: string;
  /** The mail address that it was sent to. */
  readonly recipient: string;
  /** The language of whoever it was sent to; null: not known. */
  readonly language: 'de' | 'en' | null;
  readonly state: MailedLinkState;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
}

/** What somebody presents: a link of ours, or one that never was, or one that is gone since. */
export type PresentedLink =
  | { readonly kind: 'link'; readonly link: MailedLink }
  /** We signed it and do not have it any more. */
  | { readonly kind: 'gone' }
  /** Nobody of ours signed it for this tenant and purpose: changed, copied by halves, or made up. */
  | { readonly kind: 'forged' };

const state = sql<MailedLinkState>`CASE WHEN used_at IS NOT NULL THEN 'used' WHEN revoked_at IS NOT NULL THEN 'revoked'
  WHEN expires_at <= now() THEN 'expired' ELSE 'open' END`;

/** What stands behind a link, looked up without changing anything: mail scanners open every link. */
export async function presentedLink(database: Database, purpose: LinkPurpose, text: string): Promise<PresentedLink> {
  const token = readMailedToken(text);
  if (!token) return { kind: 'forged' };
  return inTenants(database, [token.tenant], async (tx) => {
    if (!isSignedFor(token, purpose, await publicKeys(tx, token.tenant))) return { kind: 'forged' };
    const link = await links(tx, token.tenant)
      .where('id', '=', token.id)
      .where('purpose', '=', purpose)
      .where('token_hash', '=', hashOfMailedToken(text))
      .executeTakeFirst();
    return link ? { kind: 'link', link } : { kind: 'gone' };
  });
}

async function publicKeys(tx: Transaction, tenant: string): Promise<Buffer[]> {
  const rows = await tx
    .selectFrom('mailed_link_keys')
    .select('public_key')
    .where('tenant_id', '=', tenant)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map((row) => row.public_key);
}

/** Uses an open link up, once: of two who act at the same time the second gets false, and has to take back what it did. */
export async function useLink(tx: Transaction, { tenant, id }: Pick<MailedLink, 'tenant' | 'id'>): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('mailed_links')
    .set({ used_at: sql<Date>`clock_timestamp()` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Which links: all of one object, or those that went to one address. */
export interface LinksOf {
  readonly tenant: string;
  readonly purpose: LinkPurpose;
  readonly objectId: string;
  readonly recipient?: string;
}

/** Takes links back that nobody used. Gives how many there were. */
export async function revokeMailedLinks(tx: Transaction, of: LinksOf): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('mailed_links')
    .set({ revoked_at: sql<Date>`now()` })
    .where('tenant_id', '=', of.tenant)
    .where('purpose', '=', of.purpose)
    .where('object_id', '=', of.objectId)
    .$if(of.recipient !== undefined, (query) => query.where('recipient', '=', of.recipient!))
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Links of an object in the order of their making, without their tokens. */
export function listMailedLinks(tx: Transaction, of: LinksOf): Promise<MailedLink[]> {
  return links(tx, of.tenant)
    .where('purpose', '=', of.purpose)
    .where('object_id', '=', of.objectId)
    .$if(of.recipient !== undefined, (query) => query.where('recipient', '=', of.recipient!))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

function links(tx: Transaction, tenant: string) {
  return tx
    .selectFrom('mailed_links')
    .select([
      'tenant_id as tenant',
      'id',
      sql<LinkPurpose>`purpose`.as('purpose'),
      'object_id as objectId',
      'recipient',
      'language',
      'created_at as createdAt',
      'expires_at as expiresAt',
      'used_at as usedAt',
      state.as('state'),
    ])
    .where('tenant_id', '=', tenant);
}
