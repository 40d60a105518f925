import type { Mail } from '../smtp/mail-delivery.js';

export const HAND_OVER_LANGUAGES = ['de', 'en'] as const;
export type HandOverLanguage = (typeof HAND_OVER_LANGUAGES)[number];

/** What the mail tells: whose password it is, where it can be collected and until when. */
export interface HandOverNews {
  readonly language: HandOverLanguage;
  readonly userName: string;
  readonly url: string;
  readonly expiresAt: Date;
  /** IANA zone in which the reader is told the time. */
  readonly timeZone: string;
}

/** The mail that brings a one-time link. The password is not in it. */
export function handOverMail(news: HandOverNews): Mail {
  const { language, userName } = news;
  return language === 'de'
    ? { language, subject: `Kennwort für ${userName}: Link zum Abholen`, text: german(news) }
    : { language, subject: `Password for ${userName}: link to collect it`, text: english(news) };
}

function german({ userName, url, expiresAt, timeZone }: HandOverNews): string {
  return `Guten Tag,

für das Benutzerkonto ${userName} liegt ein neues Kennwort bereit. Sie holen es hier ab:

${url}

Öffnen Sie den Link und wählen Sie „Kennwort anzeigen“. Das Kennwort wird genau einmal angezeigt.
Der Link gilt bis ${instant('de-DE', expiresAt, timeZone)}.

Geben Sie diese Mail nicht weiter: Wer den Link hat, kann das Kennwort abholen. Sagt die Seite, dass es schon
abgeholt wurde, und Sie waren es nicht, melden Sie sich sofort bei Ihrer IT.
`;
}

function english({ userName, url, expiresAt, timeZone }: HandOverNews): string {
  return `Hello,

a new password for the user account ${userName} is ready. You collect it here:

${url}

Open the link and choose “Show the password”. The password is shown exactly once.
The link is valid until ${instant('en-GB', expiresAt, timeZone)}.

Do not pass this mail on: whoever has the link can collect the password. If the page says that it was collected
already, and it was not you, tell your IT at once.
`;
}

function instant(locale: string, at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone,
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(at);
}
