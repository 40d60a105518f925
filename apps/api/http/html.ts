import { createHash } from 'node:crypto';

/** Text that is put into a page as it is: everything else is escaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | readonly Html[] | null;

/** A piece of a page. What stands in `${…}` is escaped unless it is a piece itself; null is nothing. */
export function markup(pieces: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = parts.map((part, index) => asText(part) + pieces[index + 1]!);
  return new Html(pieces[0]! + text.join(''));
}

function asText(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map((one) => one.text).join('');
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The value that lets a page's one inline style through its content security policy. */
export function styleHash(style: string): string {
  return `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
}

export const PAGE_LANGUAGES = ['de', 'en'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** The language that a reader prefers of those we have (RFC 9110, `Accept-Language`); English when it names neither. */
export function preferredLanguage(header: string | undefined): PageLanguage {
  const wanted = (header ?? '')
    .split(',')
    .map((entry) => {
      const [tag = '', ...more] = entry.trim().toLowerCase().split(';');
      const weight = more.map((one) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(one)?.[1]).find(Boolean);
      return { language: tag.split('-')[0]!, weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  const found = wanted.find(({ language }) => (PAGE_LANGUAGES as readonly string[]).includes(language));
  return (found?.language as PageLanguage | undefined) ?? 'en';
}
