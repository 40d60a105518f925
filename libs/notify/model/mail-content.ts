/** The languages that mails and pages for people speak. */
export type MailLanguage = 'de' | 'en';

/** A fact in a mail, e.g. `For whom: Eva Beck`. */
export interface MailFact {
  readonly label: string;
  readonly value: string;
}

/** What a mail says, in one language; plain text and HTML are both made from it. */
export interface MailContent {
  readonly language: MailLanguage;
  /** One line. */
  readonly subject: string;
  /** Paragraphs before the facts, the greeting first. */
  readonly opening: readonly string[];
  readonly facts?: readonly MailFact[];
  /** What the reader can do: one link, with the words on its button. */
  readonly action?: { readonly label: string; readonly url: string };
  /** Paragraphs after the link. */
  readonly closing?: readonly string[];
}

/** An instant in the reader's words and time zone (IANA), e.g. `30. November 2026 um 17:00 MEZ`. */
export function instantIn(language: MailLanguage, at: Date, timeZone: string): string {
  const format = {
    timeZone,
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  } as const;
  return new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', format).format(at);
}

/** A text as one line: what people typed may hold line breaks, and a header must not. */
export function oneLine(text: string, most = 200): string {
  const line = text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}
