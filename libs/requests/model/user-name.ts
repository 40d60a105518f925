/** How a customer's user names are formed. */
export interface UserNameRule {
  /** A known format (`first.last`) or a template (`{given:1}.{surname}`). */
  readonly format: string;
  readonly onDuplicate: DuplicateAction;
  /** The longest user name, in characters. */
  readonly maxLength: number;
  /** The separators that may stand in a user name, among `.`, `_` and `-`. */
  readonly separators: string;
}

/**
 * What happens when a user name is taken: `number` appends 2, 3 …; `letter` takes the initial of a second given name,
 * then further letters of an abbreviated one; `refuse` refuses the request.
 */
export const DUPLICATE_ACTIONS = ['number', 'letter', 'refuse'] as const;
export type DuplicateAction = (typeof DUPLICATE_ACTIONS)[number];

export const DEFAULT_USER_NAME_RULE: UserNameRule = {
  format: 'first.last',
  onDuplicate: 'number',
  maxLength: 64,
  separators: '._-',
};

/** The formats that have a name. */
export const USER_NAME_FORMATS: Readonly<Record<string, string>> = {
  'first.last': '{given}.{surname}',
  'f.last': '{given:1}.{surname}',
  'first.l': '{given}.{surname:1}',
  first_last: '{given}_{surname}',
  'first-last': '{given}-{surname}',
  firstlast: '{given}{surname}',
  firstl: '{given}{surname:1}',
  flast: '{given:1}{surname}',
  'last.first': '{surname}.{given}',
  'last.f': '{surname}.{given:1}',
  lastf: '{surname}{given:1}',
  lastfirst: '{surname}{given}',
  first: '{given}',
  last: '{surname}',
};

export interface PersonName {
  readonly givenName: string;
  readonly surname: string;
}

type Part = 'given' | 'surname';
type Segment = { readonly text: string } | { readonly part: Part; readonly letters: number | null };

const PLACEHOLDER = /\{(given|surname)(?::([1-9]\d?))?\}/g;
const MOST_NUMBERS = 99;

/** What is wrong with a format, in a sentence; null when it can be used. */
export function userNameFormatProblem(format: string, separators: string): string | null {
  const template = templateOf(format);
  if (template === null)
    return `Take one of ${Object.keys(USER_NAME_FORMATS).join(', ')}, or a template with {given} and {surname}.`;
  const literals = template.replace(PLACEHOLDER, '');
  if (literals === template) return 'Name {given} or {surname}, shortened as in {given:1}.';
  if (/[{}]/.test(literals)) return 'Only {given}, {surname} and a number of letters as in {given:1} stand in braces.';
  const strange = [...literals].find((character) => !/[a-z0-9]/.test(character) && !separators.includes(character));
  return strange === undefined ? null : `The character ${strange} may not stand in a user name.`;
}

/**
 * The user names to try for a person, the wanted one first. None when the name leaves no letter in the Latin alphabet:
 * then the user name has to be given. All are lower case, at most `maxLength` long, and have letters, digits and the
 * allowed separators only.
 */
export function userNameCandidates(name: PersonName, rule: UserNameRule): readonly string[] {
  const segments = parse(templateOf(rule.format) ?? rule.format);
  const base = render(segments, name, rule);
  if (base === '') return [];
  return [...new Set([base, ...alternatives(segments, name, rule, base)])];
}

/** The alternatives to a user name that was given instead of formed. */
export function alternativesTo(userName: string, rule: UserNameRule): readonly string[] {
  return rule.onDuplicate === 'number' ? [userName, ...numbered(userName, rule.maxLength)] : [userName];
}

/** Whether this can be a user name by the rule. */
export function isUserName(text: string, rule: Pick<UserNameRule, 'maxLength' | 'separators'>): boolean {
  return text.length > 0 && text.length <= rule.maxLength && clean(text, rule.separators) === text;
}

/**
 * A name in the letters a–z, digits and blanks, lower case: letters that are no letter with an accent as ICAO Doc 9303
 * (part 3, section 6) writes them for travel documents (ä → ae, ß → ss, ø → oe, ł → l), accents dropped.
 */
export function transliterate(name: string): string {
  const plain = withoutOwnLetters(name.normalize('NFC').toLowerCase())
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '');
  // one with an accent of its own (ǽ, ǿ) shows only now
  return withoutOwnLetters(plain);
}

function withoutOwnLetters(text: string): string {
  return text.replace(/[äöüßåæœøłđðþıŋħŧĳ]/g, (letter) => LETTERS[letter] ?? letter);
}

