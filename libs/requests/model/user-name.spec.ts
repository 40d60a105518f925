import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  alternativesTo,
  DEFAULT_USER_NAME_RULE,
  DUPLICATE_ACTIONS,
  isUserName,
  transliterate,
  USER_NAME_FORMATS,
  userNameCandidates,
  userNameFormatProblem,
  type UserNameRule,
} from './user-name.js';

const rule = (change: Partial<UserNameRule> = {}): UserNameRule => ({ ...DEFAULT_USER_NAME_RULE, ...change });
const named = (givenName: string, surname: string, change: Partial<UserNameRule> = {}) =>
  userNameCandidates({ givenName, surname }, rule(change));
const first = (givenName: string, surname: string, format = 'first.last') => named(givenName, surname, { format })[0];

describe('a user name', () => {
  it.each([
    ['first.last', 'jana.keller'],
    ['f.last', 'j.keller'],
    ['first.l', 'jana.k'],
    ['first_last', 'jana_keller'],
    ['first-last', 'jana-keller'],
    ['firstlast', 'janakeller'],
    ['firstl', 'janak'],
    ['flast', 'jkeller'],
    ['last.first', 'keller.jana'],
    ['last.f', 'keller.j'],
    ['lastf', 'kellerj'],
    ['lastfirst', 'kellerjana'],
    ['first', 'jana'],
    ['last', 'keller'],
    ['{surname:3}{given:2}', 'kelja'],
    ['ext-{given}.{surname}', 'ext-jana.keller'],
    ['{given:1}{surname}01', 'jkeller01'],
  ])('by the format %s is %s', (format, expected) => {
    expect(userNameFormatProblem(format, '._-')).toBeNull();
    expect(first('Jana', 'Keller', format)).toBe(expected);
  });

  it.each([
    ['Jörg', 'Müller', 'joerg.mueller'],
    ['Günther', 'Groß', 'guenther.gross'],
    ['JÖRG', 'GROẞ', 'joerg.gross'],
    ['Jo\u0308rg', 'Mu\u0308ller', 'joerg.mueller'],
    ['Aylin', 'Yıldız', 'aylin.yildiz'],
    ['İpek', 'Öztürk', 'ipek.oeztuerk'],
    ['Emil', 'Sørensen', 'emil.soerensen'],
    ['Åse', 'Ægir', 'aase.aegir'],
    ['Radosław', 'Wójcik', 'radoslaw.wojcik'],
    ['Zoë', 'Nguyễn', 'zoe.nguyen'],
    ['Ðuro', 'Þórsson', 'duro.thorsson'],
    ['René', "O'Neill", 'rene.oneill'],
    ['Seán', 'O’Brien', 'sean.obrien'],
    ['Anna-Lena', 'Meyer-Landrut', 'anna-lena.meyer-landrut'],
    ['Anna Maria', 'von der Heide', 'anna.von-der-heide'],
    [' Jana ', '  Keller ', 'jana.keller'],
    ['Prof. Jana', 'Keller jr.', 'prof.keller-jr'],
    ['李 Wei', '王', 'wei'],
    ['R2', 'D2', 'r2.d2'],
  ])('of %s %s is %s', (given, surname, expected) => {
    expect(first(given, surname)).toBe(expected);
  });

  it.each([
    ['李', '王'],
    ['Иван', 'Петров'],
    ['-', '…'],
  ])('of %s %s cannot be formed', (given, surname) => expect(named(given, surname)).toEqual([]));

  it('without a hyphen among its separators joins the words', () => {
    expect(named('Anna-Lena', 'von der Heide', { separators: '.' })[0]).toBe('annalena.vonderheide');
  });

  it('abbreviates by letters, not by hyphens', () => {
    expect(first('A-Li', 'Meyer-Landrut', '{given:2}{surname:6}')).toBe('almeyerl');
  });

  it('is cut at the longest length, and not behind a separator', () => {
    expect(named('Jana', 'Keller', { maxLength: 5 })[0]).toBe('jana');
    expect(named('Jana', 'Keller', { maxLength: 7 })[0]).toBe('jana.ke');
  });
});

