import { sql } from 'kysely';
import type { Problem } from '#libs/kernel';
import { json, type Row, type Transaction } from '#libs/platform/database';
import { usualMailText, type MailKind, type MailText, type TicketMailLanguage } from '../model/index.js';
import type { TicketRow } from './ticket.store.js';

export type TicketMailRow = Row<'ticket_mails'>;
export type TicketMailTemplateRow = Row<'ticket_mail_templates'>;

/** Somebody whom mails about a ticket go to. */
export interface MailReceiver {
  readonly address: string;
  readonly name: string | null;
  readonly language: TicketMailLanguage;
}

/** Whose concern a ticket is, as far as they have an address: the requester, and the contact; each address once. */
export async function receiversOf(tx: Transaction, ticket: TicketRow): Promise<readonly MailReceiver[]> {
  const { rows } = await sql<{ mail: string; name: string | null; language: TicketMailLanguage | null }>`
    SELECT mail, name, language FROM receiver_of_subject(${ticket.tenant_id}, ${ticket.requester ?? ''})
    UNION ALL SELECT mail, name, language FROM contacts
    WHERE tenant_id = ${ticket.tenant_id} AND id = ${ticket.contact_id}::uuid AND mail IS NOT NULL`.execute(tx);
  const receivers = rows.map(({ mail: address, name, language }) => ({ address, name, language: language ?? 'de' }));
  return [...new Map(receivers.map((one) => [one.address.toLowerCase(), one])).values()];
}

/** Whether a customer wants no mails of this kind. */
export async function isMuted(tx: Transaction, tenant: string, kind: MailKind): Promise<boolean> {
  const row = await tx
    .selectFrom('ticket_mail_settings')
    .select('muted')
    .where('tenant_id', '=', tenant)
    .executeTakeFirst();
  return row?.muted.includes(kind) ?? false;
}

export interface NewTicketMail {
  readonly id: string;
  readonly kind: MailKind;
  readonly entry: number | null;
  readonly closesAt: Date | null;
  readonly receiver: MailReceiver;
  /** Why it is not sent; null: it is. */
  readonly suppressed: Problem | null;
  readonly eventIds: readonly string[];
}

export async function insertTicketMail(
  tx: Transaction,
  { tenant_id, id: ticket_id }: Pick<TicketRow, 'tenant_id' | 'id'>,
  { id, kind, entry, closesAt, receiver, suppressed, eventIds }: NewTicketMail,
): Promise<void> {
  const ended = suppressed === null ? {} : { ended_at: sql<Date>`now()`, problem: json(suppressed) };
  await tx
    .insertInto('ticket_mails')
    .values({
      ...{ tenant_id, id, ticket_id, kind, entry_sequence: entry, closes_at: closesAt, language: receiver.language },
      ...{ recipient: receiver.address, recipient_name: receiver.name, event_ids: [...eventIds] },
      ...{ status: suppressed === null ? 'requested' : 'suppressed', ...ended },
    })
    .execute();
}

/** Whether the last mail to an address that reached a server came back, and none has come from there since. */
export async function hasBounced(tx: Transaction, tenant: string, address: string): Promise<boolean> {
  // compared where the clock's microseconds are
  const { rows } = await sql<{ bounced: boolean }>`
    SELECT m.status = 'bounced' AND NOT EXISTS (
      SELECT FROM incoming_mails i WHERE i.tenant_id = m.tenant_id AND lower(i.from_address) = lower(${address})
        AND i.proven AND i.received_at > m.requested_at) AS bounced
    FROM ticket_mails m
    WHERE m.tenant_id = ${tenant} AND lower(m.recipient) = lower(${address}) AND m.status IN ('sent', 'bounced')
    ORDER BY m.requested_at DESC, m.id DESC LIMIT 1`.execute(tx);
  return rows[0]?.bounced ?? false;
}

/** Mails of a kind to an address in the last hour. */
export async function mailsOfLastHour(
  tx: Transaction,
  tenant: string,
  kind: MailKind,
  address: string,
): Promise<number> {
  const { count } = await tx
    .selectFrom('ticket_mails')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('tenant_id', '=', tenant)
    .where('kind', '=', kind)
    .where(sql<boolean>`lower(recipient) = lower(${address}) AND requested_at > now() - interval '1 hour'`)
    .executeTakeFirstOrThrow();
  return count;
}

