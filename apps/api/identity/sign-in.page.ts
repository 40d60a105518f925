import { markup, type PageLanguage } from '../http/html.js';
import { pageOf } from '../pages/page.js';
import type { ConsentQuestion } from './sign-in-consent.js';

type Texts = Readonly<Record<PageLanguage, readonly [heading: string, ...lines: string[]]>>;

/** What somebody in a browser is told instead of a problem, by the problem's code. */
const TEXTS: Readonly<Record<string, Texts>> = {
  'sign_in.no_provider': {
    de: ['Hier geht es nicht weiter', 'Prüfen Sie die Angabe, oder fragen Sie Ihre IT, wo Sie sich anmelden.'],
    en: ['There is nowhere to sign in', 'Check what you gave, or ask your IT where to sign in.'],
  },
  'sign_in.not_begun': {
    de: [
      'Bitte noch einmal anmelden',
      'Die Anmeldung hat länger als zehn Minuten gedauert oder wurde nicht in diesem Browser begonnen.',
    ],
    en: ['Please sign in again', 'It took longer than ten minutes, or it was not begun in this browser.'],
  },
  'auth.cross_site': {
    de: ['Das kam nicht von unserer Seite', 'Eine andere Seite wollte Sie anmelden. Es ist nichts geschehen.'],
    en: ['This did not come from our page', 'Another site wanted to sign you in. Nothing has happened.'],
  },
  'sign_in.failed': {
    de: ['Die Anmeldung ist fehlgeschlagen', 'Ihr Anmeldedienst hat nicht bestätigt, wer Sie sind.'],
    en: ['The sign-in failed', 'Your identity provider did not confirm who you are.'],
  },
  'sign_in.not_admitted': {
    de: [
      'Sie haben hier keinen Zugang',
      'Ihr Anmeldedienst kennt Sie, aber Sie sind hier nicht zugelassen. Fragen Sie Ihre Administration.',
    ],
    en: [
      'You are not admitted here',
      'Your identity provider knows you, but you are not admitted here. Ask your administrator.',
    ],
  },
  'sign_in.no_role': {
    de: [
      'Sie haben hier keine Rolle',
      'Keine Ihrer Gruppen gibt Ihnen hier eine Rolle. Fragen Sie Ihre Administration.',
    ],
    en: ['You have no role here', 'None of your groups gives you a role here. Ask your administrator.'],
  },
  'sign_in.second_factor_missing': {
    de: [
      'Ein zweiter Faktor fehlt',
      'Wer beim Dienstleister arbeitet, meldet sich mit einem zweiten Faktor an. Melden Sie sich noch einmal an und bestätigen Sie ihn.',
    ],
    en: [
      'A second factor is missing',
      'People of the provider sign in with a second factor. Sign in again and confirm it.',
    ],
  },
};

const CONSENT = {
  de: {
    heading: 'Möchten Sie sich anmelden?',
    led: 'Ein Link hat Sie hierher geführt. Gehen Sie nur weiter, wenn Sie sich gerade anmelden wollten.',
    signedIn: 'In diesem Browser ist schon jemand angemeldet:',
    replaced: 'Wer sich neu anmeldet, beendet diese Anmeldung.',
    button: 'Weiter zur Anmeldung',
    onwards: 'Weiter zum Anmeldedienst',
  },
  en: {
    heading: 'Do you want to sign in?',
    led: 'A link has led you here. Go on only if you meant to sign in just now.',
    signedIn: 'Somebody is signed in in this browser already:',
    replaced: 'Signing in anew ends that.',
    button: 'Go on and sign in',
    onwards: 'On to the identity provider',
  },
} as const satisfies Record<PageLanguage, Record<string, string>>;

/** Asks whether somebody wants to sign in; the button sends a form to `action`. */
export function consentPage({ signedInAs }: ConsentQuestion, action: string, language: PageLanguage): string {
  const texts = CONSENT[language];
  const known =
    signedInAs === null ? null : markup`<p>${texts.signedIn} <strong>${signedInAs}</strong>. ${texts.replaced}</p>`;
  const form = markup`<form method="post" action="${action}"><button>${texts.button}</button></form>`;
  return pageOf({ heading: texts.heading, body: markup`<p>${texts.led}</p>${known}${form}` }, language);
}

/** Leads on to the issuer, where a browser does not go by itself. */
export function onwardsPage(address: string, language: PageLanguage): string {
  const { onwards } = CONSENT[language];
  return pageOf({ heading: onwards, body: markup`<p><a href="${address}">${onwards}</a></p>` }, language);
}

const UNAVAILABLE: Texts = {
  de: ['Gerade nicht möglich', 'Der Anmeldedienst antwortet nicht. Versuchen Sie es in einer Minute noch einmal.'],
  en: ['Not possible just now', 'The identity provider does not answer. Try again in a minute.'],
};

const AGAIN: Readonly<Record<PageLanguage, string>> = { de: 'Noch einmal anmelden', en: 'Sign in again' };

/** The page that tells why somebody is not signed in; `again` begins anew, where that can help. */
export function refusedPage(code: string, again: string | null, language: PageLanguage): string {
  const [heading, ...lines] = (TEXTS[code] ?? UNAVAILABLE)[language];
  const link = again === null ? null : markup`<p><a href="${again}">${AGAIN[language]}</a></p>`;
  return pageOf({ heading, body: markup`${lines.map((line) => markup`<p>${line}</p>`)}${link}` }, language);
}

/** The page at which an issuer's own sign-out ends. */
export function endedPage(language: PageLanguage): string {
  const heading = { de: 'Sie sind abgemeldet', en: 'You are signed out' }[language];
  const line = { de: 'Sie können dieses Fenster schließen.', en: 'You can close this window.' }[language];
  return pageOf({ heading, body: markup`<p>${line}</p>` }, language);
}
