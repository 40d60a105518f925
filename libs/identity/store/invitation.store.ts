import { sql } from 'kysely';
import { json, type Row, type Transaction } from '#libs/platform/database';

export type InvitationState = 'open' | 'accepted' | 'withdrawn' | 'expired';

/** A role that somebody gets when they accept. */
export interface InvitedGrant {
  readonly role: string;
  readonly covers: 'home' | 'all' | 'group' | 'tenant';
  /** The group's or the customer's id; null for `home` and `all`. */
  readonly coversId: string | null;
}

/** An invitation as it stands now. Instants are the database's. */
export interface Invitation {
  readonly tenant: string;
  readonly id: string;
  /** The id that the person has, or will have. */
  readonly personId: string;
  readonly source: Row<'invitations'>['source'];
  readonly mail: string | null;
  readonly byMail: boolean;
  readonly name: string;
  readonly language: 'de' | 'en';
  readonly grants: readonly InvitedGrant[];
  readonly invitedBy: string;
  readonly createdAt: Date;
  /** Counts its sendings from 1; each has a link of its own. */
  readonly number: number;
  readonly validDays: number;
  readonly expiresAt: Date;
  readonly acceptedAt: Date | null;
  readonly withdrawnAt: Date | null;
  readonly state: InvitationState;
  /** Its time is over and that is on record. */
  readonly expiredAt: Date | null;
  /** Where it stands in a list: microseconds since 1970. */
  readonly place: number;
}

const state = sql<InvitationState>`CASE WHEN accepted_at IS NOT NULL THEN 'accepted' WHEN withdrawn_at IS NOT NULL THEN 'withdrawn'
  WHEN expired_at IS NOT NULL OR expires_at <= now() THEN 'expired' ELSE 'open' END`;

function invitations(tx: Transaction) {
  return tx
    .selectFrom('invitations')
    .select(['tenant_id as tenant', 'id', 'person_id as personId', 'source', 'mail', 'by_mail as byMail'])
    .select(['display_name as name', 'language', 'grants', 'invited_by as invitedBy', 'created_at as createdAt'])
    .select(['number', 'valid_days as validDays', 'expires_at as expiresAt', 'accepted_at as acceptedAt'])
    .select(['withdrawn_at as withdrawnAt', 'expired_at as expiredAt', state.as('state')])
    .select(sql<number>`(extract(epoch FROM created_at) * 1000000)::bigint`.as('place'));
}

export function findInvitation(
  tx: Transaction,
  tenants: readonly string[],
  id: string,
): Promise<Invitation | undefined> {
  return invitations(tx).where('tenant_id', 'in', tenants).where('id', '=', id).executeTakeFirst();
}

/** As `findInvitation`, held until the transaction ends. */
export function holdInvitation(tx: Transaction, tenant: string, id: string): Promise<Invitation | undefined> {
  return invitations(tx).where('tenant_id', '=', tenant).where('id', '=', id).forUpdate().executeTakeFirst();
}

/** Open invitations to a person, held until the transaction ends. */
export function holdInvitationsOf(tx: Transaction, tenant: string, personId: string): Promise<Invitation[]> {
  return invitations(tx)
    .where('tenant_id', '=', tenant)
    .where('person_id', '=', personId)
    .where(sql<boolean>`num_nonnulls(accepted_at, withdrawn_at, expired_at) = 0 AND expires_at > now()`)
    .forUpdate()
    .execute();
}

/** The newest first. */
export function listInvitations(
  tx: Transaction,
  filter: {
    readonly tenants: readonly string[];
    readonly after: { readonly at: number; readonly id: string } | null;
    readonly limit: number;
  },
): Promise<Invitation[]> {
  const { tenants, after, limit } = filter;
  return invitations(tx)
    .where('tenant_id', 'in', tenants)
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(created_at, id) < (to_timestamp(${after!.at}::numeric / 1000000), ${after!.id}::uuid)`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

export type NewInvitationRow = Pick<
  Invitation,
  | 'tenant'
  | 'id'
  | 'personId'
  | 'source'
  | 'mail'
  | 'byMail'
  | 'name'
  | 'language'
  | 'grants'
  | 'invitedBy'
  | 'validDays'
>;

/** Gives false when an invitation to the same person or address is open. */
export async function insertInvitation(tx: Transaction, row: NewInvitationRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('invitations')
    .values({
      tenant_id: row.tenant,
      id: row.id,
      person_id: row.personId,
      source: row.source,
      mail: row.mail,
      by_mail: row.byMail,
      display_name: row.name,
      language: row.language,
      grants: json(row.grants),
      invited_by: row.invitedBy,
      valid_days: row.validDays,
      expires_at: sql<Date>`now() + ${row.validDays} * interval '1 day'`,
      event_ids: [row.id],
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** What becomes of an invitation, with the event that tells its workflow; null: nobody has to be told. */
export type InvitationChange =
  | { readonly kind: 'resent' }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'withdrawn'; readonly by: string }
  | { readonly kind: 'expired' };

/** Changes an open invitation, or expires one whose time is over. Gives whether it did: the first wins. */
export async function changeInvitation(
  tx: Transaction,
  { tenant, id }: Pick<Invitation, 'tenant' | 'id'>,
  change: InvitationChange,
  eventId: string,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('invitations')
    .set({ ...columnsOf(change), event_ids: sql`event_ids || ${eventId}::uuid` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where(sql<boolean>`num_nonnulls(accepted_at, withdrawn_at, expired_at) = 0`)
    .where(change.kind === 'expired' ? sql<boolean>`expires_at <= now()` : sql<boolean>`expires_at > now()`)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

function columnsOf(change: InvitationChange) {
  const now = sql<Date>`now()`;
  switch (change.kind) {
    case 'resent':
      return { number: sql<number>`number + 1`, expires_at: sql<Date>`now() + valid_days * interval '1 day'` };
    case 'accepted':
      return { accepted_at: now };
    case 'withdrawn':
      return { withdrawn_at: now, withdrawn_by: change.by };
    case 'expired':
      return { expired_at: now };
  }
}

/** Those to this address or person whose time is over, and that nobody noted yet. */
export async function overdueInvitations(
  tx: Transaction,
  tenant: string,
  { mail, personId }: { readonly mail: string | null; readonly personId: string },
): Promise<string[]> {
  const rows = await tx
    .selectFrom('invitations')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where(sql<boolean>`(person_id = ${personId} OR lower(mail) = lower(${mail}))`)
    .where(sql<boolean>`num_nonnulls(accepted_at, withdrawn_at, expired_at) = 0 AND expires_at <= now()`)
    .execute();
  return rows.map((row) => row.id);
}

/** People of a tenant with this mail address, but those who are closed for good, and whether they can sign in. */
export async function peopleWithMail(
  tx: Transaction,
  tenant: string,
  mail: string,
): Promise<{ readonly id: string; readonly status: string; readonly canSignIn: boolean }[]> {
  const { rows } = await sql<{ id: string; status: string; canSignIn: boolean }>`
    SELECT p.id, p.status, EXISTS (SELECT FROM passkeys k WHERE k.tenant_id = p.tenant_id AND k.person_id = p.id)
        OR EXISTS (SELECT FROM person_identities i WHERE i.tenant_id = p.tenant_id AND i.person_id = p.id) AS "canSignIn"
    FROM people p WHERE p.tenant_id = ${tenant} AND lower(p.mail) = lower(${mail})
      AND NOT (p.status = 'closed' AND p.closed_by IS NULL) ORDER BY p.created_at, p.id`.execute(tx);
  return rows;
}
