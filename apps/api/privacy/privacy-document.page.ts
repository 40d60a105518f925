import { CERTIFICATE_STYLE } from '../certificates/certificate.style.js';
import { Html, markup, styleHash, type PageLanguage } from '../http/html.js';

/** Nothing but the document itself: no script, no form, no other address. */
export const DOCUMENT_POLICY = `default-src 'none'; style-src ${styleHash(CERTIFICATE_STYLE)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** A section of a document: terms with what they mean here. */
export interface Section {
  readonly heading: string;
  readonly terms: readonly (readonly [term: string, meaning: string | Html | readonly string[]])[];
}

/** A document to read and print, in the style of the certificates. */
export function documentPage(
  { title, intro, sections }: { readonly title: string; readonly intro: string; readonly sections: readonly Section[] },
  language: PageLanguage,
): string {
  return markup`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(CERTIFICATE_STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="soft">${intro}</p>
${sections.map(section)}
</main>
</body>
</html>
`.text;
}

function section({ heading, terms }: Section): Html {
  return markup`<h2>${heading}</h2>
<dl>
${terms.map(([term, meaning]) => markup`<dt>${term}</dt><dd>${meaningOf(meaning)}</dd>`)}
</dl>`;
}

function meaningOf(meaning: string | Html | readonly string[]): string | Html {
  if (typeof meaning === 'string' || meaning instanceof Html) return meaning;
  if (meaning.length === 0) return '–';
  return markup`<ul>${meaning.map((one) => markup`<li>${one}</li>`)}</ul>`;
}
