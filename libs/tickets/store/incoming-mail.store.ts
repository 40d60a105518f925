import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { json, type Row, type Transaction } from '#libs/platform/database';
import {
  USUAL_UNKNOWN_SENDERS,
  type IncomingMail,
  type MailOutcome,
  type UnknownSenderPolicy,
} from '../model/index.js';

export type IncomingMailRow = Row<'incoming_mails'>;

/** How a mail came to us. */
export interface MailOrigin {
  readonly source: 'smtp' | 'imap';
  /** The mailbox that it was read from, and whose that is. */
  readonly mailbox: { readonly tenant: string; readonly id: string } | null;
}

/** Somebody of a tenant, by an address. */
export interface KnownSender {
  /** Histories' name of a person with an account; null: a contact, or an address that several share. */
  readonly subject: string | null;
  readonly contactId: string | null;
}

/** Who of a tenant has an address: somebody with an account that may come in, else a contact. Undefined: nobody. */
export async function senderAt(tx: Transaction, tenant: string, address: string): Promise<KnownSender | undefined> {
  const people = await tx
    .selectFrom('people')
    .select('subject')
    .where('tenant_id', '=', tenant)
    .where('status', '=', 'active')
    .where(sql<boolean>`lower(mail) = lower(${address})`)
    .limit(2)
    .execute();
  if (people.length > 0) return { subject: people.length === 1 ? people[0]!.subject : null, contactId: null };
  const contacts = await tx
    .selectFrom('contacts')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where(sql<boolean>`lower(mail) = lower(${address})`)
    .limit(2)
    .execute();
  if (contacts.length === 0) return undefined;
  return { subject: null, contactId: contacts.length === 1 ? contacts[0]!.id : null };
}

export async function unknownSendersOf(tx: Transaction, tenant: string): Promise<UnknownSenderPolicy> {
  const row = await tx
    .selectFrom('ticket_mail_settings')
    .select('unknown_senders')
    .where('tenant_id', '=', tenant)
    .executeTakeFirst();
  return row?.unknown_senders ?? USUAL_UNKNOWN_SENDERS;
}

/** Mails from an address in the last hour; `onlyOpened`: those that became tickets, whoever they were from. */
export async function arrivalsOfLastHour(
  tx: Transaction,
  tenant: string,
  { from, onlyOpened = false }: { readonly from?: string; readonly onlyOpened?: boolean },
): Promise<number> {
  const { count } = await tx
    .selectFrom('incoming_mails')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('tenant_id', '=', tenant)
    .where(sql<boolean>`received_at > now() - interval '1 hour'`)
    .$if(from !== undefined, (query) => query.where(sql<boolean>`lower(from_address) = ${from!}`))
    .$if(onlyOpened, (query) => query.where('outcome', '=', 'opened'))
    .executeTakeFirstOrThrow();
  return count;
}

/** The mail that this is again: the same by its fingerprint, or by Message-ID and a sender proven both times. */
export function findSameMail(
  tx: Transaction,
  tenant: string,
  mail: IncomingMail,
): Promise<IncomingMailRow | undefined> {
  const { fingerprint, messageId, from, proof } = mail;
  return tx
    .selectFrom('incoming_mails')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where((where) =>
      where.or([
        where('fingerprint', '=', fingerprint),
        ...(proof.proven && messageId !== null && from !== null
          ? [
              where.and([
                where('message_id', '=', messageId),
                where('from_address', '=', from.address),
                where('proven', '=', true),
              ]),
            ]
          : []),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
}

/**
 * Puts a mail on record as one that nobody has decided on; whoever holds the transaction says what became of it. Null when
 * somebody else put it there meanwhile. `withOriginal` false: its words are not kept.
 */
export async function insertIncomingMail(
  tx: Transaction,
  tenant: string,
  mail: IncomingMail,
  { source, mailbox }: MailOrigin,
  { withOriginal }: { readonly withOriginal: boolean },
): Promise<string | null> {
  const id = newId();
  const { from, proof, original } = mail;
  const attachments = mail.attachments.map(({ name, type, bytes }) => ({ name, type, bytes: bytes.length }));
  const words = withOriginal ? { text: mail.text, new_text: mail.newText } : { text: '', new_text: '' };
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('incoming_mails')
    .values({
      ...{ tenant_id: tenant, id, fingerprint: mail.fingerprint, source, mailbox_id: mailbox?.id ?? null },
      ...{ message_id: mail.messageId, refs: [...mail.references], envelope_from: mail.envelopeFrom },
      ...{ recipients: [...mail.recipients], from_address: from?.address ?? null, from_name: from?.name ?? null },
      ...{ subject: mail.subject, ...words, attachments: json(attachments), size: original.length },
      ...{ proof: json(proof), proven: proof.proven, outcome: 'quarantined' },
    })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'fingerprint']).doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n) return null;
  if (withOriginal)
    await tx.insertInto('incoming_mail_originals').values({ tenant_id: tenant, mail_id: id, original }).execute();
  return id;
}

