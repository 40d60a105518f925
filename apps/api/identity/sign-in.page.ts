import { markup, type PageLanguage } from '../http/html.js';
import { pageOf } from '../pages/page.js';

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
