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
export function valueText(value: Json | undefined): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value === '' ? '–' : value;
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(valueText).join(', ');
  return JSON.stringify(value);
}
