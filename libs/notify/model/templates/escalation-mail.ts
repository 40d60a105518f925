import { instantIn, oneLine, type MailContent, type MailLanguage } from '../mail-content.js';

/** What somebody is told of an escalation. */
export interface EscalationNews {
  readonly kind: 'step' | 'hand_over';
  readonly cause: 'warning' | 'breach' | 'alert' | 'hand';
  /** Of a mark: which clock. */
  readonly clock: 'first_response' | 'update' | 'resolution' | null;
  readonly customer: string;
  readonly ticketNumber: number;
  readonly subject: string;
  readonly priority: string;
  readonly dueAt: Date;
  /** Who acknowledged it before a change of shift; null: nobody. */
  readonly acknowledgedBy: string | null;
  readonly conferenceUrl: string | null;
  /** Where it is acknowledged. */
  readonly url: string;
  /** IANA zone of the MSP. */
  readonly timeZone: string;
}

const CLOCKS = {
  de: { first_response: 'Reaktionszeit', update: 'Rückmeldung', resolution: 'Lösungszeit' },
  en: { first_response: 'first response', update: 'update', resolution: 'resolution' },
} as const;
const PRIORITY = {
  de: { critical: 'kritisch', high: 'hoch', medium: 'mittel', low: 'niedrig' },
  en: { critical: 'critical', high: 'high', medium: 'medium', low: 'low' },
} as const;

/** The mail to somebody whom a chain tells. The same words go by other ways, as `escalationLine`. */
export function escalationMail(language: MailLanguage, news: EscalationNews): MailContent {
  const { customer, ticketNumber, subject, priority, dueAt, conferenceUrl, acknowledgedBy, url, timeZone } = news;
  const de = language === 'de';
  const level = PRIORITY[language][priority as 'critical'] ?? priority;
  return {
    language,
    subject: oneLine(escalationLine(language, news)),
    opening: [de ? 'Guten Tag,' : 'Hello,', happened(language, news)],
    facts: [
      { label: de ? 'Kunde' : 'Customer', value: customer },
      { label: 'Ticket', value: `${ticketNumber}: ${subject}` },
      { label: de ? 'Priorität' : 'Priority', value: level },
      { label: de ? 'Fällig' : 'Due', value: instantIn(language, dueAt, timeZone) },
      ...(acknowledgedBy === null ? [] : [{ label: de ? 'Bestätigt von' : 'Acknowledged by', value: acknowledgedBy }]),
      ...(conferenceUrl === null ? [] : [{ label: de ? 'Konferenz' : 'Conference', value: conferenceUrl }]),
    ],
    action: { label: de ? 'Übernehmen' : 'Acknowledge', url },
    closing: [
      de
        ? 'Solange niemand übernimmt, geht die Eskalation weiter.'
        : 'Until somebody acknowledges it, the escalation goes on.',
    ],
  };
}

/** In one line: a mail's subject, a short message, words to be read out. */
export function escalationLine(
  language: MailLanguage,
  { kind, cause, clock, customer, ticketNumber, subject }: EscalationNews,
): string {
  const de = language === 'de';
  const what = {
    warning: de ? 'Warnung' : 'Warning',
    breach: de ? 'Überschritten' : 'Breached',
    alert: de ? 'Alarm' : 'Alert',
    hand: de ? 'Eskalation' : 'Escalation',
  }[cause];
  const which = clock === null ? '' : ` (${CLOCKS[language][clock]})`;
  const over = kind === 'hand_over' ? (de ? 'Übergabe: ' : 'Handed over: ') : '';
  return `${over}${what}${which}: Ticket ${ticketNumber}, ${customer}: ${subject}`;
}

function happened(language: MailLanguage, { kind, cause, clock }: EscalationNews): string {
  const de = language === 'de';
  if (kind === 'hand_over')
    return de
      ? 'Ihre Schicht hat begonnen, und diese Eskalation ist noch offen.'
      : 'Your shift has begun, and this escalation is still open.';
  const target = clock === null ? '' : CLOCKS[language][clock];
  switch (cause) {
    case 'warning':
      return de
        ? `Drei Viertel der vereinbarten Zeit sind verbraucht: ${target}.`
        : `Three quarters of the agreed time are used up: ${target}.`;
    case 'breach':
      return de ? `Die vereinbarte Zeit ist überschritten: ${target}.` : `The agreed time is over: ${target}.`;
    case 'alert':
      return de ? 'Ein Alarm verlangt Ihre Aufmerksamkeit.' : 'An alert needs your attention.';
    case 'hand':
      return de ? 'Jemand hat dieses Ticket eskaliert.' : 'Somebody escalated this ticket.';
  }
}