export interface MailEnding {
  readonly outcome: MailOutcome;
  readonly reason?: string | null;
  readonly ticketId?: string | null;
  readonly sequence?: number | null;
  /** A person; null: it was decided by rule. */
  readonly by?: string | null;
}

/** Says what became of a mail. */
export async function settleIncomingMail(
  tx: Transaction,
  tenant: string,
  id: string,
  { outcome, reason = null, ticketId = null, sequence = null, by = null }: MailEnding,
): Promise<IncomingMailRow> {
  return tx
    .updateTable('incoming_mails')
    .set({
      ...{ outcome, reason, ticket_id: ticketId, entry_sequence: sequence, decided_by: by },
      decided_at: by === null ? null : sql<Date>`now()`,
    })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The ticket of this tenant that one of these Message-IDs of its own people's mails belongs to, the nearest first. */
export async function ticketOfMessages(
  tx: Transaction,
  tenant: string,
  messageIds: readonly string[],
): Promise<string | null> {
  if (messageIds.length === 0) return null;
  const row = await tx
    .selectFrom('incoming_mails')
    .select('ticket_id')
    .where('tenant_id', '=', tenant)
    .where('message_id', 'in', [...messageIds])
    .where('proven', '=', true)
    .where('outcome', 'in', ['opened', 'commented'])
    .orderBy(sql`array_position(${[...messageIds]}::text[], message_id)`)
    .limit(1)
    .executeTakeFirst();
  return row?.ticket_id ?? null;
}

/** Marks a mail of ours as come back. Gives the mail; undefined when no such mail went out. */
export function noteBounce(
  tx: Transaction,
  tenant: string,
  { mailId, ticketId, recipient, problem }: BouncedMail,
): Promise<Row<'ticket_mails'> | undefined> {
  return tx
    .updateTable('ticket_mails')
    .set({ status: 'bounced', problem: json(problem) })
    .where('tenant_id', '=', tenant)
    .where('id', '=', mailId)
    .where('ticket_id', '=', ticketId)
    .where('status', '=', 'sent')
    .where(sql<boolean>`lower(recipient) = ${recipient}`)
    .returningAll()
    .executeTakeFirst();
}

export interface BouncedMail {
  readonly mailId: string;
  readonly ticketId: string;
  /** In lower case. */
  readonly recipient: string;
  readonly problem: object;
}

/** The newest first. `place`: microseconds since 1970 and id of the last one shown. */
export function listIncomingMails(
  tx: Transaction,
  tenants: readonly string[],
  outcome: MailOutcome | undefined,
  place: { readonly at: number; readonly id: string } | null,
  limit: number,
): Promise<(IncomingMailRow & { readonly place_at: number })[]> {
  const at = sql<number>`(extract(epoch FROM received_at) * 1000000)::bigint`;
  return tx
    .selectFrom('incoming_mails')
    .selectAll()
    .select(at.as('place_at'))
    .where('tenant_id', 'in', [...tenants, ''])
    .$if(outcome !== undefined, (query) => query.where('outcome', '=', outcome!))
    .$if(place !== null, (query) => query.where(sql<boolean>`(${at}, id) < (${place!.at}::bigint, ${place!.id}::uuid)`))
    .orderBy('received_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

export function findIncomingMail(
  tx: Transaction,
  tenants: readonly string[],
  id: string,
): Promise<IncomingMailRow | undefined> {
  return tx
    .selectFrom('incoming_mails')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** A mail that somebody decides on, held until the transaction ends. */
export function lockIncomingMail(tx: Transaction, tenant: string, id: string): Promise<IncomingMailRow | undefined> {
  return tx
    .selectFrom('incoming_mails')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

/** A mail as it came; undefined where its words were not kept. */
export async function originalOf(
  tx: Transaction,
  { tenant_id, id }: Pick<IncomingMailRow, 'tenant_id' | 'id'>,
): Promise<Buffer | undefined> {
  const row = await tx
    .selectFrom('incoming_mail_originals')
    .select('original')
    .where('tenant_id', '=', tenant_id)
    .where('mail_id', '=', id)
    .executeTakeFirst();
  return row?.original;
}

/** What came in for a ticket, the oldest first. */
export function incomingMailsOf(
  tx: Transaction,
  { tenant_id, id }: { readonly tenant_id: string; readonly id: string },
  limit: number,
): Promise<IncomingMailRow[]> {
  return tx
    .selectFrom('incoming_mails')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where('ticket_id', '=', id)
    .orderBy('received_at')
    .limit(limit)
    .execute();
}
