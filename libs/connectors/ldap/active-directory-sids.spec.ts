import { describe, expect, it } from '@jest/globals';
import { isPrivilegedAccount, primaryGroupSid, privilegeOfGroup, sidBytes, sidText } from './active-directory-sids.js';
import { LdapEntry } from './ldap-entry.js';

const DOMAIN = 'S-1-5-21-1503322683-4272344764-3511636671';

describe('the SIDs of a domain', () => {
  it('are read and written', () => {
    for (const sid of [`${DOMAIN}-1105`, 'S-1-5-32-544', 'S-1-1-0']) expect(sidText(sidBytes(sid))).toBe(sid);
    expect(sidText(Buffer.from('0102', 'hex'))).toBeNull();
    expect(sidText('S-1-5')).toBeNull();
  });

  it.each([
    [`${DOMAIN}-512`, 'privileged'],
    [`${DOMAIN}-518`, 'privileged'],
    [`${DOMAIN}-519`, 'privileged'],
    [`${DOMAIN}-525`, 'protected'],
    ['S-1-5-32-544', 'privileged'],
    ['S-1-5-32-548', 'privileged'],
    ['S-1-5-32-551', 'privileged'],
    [`${DOMAIN}-513`, null],
    [`${DOMAIN}-544`, null],
    ['S-1-5-32-545', null],
    ['S-1-5-32-512', null],
  ])('%s makes its members %s', (sid, privilege) => {
    expect(privilegeOfGroup(sid)).toBe(privilege);
  });

  it('name a primary group and the built-in administrator', () => {
    const user = new LdapEntry({ dn: 'CN=A', objectSid: sidBytes(`${DOMAIN}-1105`), primaryGroupID: '513' });
    expect(primaryGroupSid(user)).toBe(`${DOMAIN}-513`);
    expect(primaryGroupSid(new LdapEntry({ dn: 'CN=A' }))).toBeNull();
    expect([`${DOMAIN}-500`, `${DOMAIN}-1105`].map(isPrivilegedAccount)).toEqual([true, false]);
  });
});
