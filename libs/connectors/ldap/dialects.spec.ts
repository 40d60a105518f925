import { describe, expect, it } from '@jest/globals';
import type { Change } from 'ldapts';
import { activeDirectory, guidBytes, guidText, unicodePassword } from './active-directory.dialect.js';
import { LdapEntry } from './ldap-entry.js';
import { wholeGroup } from './ldap-groups.js';
import { openLdap } from './openldap.dialect.js';

const LOCKED = '000001010000Z';
const shown = (changes: readonly Change[]) =>
  changes.map(({ operation, modification }) => [operation, modification.type, ...modification.values]);

describe('OpenLDAP', () => {
  const user = (more: Record<string, string> = {}) =>
    new LdapEntry({
      dn: 'uid=a,dc=x',
      entryUUID: 'u-1',
      entryCSN: 'csn-1',
      pwdChangedTime: '20261122084558Z',
      ...more,
    });

  it('counts only a lock for good as disabled', () => {
    expect(openLdap.disabledState(user())).toBeNull();
    expect(openLdap.disabledState(user({ pwdAccountLockedTime: '20261122084558Z' }))).toBeNull();
    expect(openLdap.disabledState(user({ pwdAccountLockedTime: LOCKED }))).toBe(LOCKED);
  });

  it('locks in place of a lock that ends by itself, and unlocks', () => {
    expect(shown(openLdap.disabledChanges(user(), LOCKED))).toEqual([['add', 'pwdAccountLockedTime', LOCKED]]);
    expect(shown(openLdap.disabledChanges(user({ pwdAccountLockedTime: '2026Z' }), LOCKED))).toEqual([
      ['delete', 'pwdAccountLockedTime', '2026Z'],
      ['add', 'pwdAccountLockedTime', LOCKED],
    ]);
    expect(shown(openLdap.disabledChanges(user({ pwdAccountLockedTime: LOCKED }), null))).toEqual([
      ['delete', 'pwdAccountLockedTime', LOCKED],
    ]);
  });

  it('names the lock in the reset of a locked account, else ppolicy would lift it', () => {
    expect(shown(openLdap.passwordChanges(user(), 'p'))).toEqual([['replace', 'userPassword', 'p']]);
    expect(shown(openLdap.passwordChanges(user({ pwdAccountLockedTime: LOCKED }), 'p'))).toEqual([
      ['replace', 'userPassword', 'p'],
      ['delete', 'pwdAccountLockedTime', LOCKED],
      ['add', 'pwdAccountLockedTime', LOCKED],
    ]);
  });

  it('writes only to the entry as it was read', () => {
    expect(openLdap.addressOf(user())).toMatchObject({
      dn: 'uid=a,dc=x',
      controls: [{ type: '1.3.6.1.1.12', critical: true }],
    });
  });
});

describe('Active Directory', () => {
  const guid = Buffer.from('daa326721122334455667788990a0b0c', 'hex');
  const user = (userAccountControl: string) =>
    new LdapEntry({ dn: 'CN=A,DC=x', objectGUID: guid, userAccountControl, pwdLastSet: '133' });

  it('reads and writes an object’s GUID with its first three fields swapped', () => {
    expect(guidText(guid)).toBe('7226a3da-2211-4433-5566-7788990a0b0c');
    expect(guidBytes('7226a3da-2211-4433-5566-7788990a0b0c')).toEqual(guid);
    expect(activeDirectory.addressOf(user('512')).dn).toBe('<GUID=7226a3da-2211-4433-5566-7788990a0b0c>');
  });

  it('sets and clears the bit of a disabled account and no other', () => {
    expect(activeDirectory.disabledState(user('512'))).toBe(false);
    expect(activeDirectory.disabledState(user('66050'))).toBe(true);
    expect(shown(activeDirectory.disabledChanges(user('66048'), true))).toEqual([
      ['delete', 'userAccountControl', '66048'],
      ['add', 'userAccountControl', '66050'],
    ]);
    expect(shown(activeDirectory.disabledChanges(user('66050'), false))).toEqual([
      ['delete', 'userAccountControl', '66050'],
      ['add', 'userAccountControl', '66048'],
    ]);
  });

  it('takes no part of a large group for the whole', () => {
    const part = new LdapEntry({ dn: 'CN=G,DC=x', member: [], 'member;range=0-1499': ['CN=B,DC=x'] });
    expect(() => wholeGroup(part)).toThrow(expect.objectContaining({ code: 'directory.group_too_large' }));
  });

  it('writes a password in quotes and UTF-16LE', () => {
    expect(unicodePassword('aü')).toEqual(Buffer.from([0x22, 0, 0x61, 0, 0xfc, 0, 0x22, 0]));
    expect(shown(activeDirectory.passwordChanges(user('512'), 'aü'))).toEqual([
      ['replace', 'unicodePwd', unicodePassword('aü')],
    ]);
  });
});
