import { sql } from 'kysely';
import { json, type Row, type Transaction } from '#libs/platform/database';
import type { Problem } from '#libs/kernel';
import type { MailLanguage } from '../model/index.js';

/** What became of a mail of the platform. */
export type MailRow = Row<'mails'>;

/** How a mail ended: taken by a mail server, refused by it for good, or there is no server to send it by. */
export type MailOutcome = MailRow['status'];

export interface NewMailRow {
  readonly tenant: string;
  readonly id: string;
  readonly template: string;
  readonly recipient: string;
  readonly language: MailLanguage;
  readonly status: MailOutcome;
  readonly sentBy: string | null;
  readonly messageId: string | null;
  readonly problem: Problem | null;
}

export function findMail(tx: Transaction, tenant: string, id: string): Promise<MailRow | undefined> {
  return tx.selectFrom('mails').selectAll().where('tenant_id', '=', tenant).where('id', '=', id).executeTakeFirst();
}

/** Puts on record what became of a mail; a later try replaces an earlier one that did not go out. */
export async function recordMail(tx: Transaction, mail: NewMailRow): Promise<void> {
  const outcome = {
    status: mail.status,
    sent_by: mail.sentBy,
    message_id: mail.messageId,
    problem: mail.problem && json(mail.problem),
  };
  await tx
    .insertInto('mails')
    .values({
      tenant_id: mail.tenant,
      id: mail.id,
      template: mail.template,
      recipient: mail.recipient,
      language: mail.language,
      ...outcome,
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'id']).doUpdateSet(outcome).where('mails.status', '<>', 'sent'),
    )
    .execute();
}

/** Whose mail system sends where a customer has none. */
export async function mspTenant(tx: Transaction): Promise<string> {
  const { rows } = await sql<{ id: string }>`SELECT msp_tenant() AS id`.execute(tx);
  return rows[0]!.id;
}
