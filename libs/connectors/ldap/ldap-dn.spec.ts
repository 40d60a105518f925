import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dnBelow, escapeDnValue, isBelow, namingAttributes, sameDn, splitDn } from './ldap-dn.js';

const PEOPLE = 'ou=people,dc=muster,dc=example';

describe('distinguished names', () => {
  it.each([
    ['Müller, Änne', 'Müller\\2C Änne'],
    [' leading and trailing ', '\\20leading and trailing\\20'],
    ['back\\slash', 'back\\5Cslash'],
    ['#1 + "x" = <y>;', '\\231 \\2B \\22x\\22 \\3D \\3Cy\\3E\\3B'],
    ['(brackets) *', '(brackets) *'],
  ])('escapes %j', (value, escaped) => {
    expect(escapeDnValue(value)).toBe(escaped);
  });

  it('cuts at the first comma that is neither escaped nor quoted', () => {
    expect(splitDn(`uid=a\\,b\\\\,${PEOPLE}`)).toEqual({ rdn: 'uid=a\\,b\\\\', parent: PEOPLE });
    expect(splitDn(`uid="a,b", ${PEOPLE}`)).toEqual({ rdn: 'uid="a,b"', parent: PEOPLE });
    expect(splitDn('dc=example')).toEqual({ rdn: 'dc=example', parent: '' });
  });

  it('knows the attributes that name an entry', () => {
    expect(namingAttributes(`UID=a\\+b+cn=c,${PEOPLE}`)).toEqual(['uid', 'cn']);
  });

  it.each([
    ['uid=A\\, b,OU=People, DC=muster,dc=example', 'UID=a\\2C b,ou=people,dc=muster,dc=example'],
    ['cn=a+uid=b,dc=x', 'uid=B+CN=A,dc=x'],
    ['uid=m\\C3\\BCller,dc=x', 'uid=Müller,dc=x'],
    ['cn="a, b",dc=x', 'cn=a\\, b,dc=x'],
  ])('takes %j and %j for the same', (a, b) => {
    expect(sameDn(a, b)).toBe(true);
  });

  it.each([
    ['uid=a,dc=x', 'uid=b,dc=x'],
    ['uid=a\\,dc\\=x', 'uid=a,dc=x'],
    ['uid=a,ou=people,dc=x', 'uid=a,dc=x'],
  ])('tells %j from %j', (a, b) => {
    expect(sameDn(a, b)).toBe(false);
  });

  it('knows what lies below a unit', () => {
    expect(isBelow(`uid=a,OU=People,dc=muster,dc=example`, PEOPLE)).toBe(true);
    expect(isBelow(PEOPLE, PEOPLE)).toBe(false);
    expect(isBelow('uid=a\\,ou=people,dc=muster,dc=example', PEOPLE)).toBe(false);
  });

  it('keeps a name of spaces of every kind over a move', () => {
    for (const value of ['      ', '\u00a0 \u2003', '\t', ' x '])
      expect(dnBelow(`uid=${escapeDnValue(value)},${PEOPLE}`, 'dc=x')).toBe(`uid=${escapeDnValue(value)},dc=x`);
  });

  it('keeps any name over a move, in a form that ldapts cannot misread', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
        const dn = `uid=${escapeDnValue(value)},${PEOPLE}`;
        const moved = dnBelow(dn, 'ou=leavers,dc=x');
        expect(moved).toBe(`${splitDn(dn).rdn},ou=leavers,dc=x`);
        // where ldapts cuts a new DN
        expect(moved.search(/[^\\],/)).toBe(splitDn(dn).rdn.length - 1);
      }),
    );
  });
});
