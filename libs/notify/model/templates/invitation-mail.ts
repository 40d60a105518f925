import { instantIn, oneLine, type MailContent, type MailLanguage } from '../mail-content.js';

/** What somebody is told who is invited to sign in with a passkey. */
export interface InvitationNews {
  readonly name: string;
  /** As histories name them. */
  readonly invitedBy: string;
  /** Whose people they join. */
  readonly customer: string;
  readonly link: { readonly url: string; readonly expiresAt: Date; readonly timeZone: string };
}

/** The mail that invites somebody. */
export function invitationMail(language: MailLanguage, news: InvitationNews): MailContent {
  return language === 'de' ? german(news) : english(news);
}

function german({ name, invitedBy, customer, link }: InvitationNews): MailContent {
  return {
    language: 'de',
    subject: oneLine(`Einladung zu Stellwerk (${customer})`),
    opening: [
      `Guten Tag ${oneLine(name)},`,
      'Sie bekommen Zugang zu Stellwerk. Sie brauchen dafür kein Kennwort, sondern einen Passkey: Ihr Gerät oder Sicherheitsschlüssel bestätigt mit PIN, Gesicht oder Finger, dass Sie es sind.',
    ],
    facts: [
      { label: 'Für', value: customer },
      { label: 'Eingeladen von', value: invitedBy },
    ],
    action: { label: 'Einladung ansehen und Passkey anlegen', url: link.url },
    closing: [
      `Der Link ist nur für Sie und gilt einmal, bis ${instantIn('de', link.expiresAt, link.timeZone)}. Geben Sie ihn nicht weiter: Wer ihn benutzt, bekommt Ihren Zugang. Ihn zu öffnen bewirkt noch nichts.`,
      'Erwarten Sie keine Einladung? Dann tun Sie nichts und fragen Sie Ihre IT.',
    ],
  };
}

function english({ name, invitedBy, customer, link }: InvitationNews): MailContent {
  return {
    language: 'en',
    subject: oneLine(`Invitation to Stellwerk (${customer})`),
    opening: [
      `Hello ${oneLine(name)},`,
      'You are given access to Stellwerk. It needs no password but a passkey: your device or security key confirms by PIN, face or finger that it is you.',
    ],
    facts: [
      { label: 'For', value: customer },
      { label: 'Invited by', value: invitedBy },
    ],
    action: { label: 'See the invitation and make a passkey', url: link.url },
    closing: [
      `The link is for you alone and works once, until ${instantIn('en', link.expiresAt, link.timeZone)}. Do not pass it on: whoever uses it gets your access. Opening it does nothing yet.`,
      'You did not expect an invitation? Then do nothing, and ask your IT.',
    ],
  };
}
