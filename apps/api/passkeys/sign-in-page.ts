import { markup, type PageLanguage } from '../http/html.js';
import type { PageContent } from '../pages/page.js';
import { passkeyForm } from './passkey-form.js';

const TEXTS = {
  de: {
    heading: 'Anmelden',
    passkey: 'Mit Passkey anmelden',
    about: 'Ihr Gerät oder Sicherheitsschlüssel bestätigt mit PIN, Gesicht oder Finger, dass Sie es sind.',
    issuer: 'Hat Ihre Firma einen Anmeldedienst?',
    mail: 'Ihre Mailadresse',
    onwards: 'Weiter zum Anmeldedienst',
  },
  en: {
    heading: 'Sign in',
    passkey: 'Sign in with a passkey',
    about: 'Your device or security key confirms by PIN, face or finger that it is you.',
    issuer: 'Does your company have an identity provider?',
    mail: 'Your mail address',
    onwards: 'On to the identity provider',
  },
} as const satisfies Record<PageLanguage, Record<string, string>>;

/** The page that people sign in at: with a passkey, or at their company's issuer. */
export function signInPage(origin: string, returnTo: string, language: PageLanguage): PageContent {
  const texts = TEXTS[language];
  const form = passkeyForm({ kind: 'sign-in', origin, returnTo, label: texts.passkey }, language);
  return {
    heading: texts.heading,
    body: markup`<p>${texts.about}</p>
${form}
<h2>${texts.issuer}</h2>
<form method="get" action="/v1/sign-in" data-issuer="">
<label for="mail">${texts.mail}</label>
<input id="mail" name="mail" type="email" autocomplete="email" required>
<button class="other">${texts.onwards}</button>
</form>`,
  };
}
