import { isCancellation } from '@temporalio/workflow';
import type { ServedInput } from '../messages.js';
import { ticketMailRecords, ticketMails } from '../support/proxies.js';

/** A mail about a ticket, from its request until a mail server took or refused it, or none did in time. */
export async function ticketMail({ tenant, id }: ServedInput): Promise<void> {
  try {
    await ticketMails().sendTicketMail({ tenant, id });
  } catch (error) {
    if (isCancellation(error)) throw error;
    // each try is on record, and so is that there is none any more
    await ticketMailRecords.giveUpTicketMail({ tenant, id });
  }
}
