import { sql } from 'kysely';
import { AppError, newId } from '#libs/kernel';
import { inTenants, type Database, type Transaction } from '../database/index.js';
import type { SealedValues } from '../secrets/index.js';
import { LINK_PURPOSES, linkPath, type LinkPurpose } from './link-purposes.js';
import { hashOfMailedToken, newLinkKey, newMailedToken } from './mailed-token.js';

/** A link that lives longer than its purpose allows. */
export class LinkTooLong extends AppError {
  readonly code = 'mailed_link.too_long';
  readonly title = 'A link would be valid for too long';
  readonly kind = 'internal';
}

/** What a link is made for. */
export interface WantedLink {
  readonly tenant: string;
  readonly purpose: LinkPurpose;
  readonly objectId: string;
  /** The mail address that it goes to. */
  readonly recipient: string;
  /** The language of whoever gets it; null: not known. */
  readonly language: 'de' | 'en' | null;
  readonly validHours: number;
  /** What it is for ends then, and the link with it, however long it would be valid. */
  readonly notAfter?: Date | null;
}

/** A link that was just made ready to be sent. */
export interface OfferedMailedLink {
  readonly id: string;
  readonly expiresAt: Date;
  /** Holds the token: for the mail to its receiver, and for nothing that is kept. */
  readonly url: string;
  /** IANA zone of the customer, in which a reader is told until when it is valid. */
  readonly timeZone: string;
}

interface OpenLink {
  readonly id: string;
  readonly expiresAt: Date;
}

const KEYS = 'mailed-link-keys';
const TOKEN = 'token';

/** Makes links for mails. Only an activity does: the token is sealed before it is sent, and a repeat sends the same. */
export class MailedLinks {
  /** `publicUrl` is where people reach the API, without a slash at its end. */
  constructor(
    private readonly database: Database,
    private readonly sealed: SealedValues,
    private readonly publicUrl: string,
  ) {}

  /** The open link of this object and recipient, made when there is none. Throws `LinkTooLong`. */
  async offer(wanted: WantedLink): Promise<OfferedMailedLink> {
    const { tenant, purpose, validHours } = wanted;
    const { longestHours } = LINK_PURPOSES[purpose];
    if (validHours > longestHours)
      throw new LinkTooLong(`A link for ${purpose} is valid for ${longestHours} hours at most.`);
    const known = await inTenants(this.database, [tenant], (tx) => findOpen(tx, wanted));
    const link = known ?? (await this.make(wanted));
    const token = await this.sealed.read(tenant, ownerOf(link.id), TOKEN);
    const timeZone = await inTenants(this.database, [tenant], (tx) => zoneOf(tx, tenant));
    return { ...link, url: `${this.publicUrl}${linkPath(purpose)}${token}`, timeZone };
  }

  /** Sealed first: a link whose token nobody knows any more could be sent to nobody. */
  private async make(wanted: WantedLink): Promise<OpenLink> {
    const { tenant, purpose, objectId: object_id, recipient, language } = wanted;
    const secret = await this.signingKey(tenant);
    const id = newId();
    const expiresAt = await inTenants(this.database, [tenant], (tx) => endOf(tx, wanted));
    const token = await this.sealed.sealOnce(tenant, ownerOf(id), TOKEN, () =>
      newMailedToken(secret, { tenant, purpose, id, expiresAt }),
    );
    const row = { tenant_id: tenant, id, purpose, object_id, recipient, language, expires_at: expiresAt };
    return inTenants(this.database, [tenant], async (tx) => {
      // two mails at once, a question and its reminder, carry one link
      const place = JSON.stringify(['mailed-link', tenant, purpose, object_id, recipient]);
      await sql`SELECT pg_advisory_xact_lock(hashtextextended(${place}, 0))`.execute(tx);
      const other = await findOpen(tx, wanted);
      if (other) return other;
      const token_hash = hashOfMailedToken(token);
      await tx
        .insertInto('mailed_links')
        .values({ ...row, token_hash })
        .execute();
      return { id, expiresAt };
    });
  }

  /** The tenant's newest key. Two workers that make its first at once make two, and both count. */
  private async signingKey(tenant: string): Promise<string> {
    const key = await inTenants(this.database, [tenant], (tx) => newestKey(tx, tenant));
    if (key) return (await this.sealed.read(tenant, KEYS, key.id))!;
    const id = newId();
    const pair = newLinkKey();
    await this.sealed.sealOnce(tenant, KEYS, id, () => pair.secret);
    await inTenants(this.database, [tenant], (tx) =>
      tx.insertInto('mailed_link_keys').values({ tenant_id: tenant, id, public_key: pair.publicKey }).execute(),
    );
    return pair.secret;
  }
}

function ownerOf(id: string): string {
  return `mailed-link/${id}`;
}

function findOpen(
  tx: Transaction,
  { tenant, purpose, objectId, recipient }: WantedLink,
): Promise<OpenLink | undefined> {
  return tx
    .selectFrom('mailed_links')
    .select(['id', 'expires_at as expiresAt'])
    .where('tenant_id', '=', tenant)
    .where('purpose', '=', purpose)
    .where('object_id', '=', objectId)
    .where('recipient', '=', recipient)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
}

function newestKey(tx: Transaction, tenant: string): Promise<{ readonly id: string } | undefined> {
  return tx
    .selectFrom('mailed_link_keys')
    .select('id')
    .where('tenant_id', '=', tenant)
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
}

/** Whole seconds: the token has no room for more. */
async function endOf(
  tx: Transaction,
  { validHours, notAfter = null }: Pick<WantedLink, 'validHours' | 'notAfter'>,
): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`
    SELECT date_trunc('second', least(now() + ${validHours}::float8 * interval '1 hour', ${notAfter}::timestamptz)) AS at`.execute(
    tx,
  );
  return rows[0]!.at;
}

async function zoneOf(tx: Transaction, tenant: string): Promise<string> {
  const row = await tx.selectFrom('tenants').select('time_zone').where('id', '=', tenant).executeTakeFirstOrThrow();
  return row.time_zone;
}
