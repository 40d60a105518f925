import { newId } from '#libs/kernel';
import { Things } from '../scan/things.js';
import { answeredBy, at, NO_ID, type More, type Sent } from './row.js';
import type { World } from './world.js';

const MSP = { 'stellwerk-tenant': 'muster' };
const owner = (method: string, path: string, body?: unknown) => (): Sent => ({
  ...{ method, path: `/v1/${path}`, as: 'msp/owner', headers: { ...MSP, 'idempotency-key': newId() } },
  ...(body === undefined ? {} : { body }),
});
const text = { subject: 'Ticket {{number}}', body: '{{text}}' };
const mailbox = {
  ...{ name: 'Helpdesk', host: 'imap.example', port: 993, encryption: 'tls', userName: 'helpdesk' },
  secretRef: 'secret://mailbox-helpdesk',
};
const settings = { unknownSenders: 'triage', muted: [] };

let mail = '';
const givenRejected: More = {
  given: async ({ fixture: { database } }: World) => {
    mail = await new Things(database.admin, 'muster').incomingMail('rejected');
    return async () => {
      await database.admin.deleteFrom('incoming_mail_originals').execute();
      await database.admin.deleteFrom('incoming_mails').execute();
    };
  },
};
const givenMany: More = {
  given: async ({ fixture: { database } }: World) => {
    const things = new Things(database.admin, 'muster');
    for (let i = 0; i < 20; i += 1) await things.mailbox();
    return async () => void (await database.admin.deleteFrom('ticket_mailboxes').execute());
  },
};

/** Mails about tickets. */
export const ticketMailRows = [
  ...answeredBy(
    422,
    'request.invalid',
    [
      'a policy for strangers that is none',
      owner('PUT', 'ticket-mail-settings', { ...settings, unknownSenders: 'ignore' }),
      at('unknownSenders', 'not_allowed'),
    ],
    ['a text without a subject', owner('PUT', 'ticket-mail-texts/answer/de', { body: 'x' }), at('subject', 'missing')],
    [
      'a text whose subject has two lines',
      owner('PUT', 'ticket-mail-texts/answer/de', { ...text, subject: 'Ticket\r\nBcc: x@y.example' }),
      at('subject', 'not_text'),
    ],
    [
      'a preview in a language that there is none in',
      owner('POST', 'ticket-mail-texts/preview', { kind: 'answer', language: 'fr' }),
      at('language', 'not_allowed'),
    ],
    ['a mailbox at a port that is none', owner('POST', 'mailboxes', { ...mailbox, port: 0 }), at('port', 'too_small')],
    [
      'a mailbox by a secret that is for something else',
      owner('POST', 'mailboxes', { ...mailbox, secretRef: 'secret://directory-bind' }),
      at('secretRef', 'not_a_secret_of_a_mailbox'),
    ],
    [
      'a mailbox with a certificate that is none',
      owner('POST', 'mailboxes', { ...mailbox, caPem: 'nonsense' }),
      at('caPem', 'not_a_certificate'),
    ],
  ),
  ...answeredBy(
    422,
    'ticket_mail.text_invalid',
    [
      'a text with a placeholder that is not known',
      owner('PUT', 'ticket-mail-texts/answer/de', { ...text, body: '{{text}} {{password}}' }),
      at('body', 'invalid'),
    ],
    [
      'an answer without its words',
      owner('PUT', 'ticket-mail-texts/answer/de', { ...text, body: 'Guten Tag.' }),
      at('body', 'invalid'),
    ],
    [
      'a preview with braces that are none',
      owner('POST', 'ticket-mail-texts/preview', { kind: 'answer', language: 'de', body: '{{text}} {{' }),
      at('body', 'invalid'),
    ],
  ),
  ...answeredBy(
    404,
    'ticket_mail.text_unknown',
    ['a text of a kind that is none', owner('PUT', 'ticket-mail-texts/greeting/de', text)],
    ['restoring a text in a language that is none', owner('DELETE', 'ticket-mail-texts/answer/fr')],
  ),
  ...answeredBy(
    422,
    'mailbox.invalid',
    [
      'a mailbox whose password would go unencrypted',
      owner('POST', 'mailboxes', { ...mailbox, encryption: 'none' }),
      at('encryption', 'invalid'),
    ],
    [
      'a mailbox at a place that is none',
      owner('POST', 'mailboxes', { ...mailbox, host: 'a b' }),
      at('host', 'invalid'),
    ],
  ),
  ...answeredBy(409, 'mailbox.too_many', ['one mailbox too many', owner('POST', 'mailboxes', mailbox), givenMany]),
  ...answeredBy(
    404,
    'mailbox.not_found',
    ['a mailbox that there is none of', owner('PUT', `mailboxes/${NO_ID}`, mailbox)],
    ['removing a mailbox that there is none of', owner('DELETE', `mailboxes/${NO_ID}`)],
  ),
  ...answeredBy(
    404,
    'incoming_mail.not_found',
    ['a mail that never came', owner('GET', `incoming-mails/${NO_ID}`)],
    ['releasing a mail that never came', owner('POST', `incoming-mails/${NO_ID}/release`)],
  ),
  ...answeredBy(
    409,
    'incoming_mail.decided',
    ['releasing a mail that was put away', () => owner('POST', `incoming-mails/${mail}/release`)(), givenRejected],
    ['putting a mail away twice', () => owner('POST', `incoming-mails/${mail}/rejection`)(), givenRejected],
  ),
];
