import { MAIL_KINDS, MAIL_LANGUAGES, type MailKind, type TicketMailLanguage } from './mail-kinds.js';
import { TicketMailTextInvalid } from './mail.errors.js';

/** What a mail about a ticket says: one line, and paragraphs with an empty line between them. */
export interface MailText {
  readonly subject: string;
  readonly body: string;
}

/** What a text can say of a ticket. */
export const PLACEHOLDERS = ['number', 'subject', 'name', 'customer', 'text', 'reason', 'closesAt'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];
export type MailValues = Readonly<Partial<Record<Placeholder, string>>>;

const COMMON: readonly Placeholder[] = ['number', 'subject', 'name', 'customer'];
const OF_KIND: Readonly<Record<MailKind, readonly Placeholder[]>> = {
  received: [],
  answer: ['text'],
  waiting: ['reason'],
  reminder: ['closesAt'],
  closed: [],
};
/** A mail without them would not say what it is for. */
const NEEDED: Readonly<Record<MailKind, readonly Placeholder[]>> = {
  received: ['number'],
  answer: ['text'],
  waiting: ['reason'],
  reminder: ['closesAt'],
  closed: ['number'],
};

const PLACE = /\{\{\s*([a-zA-Z]*)\s*\}\}/g;

/** What a text of this kind may hold in double braces. */
export function placeholdersOf(kind: MailKind): readonly Placeholder[] {
  return [...COMMON, ...OF_KIND[kind]];
}

/** Throws `TicketMailTextInvalid` for a placeholder that is unknown or missing, and for braces that are none. */
export function checkMailText(kind: MailKind, { subject, body }: MailText): void {
  const known: readonly string[] = placeholdersOf(kind);
  const used = new Set<string>();
  for (const [path, text] of [
    ['subject', subject],
    ['body', body],
  ] as const) {
    for (const [, name = ''] of text.matchAll(PLACE)) {
      if (!known.includes(name)) throw invalid(path, `{{${name}}} is not known here. Use ${listed(known)}.`);
      used.add(name);
    }
    if (/\{\{|\}\}/.test(text.replace(PLACE, '')))
      throw invalid(path, 'Double braces stand around a placeholder alone.');
  }
  const missing = NEEDED[kind].find((name) => !used.has(name));
  if (missing) throw invalid('body', `Say {{${missing}}} somewhere: without it the mail does not say what it is for.`);
}

function listed(names: readonly string[]): string {
  return names.map((name) => `{{${name}}}`).join(', ');
}

function invalid(path: string, message: string): TicketMailTextInvalid {
  return new TicketMailTextInvalid(message, { errors: [{ path, code: 'invalid', message }] });
}

/** Fills a text in, in one pass: braces in what people wrote stay as they are. What is not there is left empty. */
export function fillMailText({ subject, body }: MailText, values: MailValues): MailText {
  const fill = (text: string): string => text.replace(PLACE, (_, name: string) => values[name as Placeholder] ?? '');
  return { subject: fill(subject), body: fill(body) };
}

const GERMAN: Readonly<Record<MailKind, MailText>> = {
  received: {
    subject: 'Ticket {{number}} eingegangen: {{subject}}',
    body: 'Guten Tag {{name}},\n\nIhre Meldung ist bei uns eingegangen. Sie hat die Nummer {{number}}. Wir melden uns, sobald jemand daran arbeitet.\n\nMöchten Sie etwas ergänzen? Antworten Sie einfach auf diese Mail.',
  },
  answer: {
    subject: 'Ticket {{number}}: {{subject}}',
    body: 'Guten Tag {{name}},\n\n{{text}}\n\nAntworten Sie einfach auf diese Mail.',
  },
  waiting: {
    subject: 'Ticket {{number}}: Wir brauchen Ihre Antwort',
    body: 'Guten Tag {{name}},\n\nzu „{{subject}}“ brauchen wir noch etwas von Ihnen:\n\n{{reason}}\n\nBis dahin ruht die Bearbeitung. Antworten Sie einfach auf diese Mail.',
  },
  reminder: {
    subject: 'Ticket {{number}}: Erinnerung',
    body: 'Guten Tag {{name}},\n\nzu „{{subject}}“ warten wir noch auf Ihre Antwort. Hören wir nichts von Ihnen, schließen wir das Ticket am {{closesAt}}.\n\nAntworten Sie einfach auf diese Mail.',
  },
  closed: {
    subject: 'Ticket {{number}} geschlossen: {{subject}}',
    body: 'Guten Tag {{name}},\n\nTicket {{number}} ist geschlossen.\n\nIst noch etwas offen? Antworten Sie auf diese Mail: Daraus wird ein neues Ticket.',
  },
};

const ENGLISH: Readonly<Record<MailKind, MailText>> = {
  received: {
    subject: 'Ticket {{number}} received: {{subject}}',
    body: 'Hello {{name}},\n\nwe have received your message. Its number is {{number}}. You will hear from us as soon as somebody works on it.\n\nIs there anything to add? Just reply to this mail.',
  },
  answer: {
    subject: 'Ticket {{number}}: {{subject}}',
    body: 'Hello {{name}},\n\n{{text}}\n\nJust reply to this mail.',
  },
  waiting: {
    subject: 'Ticket {{number}}: we need your answer',
    body: 'Hello {{name}},\n\nthere is something that we need from you for “{{subject}}”:\n\n{{reason}}\n\nWork on it rests until then. Just reply to this mail.',
  },
  reminder: {
    subject: 'Ticket {{number}}: reminder',
    body: 'Hello {{name}},\n\nwe still wait for your answer to “{{subject}}”. Unless we hear from you, we close the ticket on {{closesAt}}.\n\nJust reply to this mail.',
  },
  closed: {
    subject: 'Ticket {{number}} closed: {{subject}}',
    body: 'Hello {{name}},\n\nticket {{number}} is closed.\n\nIs anything left? Reply to this mail: it becomes a new ticket.',
  },
};

/** Stellwerk's own text, which holds where nobody wrote another. */
export function usualMailText(kind: MailKind, language: TicketMailLanguage): MailText {
  return (language === 'de' ? GERMAN : ENGLISH)[kind];
}

/** Stands first in each mail: what a reply has below it is our own. */
export const REPLY_LINES: Readonly<Record<TicketMailLanguage, string>> = {
  de: '##- Bitte antworten Sie oberhalb dieser Zeile -##',
  en: '##- Please reply above this line -##',
};

/** What each placeholder stands for in a preview without a ticket. */
export const SAMPLE_VALUES: Readonly<Record<TicketMailLanguage, Required<MailValues>>> = {
  de: {
    ...{ number: '4711', subject: 'Der Drucker im zweiten Stock druckt leere Seiten', name: 'Eva Beck' },
    ...{ customer: 'Muster GmbH', text: 'Wir haben den Toner getauscht. Druckt er wieder?' },
    ...{ reason: 'Welcher Drucker ist es?', closesAt: '30. November 2026 um 17:00 MEZ' },
  },
  en: {
    ...{ number: '4711', subject: 'The printer on the second floor prints blank pages', name: 'Eva Beck' },
    ...{ customer: 'Muster GmbH', text: 'We replaced the toner. Does it print again?' },
    ...{ reason: 'Which printer is it?', closesAt: '30 November 2026 at 17:00 CET' },
  },
};

export function isMailKind(text: string): text is MailKind {
  return (MAIL_KINDS as readonly string[]).includes(text);
}

export function isMailLanguage(text: string): text is TicketMailLanguage {
  return (MAIL_LANGUAGES as readonly string[]).includes(text);
}
