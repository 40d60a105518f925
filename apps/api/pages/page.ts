import { Html, markup, styleHash, type PageLanguage } from '../http/html.js';

const STYLE = `:root{color-scheme:light dark;--text:#1b1f24;--soft:#57606a;--ground:#f3f4f6;--card:#fff;--line:#d0d7de;--accent:#0b57d0;--on:#fff;--warn:#9a3412}
@media (prefers-color-scheme:dark){:root{--text:#e6edf3;--soft:#9da7b1;--ground:#0d1117;--card:#161b22;--line:#30363d;--accent:#8ab4f8;--on:#0d1117;--warn:#fdba74}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--text);font:1.05rem/1.55 system-ui,sans-serif}
main{width:100%;max-width:34rem;min-width:0;background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:2rem;overflow-wrap:anywhere}
main.wide{max-width:48rem}
h1{margin:0 0 1rem;font-size:1.45rem;line-height:1.25}
h2{margin:1.5rem 0 .5rem;font-size:1.1rem;line-height:1.3}
p{margin:0 0 1rem}
.soft{color:var(--soft);font-size:.95rem}
.warn{color:var(--warn);font-weight:600}
form{margin:0 0 1rem}
button{font:inherit;font-weight:600;padding:.75rem 1.4rem;border:2px solid var(--accent);border-radius:.5rem;background:var(--accent);color:var(--on);cursor:pointer}
button.other{background:transparent;color:var(--accent)}
button:focus-visible,textarea:focus-visible,input:focus-visible{outline:3px solid var(--text);outline-offset:2px}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem}
label{display:block;margin:0 0 .35rem;font-weight:600}
textarea,input{display:block;width:100%;margin:0 0 1rem;padding:.6rem .75rem;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--line);border-radius:.5rem}
textarea{min-height:5rem;resize:vertical}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.35rem 1.25rem;margin:0 0 1rem}
dt{color:var(--soft)}
dd{margin:0}
ol.steps{margin:0 0 1rem;padding:0;list-style:none}
ol.steps>li{padding:.75rem 0;border-top:1px solid var(--line)}
ol.steps ul{margin:.25rem 0 0;padding-left:1.2rem}
@media (max-width:30rem){body{padding:.75rem}main{padding:1.25rem}dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .6rem}.buttons button{flex:1 1 100%}}
output{display:block;margin:0 0 1rem;padding:1rem;border:2px solid var(--accent);border-radius:.5rem;font:600 1.35rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere;user-select:all}
`;

/** Nothing but the page itself and its form: no script, no other address, no frame. */
export const PAGE_POLICY = `default-src 'none'; style-src ${styleHash(STYLE)}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** What a page shows below its heading. */
export interface PageContent {
  readonly heading: string;
  readonly body: Html;
  /** For tables and plans. */
  readonly isWide?: boolean;
}

/** A page that works without scripts, in one language. */
export function pageOf({ heading, body, isWide }: PageContent, language: PageLanguage): string {
  return markup`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${heading}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main${isWide ? new Html(' class="wide"') : null}>
<h1>${heading}</h1>
${body}
</main>
</body>
</html>
`.text;
}

/** A page of nothing but sentences: the heading, then a paragraph each. */
export function toldPage([heading = '', ...lines]: readonly string[]): PageContent {
  return { heading, body: markup`${lines.map((line) => markup`<p>${line}</p>`)}` };
}

/** Headers of every page behind a secret address. */
export function pageHeaders(status: number): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': PAGE_POLICY,
    'x-robots-tag': 'noindex, nofollow',
    vary: 'accept-language',
    ...(status === 503 ? { 'retry-after': '60' } : {}),
  };
}
