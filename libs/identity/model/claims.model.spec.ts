import { describe, expect, it } from '@jest/globals';
import { readProfile, userNameOf } from './claims.model.js';

const settings = {
  claims: { subject: 'sub', userName: 'preferred_username', name: 'name', mail: 'email', groups: 'groups' },
  secondFactor: { acr: [], amr: ['mfa'] },
} as unknown as Parameters<typeof readProfile>[0]['settings'];
const mailOf = (claims: object) =>
  readProfile({ settings }, { sub: 's', email: 'boss@muster.example', ...claims })!.mail;

describe('what an issuer says of somebody', () => {
  it('is not believed about an address that it calls unverified: anybody may have typed that in', () => {
    expect(mailOf({ email_verified: false })).toBeNull();
    expect(mailOf({ email_verified: true })).toBe('boss@muster.example');
    // some issuers never say, and let nobody type in an address
    expect(mailOf({})).toBe('boss@muster.example');
  });
});

describe('a login name', () => {
  it.each([
    ['Jana.Keller@muster.example', 'jana.keller'],
    ['key.hr@muster', 'key-hr'],
    ['.KEY.hr', 'key-hr'],
    ['machine:import', 'machine-import'],
    ['…', 'person'],
  ])('%s is never one of a machine', (claimed, name) => {
    expect(userNameOf(claimed)).toBe(name);
  });
});
