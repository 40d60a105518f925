import type { Json } from '#libs/kernel';
import { markup, type Html, type PageLanguage } from '../http/html.js';
import type { CertificateTexts, Mark } from './certificate.texts.js';

/** What the parts of the page share. */
export interface PageContext {
  readonly texts: CertificateTexts;
  readonly language: PageLanguage;
  /** An instant for a reader, in the customer's time zone. */
  readonly time: (instant: string | null) => string;
}

/** A mark with its word: never a colour alone. */
export function markOf({ symbol, word }: Mark): Html {
  return markup`<span class="mark"><span aria-hidden="true">${symbol}</span> ${word}</span>`;
}

/** A value as people read it. */
export function valueText(value: Json | undefined, texts: CertificateTexts): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? texts.words.yes : texts.words.no;
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.length === 0 ? '–' : value.map((one: Json) => valueText(one, texts)).join(', ');
}
