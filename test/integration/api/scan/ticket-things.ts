import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { newId, systemClock } from '#libs/kernel';
import { LARGEST_TICKET_FILES } from '#libs/tickets';
import type { Things } from './things.js';

/** A ticket with as many bytes of files as it takes, by what it says of them. */
export async function fullTicket(things: Things): Promise<string> {
  const ticket_id = await things.ticket();
  const about = { name: 'dump.zip', type: 'application/zip', size: LARGEST_TICKET_FILES, sha256: randomBytes(32) };
  const by = { public: true, added_by: `customer_admin@${things.tenant}` };
  await things.admin
    .insertInto('ticket_attachments')
    .values({ tenant_id: things.tenant, id: newId(), ticket_id, entry_sequence: 1, ...about, ...by })
    .execute();
  return ticket_id;
}

/** A ticket that is linked to a device, and the link. */
export async function ticketLink(things: Things): Promise<string> {
  const id = newId();
  const link = {
    ticket_id: await things.ticket(),
    kind: 'device',
    external_id: things.user(),
    linked_by: 'x',
  } as const;
  await things.admin
    .insertInto('ticket_links')
    .values({ tenant_id: things.tenant, id, ...link })
    .execute();
  return id;
}

/** A ticket with a comment, which is its second entry. */
export async function commentedTicket(things: Things): Promise<string> {
  const ticket_id = await things.ticket();
  const said = { kind: 'comment', public: true, by: `customer_admin@${things.tenant}`, by_kind: 'customer' } as const;
  await things.admin
    .insertInto('ticket_entries')
    .values({ tenant_id: things.tenant, ticket_id, sequence: 2, ...said, body: `And ${things.user()} has no sound.` })
    .execute();
  return ticket_id;
}

/** A file that everybody sees who sees its ticket. */
export async function attachment(things: Things): Promise<string> {
  const [ticket_id, id, bytes] = [await things.ticket(), newId(), randomBytes(64)];
  const about = { name: `${things.user()}.bin`, type: 'application/octet-stream', size: 64, sha256: randomBytes(32) };
  const by = { public: true, added_by: `customer_admin@${things.tenant}` };
  await things.admin
    .insertInto('ticket_attachments')
    .values({ tenant_id: things.tenant, id, ticket_id, entry_sequence: 1, ...about, ...by })
    .execute();
  await things.admin
    .insertInto('ticket_attachment_chunks')
    .values({ tenant_id: things.tenant, attachment_id: id, seq: 0, bytes })
    .execute();
  return id;
}

/** Nobody’s time runs on anything any more. */
export async function noTimeRuns(things: Things): Promise<void> {
  await things.admin
    .updateTable('ticket_time_entries')
    .set({ to_at: sql<Date>`greatest(now(), from_at + interval '1 millisecond')` })
    .where('to_at', 'is', null)
    .execute();
}

/** Time that is running on a ticket. */
export async function timeEntry(
  things: Things,
  technician = `${things.user()}@msp`,
  from_at: Date | string = systemClock.now(),
): Promise<string> {
  const [ticket_id, id] = [await things.ticket(), newId()];
  const worked = { technician, kind: 'work', from_at, billable: true } as const;
  await things.admin
    .insertInto('ticket_time_entries')
    .values({ tenant_id: things.tenant, id, ticket_id, ...worked, recorded_by: technician })
    .execute();
  return id;
}
