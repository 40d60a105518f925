import { readerOf } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import { RequestTicketUnknown, type Accepted, type Submission, type SubmitRequest } from '#libs/requests';
import { findTicket } from '#libs/tickets';
import type { Writer } from '../access/caller.js';
import { readerOf as ticketReaderOf } from '../tickets/ticket-access.js';

/** Takes a request in, for a ticket that its requester sees. */
export class SubmitForTicket {
  constructor(
    private readonly database: Database,
    private readonly submit: SubmitRequest,
  ) {}

  /** Throws `RequestTicketUnknown`, also for a ticket that the requester does not see, and what `SubmitRequest` throws. */
  async execute(call: CallKey, { actor, tenant }: Writer, submission: Submission): Promise<Accepted> {
    const { ticketId } = submission;
    if (ticketId !== undefined) {
      const reader = ticketReaderOf(actor, [tenant]);
      const ticket = await inTenants(this.database, [tenant], (tx) => findTicket(tx, reader, ticketId));
      if (!ticket) {
        const message = `There is no ticket ${ticketId}, or you may not see it.`;
        throw new RequestTicketUnknown(message, { errors: [{ path: 'ticketId', code: 'unknown', message }] });
      }
    }
    return this.submit.execute(call, readerOf(actor), submission);
  }
}
