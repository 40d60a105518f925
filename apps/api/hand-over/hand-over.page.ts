import { markup, type Html, type PageLanguage } from '../http/html.js';
import { pageOf, toldPage, type PageContent } from '../pages/page.js';

/** What somebody who opened a link is shown. */
export type HandOverView =
  | { readonly kind: 'offer'; readonly expiresAt: Date; readonly timeZone: string }
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'collected' | 'expired' | 'revoked' | 'unknown' | 'held' | 'unavailable' };

interface Texts {
  readonly title: string;
  readonly show: string;
  readonly once: string;
  readonly validUntil: (instant: string) => string;
  readonly locale: string;
  readonly shown: { readonly title: string; readonly label: string; readonly next: string; readonly gone: string };
  readonly ended: Readonly<
    Record<'collected' | 'expired' | 'revoked' | 'unknown' | 'held' | 'unavailable', readonly string[]>
  >;
}

const TEXTS: Readonly<Record<PageLanguage, Texts>> = {
  de: {
    title: 'Ihr Kennwort liegt bereit',
    show: 'Kennwort anzeigen',
    once: 'Es wird genau einmal angezeigt. Rufen Sie es erst ab, wenn Sie es gleich notieren oder verwenden können und niemand mitliest.',
    validUntil: (instant) => `Dieser Link gilt bis ${instant}.`,
    locale: 'de-DE',
    shown: {
      title: 'Ihr Kennwort',
      label: 'Kennwort',
      next: 'Melden Sie sich damit an. Werden Sie aufgefordert, es zu ändern, vergeben Sie ein eigenes.',
      gone: 'Wenn Sie diese Seite schließen, kann das Kennwort nicht noch einmal angezeigt werden.',
    },
    ended: {
      collected: [
        'Das Kennwort wurde schon abgeholt',
        'Jeder Link zeigt das Kennwort nur einmal.',
        'Waren Sie das nicht selbst? Melden Sie sich sofort bei Ihrer IT: Jemand anderes kennt das Kennwort, es muss geändert werden.',
        'Haben Sie es nicht notiert, bitten Sie Ihre IT um ein neues Kennwort.',
      ],
      expired: [
        'Dieser Link ist abgelaufen',
        'Das Kennwort wurde nicht abgeholt und kann mit diesem Link nicht mehr angezeigt werden.',
        'Bitten Sie Ihre IT um ein neues Kennwort.',
      ],
      revoked: [
        'Dieser Link wurde zurückgezogen',
        'Das Kennwort wurde niemandem gezeigt.',
        'Fragen Sie Ihre IT, wenn Sie ein Kennwort erwarten.',
      ],
      unknown: [
        'Diesen Link gibt es nicht',
        'Vielleicht fehlt ein Teil: Kopieren Sie die ganze Adresse aus der Mail.',
        'Hilft das nicht, bitten Sie Ihre IT um ein neues Kennwort.',
      ],
      held: [
        'Der Zugang Ihres Unternehmens ruht',
        'Das Kennwort wurde nicht angezeigt und der Link ist nicht verbraucht.',
        'Fragen Sie Ihre IT, wann es weitergeht.',
      ],
      unavailable: [
        'Gerade nicht möglich',
        'Das Kennwort wurde nicht angezeigt und der Link ist nicht verbraucht.',
        'Versuchen Sie es in einer Minute noch einmal.',
      ],
    },
  },
  en: {
    title: 'Your password is ready',
    show: 'Show the password',
    once: 'It is shown exactly once. Collect it when you can write it down or use it at once, and nobody reads along.',
    validUntil: (instant) => `This link is valid until ${instant}.`,
    locale: 'en-GB',
    shown: {
      title: 'Your password',
      label: 'Password',
      next: 'Sign in with it. If you are asked to change it, choose one of your own.',
      gone: 'Once you close this page, the password cannot be shown again.',
    },
    ended: {
      collected: [
        'The password was collected already',
        'Each link shows the password only once.',
        'It was not you? Tell your IT at once: somebody else knows the password, and it has to be changed.',
        'If you did not write it down, ask your IT for a new password.',
      ],
      expired: [
        'This link has expired',
        'The password was not collected and cannot be shown by this link any more.',
        'Ask your IT for a new password.',
      ],
      revoked: [
        'This link was withdrawn',
        'The password was shown to nobody.',
        'Ask your IT if you expect a password.',
      ],
      unknown: [
        'There is no such link',
        'A part may be missing: copy the whole address from the mail.',
        'If that does not help, ask your IT for a new password.',
      ],
      held: [
        'Your company’s access is suspended',
        'The password was not shown and the link is not used up.',
        'Ask your IT when it goes on.',
      ],
      unavailable: [
        'Not possible just now',
        'The password was not shown and the link is not used up.',
        'Try again in a minute.',
      ],
    },
  },
};

/** The page in one language. It holds a password only where that was just collected. */
export function handOverPage(view: HandOverView, language: PageLanguage): string {
  return pageOf(contentOf(view, TEXTS[language]), language);
}

function contentOf(view: HandOverView, texts: Texts): PageContent {
  if (view.kind === 'offer') return { heading: texts.title, body: offer(view, texts) };
  if (view.kind === 'password') return { heading: texts.shown.title, body: shown(view.password, texts) };
  return toldPage(texts.ended[view.kind]);
}

/** The form goes to the page's own address, so that the token stands nowhere in the page. */
function offer({ expiresAt, timeZone }: { expiresAt: Date; timeZone: string }, texts: Texts): Html {
  const format = { timeZone, dateStyle: 'long', timeStyle: 'short' } as const;
  const instant = `${new Intl.DateTimeFormat(texts.locale, format).format(expiresAt)} (${timeZone})`;
  return markup`<p>${texts.once}</p>
<form method="post"><button type="submit">${texts.show}</button></form>
<p class="soft">${texts.validUntil(instant)}</p>`;
}

function shown(password: string, { shown: { label, next, gone } }: Texts): Html {
  return markup`<p id="label">${label}</p>
<output aria-labelledby="label" translate="no">${password}</output>
<p>${next}</p>
<p class="soft">${gone}</p>`;
}
