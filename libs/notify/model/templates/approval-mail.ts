import { instantIn, oneLine, type MailContent, type MailFact, type MailLanguage } from '../mail-content.js';

/** What approvers are told: of a question for the first time, again, or because others do not decide. */
export interface ApprovalNews {
  readonly kind: 'ask' | 'remind' | 'escalate';
  readonly requestId: string;
  /** `offboarding`, `onboarding` … */
  readonly process: string;
  /** The customer's name. */
  readonly customer: string;
  /** Whom it is about; null while that is confidential: the mail then names nobody. */
  readonly subject: string | null;
  /** Who asked for it; null as above. */
  readonly requestedBy: string | null;
  readonly startsAt: Date;
  readonly expiresAt: Date | null;
  /** IANA zone of the customer. */
  readonly timeZone: string;
  /** For somebody without an account: where to see and decide it, and until when the link is valid. */
  readonly link: { readonly url: string; readonly expiresAt: Date } | null;
  /** For whom the reader stands in, or null. */
  readonly standsInFor: string | null;
}

const PROCESSES: Readonly<Record<MailLanguage, Readonly<Record<string, string>>>> = {
  de: {
    offboarding: 'Austritt',
    onboarding: 'Eintritt',
    mover: 'Wechsel',
    absence: 'Abwesenheit',
    reinstatement: 'Rücknahme',
  },
  en: {
    offboarding: 'Leaver',
    onboarding: 'Joiner',
    mover: 'Move',
    absence: 'Absence',
    reinstatement: 'Reinstatement',
  },
};

/** What a process is called where people read it. */
export function processName(language: MailLanguage, process: string): string {
  return PROCESSES[language][process] ?? process;
}

/** The mail that asks somebody for a decision. */
export function approvalMail(language: MailLanguage, news: ApprovalNews): MailContent {
  return language === 'de' ? german(news) : english(news);
}

function german(news: ApprovalNews): MailContent {
  const { process, customer, subject, requestedBy, requestId, startsAt, expiresAt, timeZone, link, standsInFor } = news;
  const what = [processName('de', process), ...(subject === null ? [] : [subject])].join(': ');
  const prefix = { ask: 'Freigabe', remind: 'Erinnerung: Freigabe', escalate: 'Dringend: Freigabe' }[news.kind];
  const why = {
    ask: 'Ihre Entscheidung wird gebraucht.',
    remind: 'Ihre Entscheidung steht noch aus.',
    escalate: 'Die Freigabe bleibt aus. Sie können jetzt auch entscheiden.',
  }[news.kind];
  const at = (instant: Date): string => instantIn('de', instant, timeZone);
  return {
    language: 'de',
    subject: oneLine(`${prefix}: ${what} (${customer})`),
    opening: ['Guten Tag,', why, ...(standsInFor === null ? [] : [`Sie vertreten ${standsInFor}.`])],
    facts: facts([
      ['Vorgang', processName('de', process)],
      ['Kunde', customer],
      ['Für', subject],
      ['Angefragt von', requestedBy],
      ['Beginn', at(startsAt)],
      ['Entscheidung bis', expiresAt && at(expiresAt)],
      ['Anfrage', requestId],
    ]),
    ...(link ? { action: { label: 'Plan ansehen und entscheiden', url: link.url } } : {}),
    closing: [
      ...(subject === null ? ['Der Vorgang ist vertraulich; diese Mail nennt deshalb keine Namen.'] : []),
      link
        ? `Der Link ist nur für Sie und gilt für eine Entscheidung, bis ${at(link.expiresAt)}. Geben Sie ihn nicht weiter. Ihn zu öffnen entscheidet noch nichts.`
        : 'Melden Sie sich an, um den Plan zu sehen und zu entscheiden.',
    ],
  };
}

function english(news: ApprovalNews): MailContent {
  const { process, customer, subject, requestedBy, requestId, startsAt, expiresAt, timeZone, link, standsInFor } = news;
  const what = [processName('en', process), ...(subject === null ? [] : [subject])].join(': ');
  const prefix = { ask: 'Approval', remind: 'Reminder: approval', escalate: 'Urgent: approval' }[news.kind];
  const why = {
    ask: 'Your decision is needed.',
    remind: 'Your decision is still missing.',
    escalate: 'The approval does not come. You may decide now, too.',
  }[news.kind];
  const at = (instant: Date): string => instantIn('en', instant, timeZone);
  return {
    language: 'en',
    subject: oneLine(`${prefix}: ${what} (${customer})`),
    opening: ['Hello,', why, ...(standsInFor === null ? [] : [`You stand in for ${standsInFor}.`])],
    facts: facts([
      ['Process', processName('en', process)],
      ['Customer', customer],
      ['For', subject],
      ['Requested by', requestedBy],
      ['Begins', at(startsAt)],
      ['Decision until', expiresAt && at(expiresAt)],
      ['Request', requestId],
    ]),
    ...(link ? { action: { label: 'See the plan and decide', url: link.url } } : {}),
    closing: [
      ...(subject === null ? ['This is confidential, so this mail names nobody.'] : []),
      link
        ? `The link is for you alone and for one decision, until ${at(link.expiresAt)}. Do not pass it on. Opening it decides nothing yet.`
        : 'Sign in to see the plan and to decide.',
    ],
  };
}

function facts(pairs: readonly (readonly [label: string, value: string | null])[]): MailFact[] {
  return pairs.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}
