import { oneLine, type MailContent, type MailLanguage } from '../mail-content.js';

/** A mail about a ticket, of a text that is filled in already. */
export interface TicketLetter {
  readonly subject: string;
  /** Paragraphs with an empty line between them. */
  readonly body: string;
  /** Stands first: what a reply has below it is ours. Null: no reply is read. */
  readonly replyLine: string | null;
}

/** The mail that tells somebody of their ticket. */
export function ticketMail(language: MailLanguage, { subject, body, replyLine }: TicketLetter): MailContent {
  const paragraphs = body
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '');
  return {
    language,
    subject: oneLine(subject) || '-',
    opening: [...(replyLine === null ? [] : [replyLine]), ...paragraphs],
  };
}