const LETTERS: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  å: 'aa',
  æ: 'ae',
  œ: 'oe',
  ø: 'oe',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ŋ: 'n',
  ħ: 'h',
  ŧ: 't',
  ĳ: 'ij',
};

/** Null when it is neither a known format nor a template. */
function templateOf(format: string): string | null {
  if (Object.hasOwn(USER_NAME_FORMATS, format)) return USER_NAME_FORMATS[format]!;
  return format.includes('{') ? format : null;
}

function parse(template: string): Segment[] {
  const segments: Segment[] = [];
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    if (match.index > end) segments.push({ text: template.slice(end, match.index) });
    segments.push({ part: match[1] as Part, letters: match[2] === undefined ? null : Number(match[2]) });
    end = match.index + match[0].length;
  }
  if (end < template.length) segments.push({ text: template.slice(end) });
  return segments;
}

/** Of several given names the first counts; the words of a surname (von der Heide) are joined by a hyphen. */
function wordsOf(name: PersonName, part: Part, separators: string): string {
  const words = transliterate(part === 'given' ? name.givenName : name.surname)
    .replace(/['’`´]/g, '')
    .split(/[^a-z0-9-]+/)
    .filter((word) => /[a-z0-9]/.test(word));
  const joined = part === 'given' ? (words[0] ?? '') : words.join('-');
  return separators.includes('-') ? joined : joined.replaceAll('-', '');
}

function render(segments: readonly Segment[], name: PersonName, rule: UserNameRule, more = 0): string {
  const written = segments.map((segment) => {
    if ('text' in segment) return segment.text;
    const words = wordsOf(name, segment.part, rule.separators);
    // the letters of an abbreviation are letters: no hyphen among them
    return segment.letters === null ? words : words.replaceAll('-', '').slice(0, segment.letters + more);
  });
  // literals alone are no name
  const parts = written.filter((_text, index) => 'part' in segments[index]!);
  if (parts.every((part) => part === '')) return '';
  return cut(clean(written.join(''), rule.separators), rule.maxLength);
}

function alternatives(
  segments: readonly Segment[],
  name: PersonName,
  rule: UserNameRule,
  base: string,
): readonly string[] {
  switch (rule.onDuplicate) {
    case 'refuse':
      return [];
    case 'number':
      return numbered(base, rule.maxLength);
    case 'letter':
      return [...withSecondInitial(segments, name, rule), ...withMoreLetters(segments, name, rule)];
  }
}

function numbered(base: string, maxLength: number): string[] {
  return Array.from({ length: MOST_NUMBERS - 1 }, (_unused, index) => {
    const number = String(index + 2);
    return cut(base, maxLength - number.length) + number;
  });
}

/** anna.keller → anna.m.keller, akeller → amkeller: the initial stands behind the given name, set apart as that is. */
function withSecondInitial(segments: readonly Segment[], name: PersonName, rule: UserNameRule): string[] {
  const second = transliterate(name.givenName)
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')[1]
    ?.charAt(0);
  const at = segments.findIndex((segment) => 'part' in segment && segment.part === 'given');
  if (second === undefined || at < 0) return [];
  const given = segments[at] as { readonly letters: number | null };
  const next = segments[at + 1];
  const separator = given.letters === null && next && 'text' in next ? next.text : '';
  const before = segments[at - 1];
  const apart = separator === '' && given.letters === null && before && 'text' in before ? before.text : separator;
  return [render(segments.toSpliced(at + 1, 0, { text: apart + second }), name, rule)];
}

/** a.keller → an.keller, ann.keller: one letter more of each abbreviated name at a time. */
function withMoreLetters(segments: readonly Segment[], name: PersonName, rule: UserNameRule): string[] {
  const shortened = segments.filter((segment) => 'part' in segment && segment.letters !== null);
  if (shortened.length === 0) return [];
  const longest = Math.max(name.givenName.length, name.surname.length) * 2;
  return Array.from({ length: longest }, (_unused, index) => render(segments, name, rule, index + 1));
}

/** Without what is not allowed, and without separators side by side or at an end. */
function clean(text: string, separators: string): string {
  const allowed = [...text].filter((character) => /[a-z0-9]/.test(character) || separators.includes(character));
  return allowed
    .join('')
    .replace(/([._-])[._-]+/g, '$1')
    .replace(/^[._-]+|[._-]+$/g, '');
}

function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[._-]+$/, '');
}
