import type { RouteExamples } from '../example.js';
import type { Things } from '../things.js';

const ofMail = async (things: Things) => ({ path: { id: await things.incomingMail() } });
const mailbox = {
  ...{ name: 'Helpdesk', host: 'imap.example', port: 993, encryption: 'tls', userName: 'helpdesk' },
  ...{ secretRef: 'secret://mailbox-helpdesk', enabled: false },
};
const path = { kind: 'answer', language: 'de' };
const text = { subject: 'Ticket {{number}}', body: 'Guten Tag {{name}},\n\n{{text}}' };

export const ticketMailExamples: RouteExamples = {
  listMailsOfTicket: async (things) => ({ path: { id: await things.ticket() } }),
  listIncomingMails: async (things) => {
    await things.incomingMail();
    return { query: { outcome: 'quarantined' } };
  },
  getIncomingMail: ofMail,
  getOriginalOfMail: ofMail,
  releaseIncomingMail: ofMail,
  rejectIncomingMail: ofMail,
  getTicketMailSettings: () => ({}),
  putTicketMailSettings: () => ({ body: { unknownSenders: 'quarantine', muted: ['received'] } }),
  listTicketMailTexts: () => ({}),
  putTicketMailText: () => ({ path, body: text }),
  restoreTicketMailText: () => ({ path }),
  previewTicketMail: () => ({ body: { ...path, ...text } }),
  previewMailOfTicket: async (things) => ({ path: { id: await things.ticket() }, body: path }),
  listMailboxes: async (things) => {
    await things.mailbox();
    return {};
  },
  createMailbox: () => ({ body: mailbox }),
  putMailbox: async (things) => ({ path: { id: await things.mailbox() }, body: mailbox }),
  deleteMailbox: async (things) => ({ path: { id: await things.mailbox() } }),
};
