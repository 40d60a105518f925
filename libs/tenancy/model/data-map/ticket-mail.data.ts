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
  ticket_mail_settings: {
    holds: 'how a customer’s mails are taken, and which go out',
    persons: ['set_by'],
    plain: ['unknown_senders', 'muted'],
    kept: 'customer',
  },
  ticket_mailboxes: {
    holds: 'a mailbox that is read, with the name of its secret, never the secret',
    persons: ['user_name', 'changed_by'],
    content: ['name'],
    plain: ['host', 'encryption', 'ca_pem', 'secret_ref', 'folder', 'done_folder', 'authserv_id', 'failure'],
    kept: 'customer',
  },
  incoming_mails: {
    holds: 'a mail that came in, what proved its sender, and what became of it',
    persons: ['envelope_from', 'from_address', 'from_name', 'decided_by'],
    content: ['message_id', 'refs', 'recipients', 'subject', 'text', 'new_text', 'attachments', 'proof'],
    plain: ['source', 'outcome', 'reason'],
    secret: ['fingerprint'],
    kept: 'customer',
  },
  incoming_mail_originals: {
    holds: 'a mail as it came',
    content: ['original'],
    kept: 'customer',
  },
};
