import { markup, type Html, type PageLanguage } from '../http/html.js';
import { PAGE_POLICY } from '../pages/page.js';

export const PASSKEY_SCRIPT_PATH = '/sign-in/passkey.js';

/** As other pages, with our own script, which calls our own address. */
export const PASSKEY_POLICY = PAGE_POLICY.replace(
  "default-src 'none';",
  "default-src 'none'; script-src 'self'; connect-src 'self';",
);

/** What a reader is told when it does not work, by a problem's code or the browser's name of the error. */
const TEXTS: Readonly<Record<PageLanguage, Readonly<Record<string, string>>>> = {
  de: {
    NotAllowedError: 'Es wurde abgebrochen oder hat zu lange gedauert. Versuchen Sie es noch einmal.',
    InvalidStateError: 'Auf diesem Gerät haben Sie schon einen Passkey. Melden Sie sich mit ihm an.',
    NotSupportedError:
      'Dieses Gerät kann keinen Passkey anlegen. Nehmen Sie ein anderes oder einen Sicherheitsschlüssel.',
    'sign_in.failed': 'Mit diesem Passkey kommen Sie nicht hinein. Bitten Sie Ihre Administration um eine Einladung.',
    'sign_in.not_admitted': 'Sie haben hier keinen Zugang. Fragen Sie Ihre Administration.',
    'sign_in.no_role': 'Sie haben hier keine Rolle mehr. Fragen Sie Ihre Administration.',
    'sign_in.not_begun': 'Das hat zu lange gedauert. Versuchen Sie es noch einmal.',
    'limits.sign_in_delayed': 'Zu viele Versuche. Warten Sie eine Minute.',
    'invitation.ended': 'Diese Einladung gilt nicht mehr. Bitten Sie um eine neue.',
    other: 'Gerade nicht möglich. Versuchen Sie es in einer Minute noch einmal.',
  },
  en: {
    NotAllowedError: 'It was cancelled or took too long. Try again.',
    InvalidStateError: 'You have a passkey on this device already. Sign in with it.',
    NotSupportedError: 'This device cannot make a passkey. Take another one, or a security key.',
    'sign_in.failed': 'This passkey does not let you in. Ask your administrator for an invitation.',
    'sign_in.not_admitted': 'You are not admitted here. Ask your administrator.',
    'sign_in.no_role': 'You have no role here any more. Ask your administrator.',
    'sign_in.not_begun': 'That took too long. Try again.',
    'limits.sign_in_delayed': 'Too many attempts. Wait a minute.',
    'invitation.ended': 'This invitation no longer holds. Ask for a new one.',
    other: 'Not possible just now. Try again in a minute.',
  },
};

const NO_SCRIPT: Readonly<Record<PageLanguage, string>> = {
  de: 'Ein Passkey braucht JavaScript. Schalten Sie es für diese Seite ein.',
  en: 'A passkey needs JavaScript. Switch it on for this page.',
};

/** A button that makes a passkey or signs in with one; nothing happens before it is pressed. */
export function passkeyForm(
  wish: {
    readonly kind: 'register' | 'sign-in';
    readonly origin: string;
    readonly label: string;
    readonly returnTo?: string;
  },
  language: PageLanguage,
): Html {
  const { kind, origin, label, returnTo = '' } = wish;
  const texts = JSON.stringify(TEXTS[language]);
  return markup`<form method="post" data-passkey="${kind}" data-origin="${origin}" data-return-to="${returnTo}" data-texts="${texts}">
<input type="hidden" name="credential">
<button>${label}</button>
</form>
<p id="problem" class="warn" role="alert" hidden></p>
<noscript><p class="warn">${NO_SCRIPT[language]}</p></noscript>
<script src="${PASSKEY_SCRIPT_PATH}"></script>`;
}
