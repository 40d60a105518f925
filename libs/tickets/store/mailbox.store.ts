import { sql } from 'kysely';
import type { Database, Row, Transaction } from '#libs/platform/database';

export type MailboxRow = Row<'ticket_mailboxes'>;

/** Longer than a reader needs between two renewals, shorter than anybody waits for a mail. */
const LEASE_SECONDS = 30;

/** A mailbox that somebody has to read. */
export interface MailboxPlace {
  readonly tenant: string;
  readonly id: string;
}

/** Mailboxes of all tenants that are to be read. */
export async function mailboxesToRead(database: Database): Promise<readonly MailboxPlace[]> {
  const { rows } = await sql<MailboxPlace>`SELECT tenant, id FROM mailboxes_to_read()`.execute(database);
  return rows;
}

/** Makes `reader` the one who reads a mailbox for a while, or goes on with it. Undefined: somebody else does, or nobody may. */
export function leaseMailbox(
  tx: Transaction,
  { tenant, id }: MailboxPlace,
  reader: string,
): Promise<MailboxRow | undefined> {
  return tx
    .updateTable('ticket_mailboxes')
    .set({ leased_by: reader, leased_until: sql<Date>`now() + ${LEASE_SECONDS} * interval '1 second'` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('enabled', '=', true)
    .where(sql<boolean>`(leased_by = ${reader}::uuid OR leased_until IS NULL OR leased_until < now())`)
    .returningAll()
    .executeTakeFirst();
}

/** Lets somebody else read it. */
export async function releaseMailbox(tx: Transaction, { tenant, id }: MailboxPlace, reader: string): Promise<void> {
  await tx
    .updateTable('ticket_mailboxes')
    .set({ leased_by: null, leased_until: null })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('leased_by', '=', reader)
    .execute();
}

/** Puts down that a mailbox was read, or with `failure` why it cannot be. */
export async function noteMailboxRead(
  tx: Transaction,
  { tenant, id }: MailboxPlace,
  failure: string | null,
): Promise<void> {
  await tx
    .updateTable('ticket_mailboxes')
    .set({ failure, ...(failure === null ? { read_at: sql<Date>`now()` } : {}) })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .execute();
}

/** How a mailbox is read, as somebody sets it. */
export type MailboxWish = Pick<
  MailboxRow,
  | 'name'
  | 'host'
  | 'port'
  | 'encryption'
  | 'ca_pem'
  | 'user_name'
  | 'secret_ref'
  | 'folder'
  | 'done_folder'
  | 'authserv_id'
  | 'enabled'
>;

export function listMailboxes(tx: Transaction, tenants: readonly string[]): Promise<MailboxRow[]> {
  return tx
    .selectFrom('ticket_mailboxes')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .orderBy('tenant_id')
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

export function findMailbox(tx: Transaction, tenants: readonly string[], id: string): Promise<MailboxRow | undefined> {
  return tx
    .selectFrom('ticket_mailboxes')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .where('id', '=', id)
    .executeTakeFirst();
}

export function insertMailbox(
  tx: Transaction,
  { tenant, id }: MailboxPlace,
  wish: MailboxWish,
  by: string,
): Promise<MailboxRow> {
  return tx
    .insertInto('ticket_mailboxes')
    .values({ tenant_id: tenant, id, ...wish, changed_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Undefined: there is none. Whoever reads it reads it anew. */
export function replaceMailbox(
  tx: Transaction,
  { tenant, id }: MailboxPlace,
  wish: MailboxWish,
  by: string,
): Promise<MailboxRow | undefined> {
  return tx
    .updateTable('ticket_mailboxes')
    .set({ ...wish, changed_by: by, changed_at: sql<Date>`clock_timestamp()`, failure: null })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}

/** False: there is none. */
export async function removeMailbox(tx: Transaction, { tenant, id }: MailboxPlace): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('ticket_mailboxes')
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
