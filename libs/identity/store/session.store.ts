import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import type { Database, Row, Transaction } from '#libs/platform/database';

/** A session as it may be shown. Instants are the database's. */
export interface Session {
  readonly tenant: string;
  readonly id: string;
  readonly personId: string;
  readonly method: Row<'sessions'>['method'];
  readonly provider: string | null;
  readonly secondFactor: boolean;
  readonly userAgent: string | null;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  /** When it ends without another call, and when it ends in any case. */
  readonly idleEndsAt: Date;
  readonly endsAt: Date;
}

/** A session that begins. */
export interface NewSession {
  readonly tenant: string;
  readonly id: string;
  readonly tokenHash: Buffer;
  readonly personId: string;
  readonly method: Row<'sessions'>['method'];
  readonly secondFactor: boolean;
  readonly userAgent: string | null;
  readonly idleMinutes: number;
  /** Counted from now. */
  readonly hours: number;
  /** What it began with, where that was one. */
  readonly passkeyId?: string;
  readonly issuer: {
    readonly providerId: string;
    readonly sid: string | null;
    readonly subject: string;
    /** Encrypted with the session's token. */
    readonly refreshToken: Buffer | null;
    readonly idToken: Buffer | null;
  } | null;
}

export type EndReason = NonNullable<Row<'sessions'>['end_reason']>;

export async function insertSession(tx: Transaction, session: NewSession): Promise<void> {
  const { issuer } = session;
  await tx
    .insertInto('sessions')
    .values({
      tenant_id: session.tenant,
      id: session.id,
      token_hash: session.tokenHash,
      person_id: session.personId,
      method: session.method,
      second_factor: session.secondFactor,
      user_agent: session.userAgent,
      idle_minutes: session.idleMinutes,
      expires_at: sql<Date>`now() + ${session.hours}::float8 * interval '1 hour'`,
      passkey_id: session.passkeyId ?? null,
      provider_id: issuer?.providerId ?? null,
      issuer_sid: issuer?.sid ?? null,
      issuer_subject: issuer?.subject ?? null,
      refresh_token: issuer?.refreshToken ?? null,
      id_token: issuer?.idToken ?? null,
      claims_read_at: issuer ? sql<Date>`now()` : null,
    })
    .execute();
}

/** An id for a session that is about to begin. */
export function newSessionId(): string {
  return newId();
}

/** The open sessions of a person, the youngest first. */
export function openSessions(tx: Transaction, tenant: string, personId: string): Promise<Session[]> {
  return tx
    .selectFrom('sessions as s')
    .leftJoin('identity_providers as p', (join) =>
      join.onRef('p.tenant_id', '=', 's.tenant_id').onRef('p.id', '=', 's.provider_id'),
    )
    .select([
      's.tenant_id as tenant',
      's.id',
      's.person_id as personId',
      's.method',
      'p.name as provider',
      's.second_factor as secondFactor',
      's.user_agent as userAgent',
      's.created_at as createdAt',
      's.last_seen_at as lastSeenAt',
      sql<Date>`least(s.last_seen_at + make_interval(mins => s.idle_minutes), s.expires_at)`.as('idleEndsAt'),
      's.expires_at as endsAt',
    ])
    .where('s.tenant_id', '=', tenant)
    .where('s.person_id', '=', personId)
    .where('s.ended_at', 'is', null)
    .where('s.expires_at', '>', sql<Date>`now()`)
    .where(sql<boolean>`s.last_seen_at > now() - make_interval(mins => s.idle_minutes)`)
    .orderBy('s.created_at', 'desc')
    .orderBy('s.id', 'desc')
    .execute();
}

/** Which sessions to end: one, all of a person's, of a provider's, or begun with these passkeys. */
export interface SessionChoice {
  readonly tenant: string;
  readonly id?: string;
  readonly personId?: string;
  readonly providerId?: string;
  readonly passkeyIds?: readonly string[];
}

/** Ends open sessions. Gives the ids of those that it ended. */
export async function endSessions(
  tx: Transaction,
  { tenant, id, personId, providerId, passkeyIds }: SessionChoice,
  by: string,
  reason: EndReason,
): Promise<string[]> {
  const ended = await tx
    .updateTable('sessions')
    .set({ ended_at: sql<Date>`now()`, ended_by: by, end_reason: reason, refresh_token: null, id_token: null })
    .where('tenant_id', '=', tenant)
    .where('ended_at', 'is', null)
    .$if(id !== undefined, (query) => query.where('id', '=', id!))
    .$if(personId !== undefined, (query) => query.where('person_id', '=', personId!))
    .$if(providerId !== undefined, (query) => query.where('provider_id', '=', providerId!))
    .$if(passkeyIds !== undefined, (query) => query.where('passkey_id', 'in', passkeyIds!))
    .returning('id')
    .execute();
  return ended.map((row) => row.id);
}

/** What of an open session belongs to its issuer. */
export function findIssuerPart(tx: Transaction, tenant: string, id: string) {
  return tx
    .selectFrom('sessions')
    .select(['person_id', 'provider_id', 'issuer_subject', 'second_factor', 'refresh_token', 'id_token'])
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
}

/** Takes the turn at reading a session's claims anew; null when somebody else has it, or they are young enough. */
export async function takeClaimsTurn(tx: Transaction, tenant: string, id: string, olderThanSeconds: number) {
  const row = await tx
    .updateTable('sessions')
    .set({ claims_asked_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('refresh_token', 'is not', null)
    .where(sql<boolean>`claims_read_at < now() - ${olderThanSeconds} * interval '1 second'`)
    .where(sql<boolean>`coalesce(claims_asked_at, '-infinity') < now() - interval '30 seconds'`)
    .returning(['provider_id', 'person_id', 'issuer_subject', 'refresh_token'])
    .executeTakeFirst();
  return row ?? null;
}

/** Notes that claims were read just now, with the refresh token for the next time. */
export async function noteClaimsRead(tx: Transaction, tenant: string, id: string, refreshToken: Buffer): Promise<void> {
  await tx
    .updateTable('sessions')
    .set({ claims_read_at: sql<Date>`now()`, refresh_token: refreshToken })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
}

/** Open sessions that an issuer wants ended, by its own session, by its own person, or both; asked before the tenant is known. */
export async function sessionsAtIssuer(
  database: Database,
  at: {
    readonly issuer: string;
    readonly clientId: string;
    readonly sid: string | null;
    readonly subject: string | null;
  },
): Promise<{ readonly tenant: string; readonly id: string }[]> {
  const { rows } = await sql<{ tenant: string; id: string }>`
    SELECT tenant_id AS tenant, id FROM sessions_at_issuer(${at.issuer}, ${at.clientId}, ${at.sid}, ${at.subject})`.execute(
    database,
  );
  return rows;
}