export function findTicketMail(tx: Transaction, tenant: string, id: string): Promise<TicketMailRow | undefined> {
  return tx
    .selectFrom('ticket_mails')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Keeps the Message-ID of a mail before its first try. Gives the one that holds. */
export async function keepMessageId(tx: Transaction, mail: TicketMailRow, messageId: string): Promise<string> {
  const { message_id: kept } = await tx
    .updateTable('ticket_mails')
    .set({ message_id: sql<string>`coalesce(message_id, ${messageId})` })
    .where('tenant_id', '=', mail.tenant_id)
    .where('id', '=', mail.id)
    .returning('message_id')
    .executeTakeFirstOrThrow();
  return kept!;
}

export interface MailTry {
  readonly outcome: Row<'ticket_mail_attempts'>['outcome'];
  readonly code: string | null;
}

/** Puts a try on record, under the next number. */
export async function recordTry(tx: Transaction, mail: TicketMailRow, { outcome, code }: MailTry): Promise<void> {
  await sql`
    INSERT INTO ticket_mail_attempts (tenant_id, mail_id, number, outcome, code)
    SELECT ${mail.tenant_id}, ${mail.id}::uuid, coalesce(max(number), 0) + 1, ${outcome}, ${code}
    FROM ticket_mail_attempts WHERE tenant_id = ${mail.tenant_id} AND mail_id = ${mail.id}::uuid`.execute(tx);
}

export interface MailEnd {
  readonly status: 'sent' | 'refused' | 'no_mail_system' | 'given_up';
  readonly sentBy: string | null;
  readonly problem: Problem | null;
}

/** Ends a mail that is under way; one that has ended stays as it is. */
export async function endTicketMail(
  tx: Transaction,
  { tenant_id, id }: Pick<TicketMailRow, 'tenant_id' | 'id'>,
  { status, sentBy, problem }: MailEnd,
): Promise<void> {
  await tx
    .updateTable('ticket_mails')
    .set({ status, sent_by: sentBy, problem: problem && json(problem), ended_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
}

/** Message-IDs of the mails of a ticket that went out before one, the oldest first: programs show them as one thread. */
export async function messageIdsBefore(tx: Transaction, mail: TicketMailRow): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom('ticket_mails')
    .select('message_id')
    .where('tenant_id', '=', mail.tenant_id)
    .where('ticket_id', '=', mail.ticket_id)
    .where('recipient', '=', mail.recipient)
    .where('message_id', 'is not', null)
    .where('id', '<', mail.id)
    .orderBy('id', 'desc')
    .limit(10)
    .execute();
  return rows.map((row) => row.message_id!).reverse();
}

/** A text with where it comes from; `version` null: Stellwerk's own. */
export interface KeptMailText extends MailText {
  readonly from: string | null;
  readonly version: number | null;
}

/** The text that holds: the customer's, else the MSP's, else Stellwerk's own. The transaction sees both tenants. */
export async function mailTextFor(
  tx: Transaction,
  tenants: readonly string[],
  kind: MailKind,
  language: TicketMailLanguage,
): Promise<KeptMailText> {
  for (const tenant of tenants) {
    const { subject, body, version } = (await newestMailText(tx, tenant, kind, language)) ?? {};
    if (subject != null && body != null) return { subject, body, version: version!, from: tenant };
  }
  return { ...usualMailText(kind, language), from: null, version: null };
}

export function newestMailText(
  tx: Transaction,
  tenant: string,
  kind: MailKind,
  language: TicketMailLanguage,
): Promise<TicketMailTemplateRow | undefined> {
  return tx
    .selectFrom('ticket_mail_templates')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('kind', '=', kind)
    .where('language', '=', language)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** A mail with the number of times that it was tried. */
export type TriedMailRow = TicketMailRow & { readonly attempts: number };

/** Mails that went out about a ticket, the oldest first. */
export function ticketMailsOf(
  tx: Transaction,
  { tenant_id, id }: Pick<TicketRow, 'tenant_id' | 'id'>,
  limit: number,
): Promise<TriedMailRow[]> {
  return tx
    .selectFrom('ticket_mails as m')
    .selectAll('m')
    .select(
      sql<number>`(SELECT count(*) FROM ticket_mail_attempts a WHERE a.tenant_id = m.tenant_id AND a.mail_id = m.id)::int`.as(
        'attempts',
      ),
    )
    .where('m.tenant_id', '=', tenant_id)
    .where('m.ticket_id', '=', id)
    .orderBy('m.requested_at')
    .orderBy('m.id')
    .limit(limit)
    .execute();
}

/** Keeps a text as the next version; null brings Stellwerk's own, or the MSP's, back. Gives the version. */
export async function putMailText(
  tx: Transaction,
  tenant: string,
  { kind, language }: { readonly kind: MailKind; readonly language: TicketMailLanguage },
  text: MailText | null,
  by: string,
): Promise<number> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`stellwerk.ticket-mail-text.${tenant}`}, 0))`.execute(tx);
  const version = ((await newestMailText(tx, tenant, kind, language))?.version ?? 0) + 1;
  const { subject = null, body = null } = text ?? {};
  await tx
    .insertInto('ticket_mail_templates')
    .values({ tenant_id: tenant, kind, language, version, subject, body, set_by: by })
    .execute();
  return version;
}
