import type { PageLanguage } from '../http/html.js';

/** How a page for invited people may end without their being let in. */
export type InvitationRefusal = 'unverified' | 'notBegun' | 'notAdmitted' | 'unavailable';

interface Texts {
  readonly heading: string;
  readonly opening: string;
  readonly customer: string;
  readonly name: string;
  readonly invitedBy: string;
  readonly roles: string;
  readonly until: string;
  readonly about: string;
  readonly press: string;
  readonly warning: string;
  readonly done: readonly string[];
  readonly onwards: string;
  /** The heading, then a paragraph each. */
  readonly refused: Readonly<Record<InvitationRefusal, readonly string[]>>;
  readonly roleNames: Readonly<Record<string, string>>;
}

export const INVITATION_TEXTS: Readonly<Record<PageLanguage, Texts>> = {
  de: {
    heading: 'Ihr Zugang zu Stellwerk',
    opening: 'Sie sind eingeladen. Ein Kennwort brauchen Sie nicht.',
    customer: 'Für',
    name: 'Ihr Name',
    invitedBy: 'Eingeladen von',
    roles: 'Rollen',
    until: 'Gültig bis',
    about:
      'Legen Sie einen Passkey an: Ihr Gerät oder Sicherheitsschlüssel bestätigt von da an mit PIN, Gesicht oder Finger, dass Sie es sind.',
    press: 'Passkey anlegen',
    warning: 'Der Link ist nur für Sie. Wer ihn benutzt, bekommt Ihren Zugang.',
    done: [
      'Ihr Passkey ist angelegt',
      'Sie sind angemeldet. Der Link ist damit benutzt; künftig melden Sie sich mit dem Passkey an.',
      'Legen Sie bald einen zweiten auf einem anderen Gerät an, damit Sie auch ohne dieses hineinkommen.',
    ],
    onwards: 'Weiter',
    refused: {
      unverified: [
        'Das hat nicht geklappt',
        'Der Passkey ließ sich nicht prüfen. Er muss in diesem Browser angelegt und mit PIN, Gesicht oder Finger bestätigt sein.',
        'Es wurde nichts getan und der Link ist nicht verbraucht.',
      ],
      notBegun: [
        'Bitte noch einmal',
        'Das Anlegen hat länger als fünf Minuten gedauert oder wurde nicht in diesem Browser begonnen.',
        'Es wurde nichts getan und der Link ist nicht verbraucht.',
      ],
      notAdmitted: [
        'Sie bekommen gerade keinen Zugang',
        'Der Zugang ist gesperrt. Fragen Sie, wer Sie eingeladen hat. Es wurde nichts getan.',
      ],
      unavailable: [
        'Hier gibt es keine Passkeys',
        'Stellwerk ist unter dieser Adresse nicht dafür eingerichtet. Zeigen Sie diese Seite, wer Sie eingeladen hat.',
      ],
    },
    roleNames: {
      owner: 'Inhaber',
      operator: 'Betrieb',
      technician: 'Technik',
      auditor: 'Revision',
      customer_admin: 'Administration',
      approver: 'Freigabe',
      requester: 'Anfragen',
    },
  },
  en: {
    heading: 'Your access to Stellwerk',
    opening: 'You are invited. You need no password.',
    customer: 'For',
    name: 'Your name',
    invitedBy: 'Invited by',
    roles: 'Roles',
    until: 'Valid until',
    about: 'Make a passkey: from then on your device or security key confirms by PIN, face or finger that it is you.',
    press: 'Make a passkey',
    warning: 'The link is for you alone. Whoever uses it gets your access.',
    done: [
      'Your passkey is made',
      'You are signed in. The link is used up; from now on you sign in with the passkey.',
      'Make a second one on another device soon, so that you get in without this one, too.',
    ],
    onwards: 'Go on',
    refused: {
      unverified: [
        'That did not work',
        'The passkey could not be verified. It has to be made in this browser and confirmed by PIN, face or finger.',
        'Nothing was done and the link is not used up.',
      ],
      notBegun: [
        'Please try again',
        'Making it took longer than five minutes, or was not begun in this browser.',
        'Nothing was done and the link is not used up.',
      ],
      notAdmitted: [
        'You cannot be let in just now',
        'The access is locked. Ask whoever invited you. Nothing was done.',
      ],
      unavailable: [
        'There are no passkeys here',
        'Stellwerk is not set up for them under this address. Show this page to whoever invited you.',
      ],
    },
    roleNames: {
      owner: 'Owner',
      operator: 'Operations',
      technician: 'Technician',
      auditor: 'Auditor',
      customer_admin: 'Administration',
      approver: 'Approvals',
      requester: 'Requests',
    },
  },
};
