/** The mails about tickets that go to customers' people. */
export const MAIL_KINDS = ['received', 'answer', 'waiting', 'reminder', 'closed'] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

export const MAIL_LANGUAGES = ['de', 'en'] as const;
export type TicketMailLanguage = (typeof MAIL_LANGUAGES)[number];

/** An answer is a person's own words; everything else is sent by itself, and says so. */
export function isAutomatic(kind: MailKind): boolean {
  return kind !== 'answer';
}

/** Addresses that say themselves that nobody reads what comes there. */
export function isNoReply(address: string): boolean {
  const name = address.slice(0, address.lastIndexOf('@')).toLowerCase();
  return /^(no[-_.]?reply|do[-_.]?not[-_.]?reply|noreply|mailer-daemon|postmaster|bounces)([-_.+].*)?$/.test(name);
}

/** The header by which we know our own mails when they come back to us. */
export const MAIL_HEADER = 'Stellwerk-Ticket-Mail';
