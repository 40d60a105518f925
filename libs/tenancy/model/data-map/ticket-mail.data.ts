import type { TableData } from './table-data.js';

/** Mails about tickets. */
export const TICKET_MAIL_DATA: Readonly<Record<string, TableData>> = {
  ticket_mails: {
    holds: 'a mail about a ticket: to whom, when, and how it went; never its text',
    persons: ['recipient', 'recipient_name', 'sent_by'],
    content: ['problem'],
    plain: ['kind', 'language', 'status', 'message_id'],
    kept: 'customer',
  },
  ticket_mail_attempts: {
    holds: 'a try to hand a mail about a ticket to a server',
    plain: ['outcome', 'code'],
    kept: 'customer',
    notExported: 'how often a server was tried says nothing of the customer',
  },
  ticket_mail_templates: {
    holds: 'a version of a text for mails about tickets',
    persons: ['set_by'],
    content: ['subject', 'body'],
    plain: ['kind', 'language'],
    kept: 'customer',
  },
};
