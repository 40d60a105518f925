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
  if (Array.isArray(value)) return listText(value, texts);
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).filter(([, one]) => one !== null);
  return fields.length === 0 ? '–' : fields.map(([name, one]) => `${name}: ${valueText(one, texts)}`).join('; ');
}

/** A page is no place for a hundred names; the certificate itself has them all. */
const MOST_SHOWN = 12;

function listText(values: readonly Json[], texts: CertificateTexts): string {
  if (values.length === 0) return '–';
  const shown = values.slice(0, MOST_SHOWN).map((one) => valueText(one, texts));
  const left = values.length - shown.length;
  return left === 0 ? shown.join(', ') : `${shown.join(', ')} … (+${left})`;
}
