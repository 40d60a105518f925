import type { IncomingMessage, ServerResponse } from 'node:http';

const TEXTS = {
  de: {
    title: 'Anmelden',
    user: 'Benutzername',
    password: 'Passwort',
    plain: 'Nur mit Passwort',
    strong: 'Mit zweitem Faktor (am Telefon bestätigt)',
    wrong: 'Benutzername oder Passwort ist falsch.',
    leave: 'Abmelden',
    leaveAsk: 'Möchten Sie sich auch hier abmelden?',
    left: 'Sie sind abgemeldet.',
  },
  en: {
    title: 'Sign in',
    user: 'User name',
    password: 'Password',
    plain: 'With the password only',
    strong: 'With a second factor (confirmed on the phone)',
    wrong: 'User name or password is wrong.',
    leave: 'Sign out',
    leaveAsk: 'Do you want to sign out here, too?',
    left: 'You are signed out.',
  },
} as const;

type Texts = (typeof TEXTS)[keyof typeof TEXTS];

const STYLE =
  'body{font:1rem system-ui;max-width:24rem;margin:3rem auto;padding:0 1rem}label,button{display:block;margin:.6rem 0}input{display:block;width:100%;font:inherit;padding:.3rem}button{font:inherit;padding:.4rem .8rem}[role=alert]{color:#a00}';

/** German for whoever prefers it, else English. */
export function textsFor(language: string | undefined): Texts & { readonly language: 'de' | 'en' } {
  const language_ = /^\s*de\b/i.test(language ?? '') ? 'de' : 'en';
  return { ...TEXTS[language_], language: language_ };
}

/** The form that asks who somebody is. */
export function sendLoginPage(
  request: IncomingMessage,
  response: ServerResponse,
  issuer: string,
  failed: boolean,
): void {
  const texts = textsFor(request.headers['accept-language']);
  const alert = failed ? `<p role="alert">${texts.wrong}</p>` : '';
  const fields = `<label>${texts.user}<input name="user" autocomplete="username" autofocus required></label>
<label>${texts.password}<input name="password" type="password" autocomplete="current-password" required></label>
<button name="factors" value="two">${texts.strong}</button><button name="factors" value="one">${texts.plain}</button>`;
  const body = `${alert}<form method="post">${fields}</form>`;
  sendPage(response, failed ? 401 : 200, page(texts.language, `${texts.title}: ${issuer}`, body));
}

/** A whole page; nothing in it comes from a caller. */
export function page(language: string, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head>
<body><h1>${title}</h1>${body}</body></html>
`;
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  });
  response.end(html);
}
