import { PersonNamesInvalid } from './privacy.errors.js';

/** How a person is named at a customer. */
export interface PersonNames {
  /** The login name, with or without `@<tenant>`; of somebody of the MSP at a customer with the MSP's, e.g. `olga@msp`. */
  readonly user: string;
  readonly mail?: string | undefined;
  /** Further names that stand in texts, e.g. `Eva Beck`. */
  readonly alsoNamed?: readonly string[] | null | undefined;
}

const SHORTEST = 3;
/** Ids of requests, runs and keys: replaced, histories could no longer be followed. */
const IS_ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const PRINTABLE = /^[^\p{Cc}\p{Cs}"\\]+$/u;

/**
 * Every text that names the person, the longest first. Somebody of the MSP is not their login name alone: a customer may have somebody of
 * the same. Throws `PersonNamesInvalid`.
 */
export function namesOfPerson(tenant: string, msp: string, { user, mail, alsoNamed }: PersonNames): readonly string[] {
  const [login = '', home] = user.toLowerCase().split('@');
  const given = [
    ...(home === msp && msp !== tenant ? [`${login}@${msp}`] : [login, `${login}@${tenant}`]),
    ...(mail === undefined || mail === null ? [] : [mail]),
    ...(alsoNamed ?? []),
  ];
  const names = [...new Set(given.map((name) => name.trim().toLowerCase()))];
  if (names.some((name) => name.length < SHORTEST || !PRINTABLE.test(name)))
    throw new PersonNamesInvalid(
      'A name has at least three characters and neither quotes nor backslashes: shorter ones would hit parts of others.',
    );
  if (names.some((name) => IS_ID.test(name)))
    throw new PersonNamesInvalid(
      'An id names no person. Give the login name, the mail address and the names that stand in texts.',
    );
  return names.sort((a, b) => b.length - a.length);
}

/** A regular expression of PostgreSQL for these names, as whole words whatever their case. */
export function patternOfNames(names: readonly string[]): string {
  const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  return `(?<![[:alnum:]])(?:${escaped.join('|')})(?![[:alnum:]])`;
}