describe('a user name that is taken', () => {
  it('gets a number, within the longest length', () => {
    const candidates = named('Jana', 'Keller', { maxLength: 11 });
    expect(candidates.slice(0, 3)).toEqual(['jana.keller', 'jana.kelle2', 'jana.kelle3']);
    expect(candidates).toHaveLength(99);
    expect(candidates.at(-1)).toBe('jana.kell99');
  });

  it('gets the initial of a second given name', () => {
    const letter = { onDuplicate: 'letter' } as const;
    expect(named('Anna Maria', 'Keller', letter)).toEqual(['anna.keller', 'anna.m.keller']);
    expect(named('Anna-Maria', 'Keller', letter)).toEqual(['anna-maria.keller', 'anna-maria.m.keller']);
    expect(named('Anna Maria', 'Keller', { ...letter, format: 'last.first' })).toEqual([
      'keller.anna',
      'keller.anna.m',
    ]);
    expect(named('Anna Maria', 'Keller', { ...letter, format: 'flast' })).toEqual([
      'akeller',
      'amkeller',
      'ankeller',
      'annkeller',
      'annakeller',
    ]);
  });

  it('gets further letters of an abbreviated name', () => {
    const letter = { onDuplicate: 'letter' } as const;
    expect(named('Jana', 'Keller', { ...letter, format: 'f.last' })).toEqual([
      'j.keller',
      'ja.keller',
      'jan.keller',
      'jana.keller',
    ]);
    expect(named('Jana', 'Keller', { ...letter, format: 'firstl' }).slice(0, 3)).toEqual([
      'janak',
      'janake',
      'janakel',
    ]);
    expect(named('Jana', 'Keller', letter)).toEqual(['jana.keller']);
  });

  it('is refused when the customer wants that', () => {
    expect(named('Jana', 'Keller', { onDuplicate: 'refuse' })).toEqual(['jana.keller']);
  });

  it('that was given gets a number or is refused', () => {
    expect(alternativesTo('jke', rule()).slice(0, 2)).toEqual(['jke', 'jke2']);
    expect(alternativesTo('jke', rule({ onDuplicate: 'letter' }))).toEqual(['jke']);
    expect(alternativesTo('jke', rule({ onDuplicate: 'refuse' }))).toEqual(['jke']);
  });
});

describe('a format', () => {
  it.each([
    ['', '._-'],
    ['vorname.nachname', '._-'],
    ['constructor', '._-'],
    ['{}', '._-'],
    ['{given}.{last}', '._-'],
    ['{given', '._-'],
    ['{given:0}', '._-'],
    ['{given:100}', '._-'],
    ['{given}@{surname}', '._-'],
    ['{given} {surname}', '._-'],
    ['{given}.{surname}', '-'],
    ['{Given}.{surname}', '._-'],
    ['X{given}', '._-'],
  ])('%p with the separators %s is refused', (format, separators) => {
    expect(userNameFormatProblem(format, separators)).toEqual(expect.any(String));
  });

  it('of the known ones can be used, whatever the name', () => {
    for (const format of Object.keys(USER_NAME_FORMATS)) expect(userNameFormatProblem(format, '._-')).toBeNull();
  });
});

describe('whatever the name', () => {
  const anyRule = fc.record({
    format: fc.constantFrom(...Object.keys(USER_NAME_FORMATS), '{surname:3}{given:2}'),
    onDuplicate: fc.constantFrom(...DUPLICATE_ACTIONS),
    maxLength: fc.integer({ min: 4, max: 64 }),
    separators: fc.constant('._-'),
  });
  const anyName = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.constantFrom('Jörg', 'Anna Maria', 'ß', '-'),
  );

  it('every candidate is a user name by the rule, and none comes twice', () => {
    fc.assert(
      fc.property(anyName, anyName, anyRule, (givenName, surname, some) => {
        const candidates = userNameCandidates({ givenName, surname }, some);
        expect(new Set(candidates).size).toBe(candidates.length);
        for (const candidate of candidates) expect(isUserName(candidate, some)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('letters of their own with an accent on them lose the accent and are written out', () => {
    expect(['Ǽ', 'ǿ', 'Łǽ'].map(transliterate)).toEqual(['ae', 'oe', 'lae']);
  });

  it('transliterating twice changes nothing', () => {
    fc.assert(fc.property(anyName, (name) => expect(transliterate(transliterate(name))).toBe(transliterate(name))));
  });
});
