import { sql } from 'kysely';
import type { Row, Transaction } from '#libs/platform/database';
import type { TicketReader, TicketRow } from './ticket.store.js';

export type AttachmentRow = Row<'ticket_attachments'>;

const CHUNK_BYTES = 1024 * 1024;

type Place = Pick<TicketRow, 'tenant_id' | 'id'>;

export interface NewAttachment {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
  readonly sha256: Buffer;
  readonly public: boolean;
  readonly sequence: number;
  readonly by: string;
}

/** Keeps a file, in pieces. */
export async function insertAttachment(
  tx: Transaction,
  { tenant_id, id: ticket_id }: Place,
  id: string,
  { name, type, bytes, sha256, public: isPublic, sequence, by }: NewAttachment,
): Promise<AttachmentRow> {
  const row = await tx
    .insertInto('ticket_attachments')
    .values({
      ...{ tenant_id, id, ticket_id, entry_sequence: sequence, name, type, size: bytes.length, sha256 },
      ...{ public: isPublic, added_by: by },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  for (let seq = 0; seq * CHUNK_BYTES < bytes.length; seq++) {
    const piece = bytes.subarray(seq * CHUNK_BYTES, (seq + 1) * CHUNK_BYTES);
    await tx
      .insertInto('ticket_attachment_chunks')
      .values({ tenant_id, attachment_id: id, seq, bytes: piece })
      .execute();
  }
  return row;
}

/** How many files a ticket has, and how many bytes in all. */
export async function filesOf(tx: Transaction, { tenant_id, id }: Place): Promise<{ count: number; bytes: number }> {
  return tx
    .selectFrom('ticket_attachments')
    .select([sql<number>`count(*)::int`.as('count'), sql<number>`coalesce(sum(size), 0)::float8`.as('bytes')])
    .where('tenant_id', '=', tenant_id)
    .where('ticket_id', '=', id)
    .executeTakeFirstOrThrow();
}

/** A ticket's files in the order in which they came; internal ones only for those who see them. */
export function attachmentsOf(
  tx: Transaction,
  { tenant_id, id }: Place,
  { internal }: Pick<TicketReader, 'internal'>,
): Promise<AttachmentRow[]> {
  return tx
    .selectFrom('ticket_attachments')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where('ticket_id', '=', id)
    .$if(!internal, (query) => query.where('public', '=', true))
    .orderBy('entry_sequence')
    .execute();
}

/** Internal ones only for those who see them; whether the reader sees its ticket is asked apart. */
export function findAttachment(
  tx: Transaction,
  { tenants, internal }: Pick<TicketReader, 'tenants' | 'internal'>,
  id: string,
): Promise<AttachmentRow | undefined> {
  return tx
    .selectFrom('ticket_attachments')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .where('id', '=', id)
    .$if(!internal, (query) => query.where('public', '=', true))
    .executeTakeFirst();
}

/** The bytes of a file. */
export async function bytesOf(tx: Transaction, { tenant_id, id }: AttachmentRow): Promise<Buffer> {
  const rows = await tx
    .selectFrom('ticket_attachment_chunks')
    .select('bytes')
    .where('tenant_id', '=', tenant_id)
    .where('attachment_id', '=', id)
    .orderBy('seq')
    .execute();
  return Buffer.concat(rows.map(({ bytes }) => bytes));
}
