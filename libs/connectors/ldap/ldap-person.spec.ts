import { describe, expect, it } from '@jest/globals';
import { validateInput } from '../catalogue.js';
import { activeDirectory } from './active-directory.dialect.js';
import type { LdapConfig } from './ldap-config.js';
import { LdapEntry } from './ldap-entry.js';
import { newUserId, newUserOf } from './ldap-new-user-identity.js';
import { ldapUserCreate } from './ldap-user-create.block.js';
import { openLdap } from './openldap.dialect.js';

const person = { user: 'änne.müßig', givenName: 'Änne', surname: 'Müßig' };
const config = (more: Partial<LdapConfig> = {}) =>
  ({ baseDn: 'ou=x,DC=corp, dc=nordlicht,dc=example', userPrincipalSuffix: null, ...more }) as LdapConfig;

describe('a new person', () => {
  it('is an inetOrgPerson in OpenLDAP, closed from the start', () => {
    const { person: dialect } = openLdap;
    expect(dialect.derived(person, config())).toEqual({ uid: ['änne.müßig'], cn: ['Änne Müßig'] });
    expect(dialect.derived({ ...person, displayName: 'Ä. M.' }, config())).toMatchObject({ cn: ['Ä. M.'] });
    const closed = new LdapEntry({
      dn: 'uid=a',
      pwdAccountLockedTime: [...dialect.accountAttributes(true)['pwdAccountLockedTime']!],
    });
    expect(openLdap.disabledState(closed)).toEqual(openLdap.disabledValue);
    expect(dialect.accountAttributes(false)).toEqual({});
  });

  it('is a user in Active Directory, named by the user name and disabled', () => {
    const { person: dialect } = activeDirectory;
    expect(dialect.derived(person, config())).toEqual({
      cn: ['änne.müßig'],
      sAMAccountName: ['änne.müßig'],
      userPrincipalName: ['änne.müßig@corp.nordlicht.example'],
    });
    expect(dialect.derived(person, config({ userPrincipalSuffix: 'nordlicht.de' }))).toMatchObject({
      userPrincipalName: ['änne.müßig@nordlicht.de'],
    });
    expect(dialect.accountAttributes(true)).toEqual({ userAccountControl: ['514'] });
    expect(dialect.accountAttributes(false)).toEqual({ userAccountControl: ['512'] });
    const closed = new LdapEntry({ dn: 'cn=a', userAccountControl: '514' });
    expect(activeDirectory.disabledState(closed)).toEqual(activeDirectory.disabledValue);
    expect(dialect.aliasValue('a@x.example')).toBe('smtp:a@x.example');
  });

  it('has to choose another password where the directory is told so', () => {
    const shown = (value: boolean) =>
      [openLdap, activeDirectory].map((dialect) => {
        const user = new LdapEntry({ dn: 'uid=a', pwdReset: 'TRUE', pwdLastSet: '0' });
        return [
          dialect.mustChangeState(user),
          dialect.mustChangeChanges(user, value).map((one) => one.modification.values),
        ];
      });
    expect(shown(false)).toEqual([
      [true, [['TRUE']]],
      [true, [['-1']]],
    ]);
    expect(activeDirectory.mustChangeState(new LdapEntry({ dn: 'cn=a', pwdLastSet: '133773' }))).toBe(false);
    expect(openLdap.mustChangeState(new LdapEntry({ dn: 'cn=a' }))).toBe(false);
  });

  it('has a placeholder for an identity until there is an entry', () => {
    expect(newUserOf(newUserId('o:new:x'))).toBe('o:new:x');
    expect(newUserOf('2f8d0a56-0000-1000-8000-000000000000')).toBeNull();
  });

  it.each([
    { user: ' a' },
    { user: 'a ' },
    { user: 'a\u0000b' },
    { user: '' },
    { givenName: '' },
    { mail: 'a b@c' },
    { mail: 'änne@muster.example' },
    { manager: '' },
  ])('is refused with %j', (more) => {
    expect(() => validateInput(ldapUserCreate, { ...person, ...more })).toThrow(
      expect.objectContaining({ code: 'block.input_invalid' }),
    );
  });

  it('is taken with a single letter, inner spaces and marks for a user name', () => {
    for (const user of ['a', 'o’brien, pat (ext)', '#x+y="z"<>;', 'back\\'])
      expect(() => validateInput(ldapUserCreate, { ...person, user, title: null })).not.toThrow();
  });
});
