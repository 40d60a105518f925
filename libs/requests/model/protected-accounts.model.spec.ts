import { describe, expect, it } from '@jest/globals';
import { protectionReasons, protectionsOf, type ProtectedAccount } from './protected-accounts.model.js';

const chief: ProtectedAccount = { userName: 'otto.chef', kind: 'director', rule: 'second_person', identity: 'id-1' };
const glass: ProtectedAccount = {
  userName: 'glas@muster.example',
  kind: 'break_glass',
  rule: 'refuse',
  identity: null,
};
const accounts = [chief, glass];
const plan = (name: string, identity: string | null = null, process = 'offboarding') => ({
  process,
  subject: { kind: 'user', name, identity },
});

describe('a protected account', () => {
  it.each(['otto.chef', 'Otto.Chef', 'otto.chef@muster.example'])('is known as %s', (name) => {
    expect(protectionsOf(accounts, { name, identity: null })).toEqual([chief]);
  });

  it('is known by its identity when it was renamed', () => {
    expect(protectionsOf(accounts, { name: 'otto.neu', identity: 'id-1' })).toEqual([chief]);
    expect(protectionsOf(accounts, { name: 'otto.neu', identity: 'id-2' })).toEqual([]);
  });

  it('needs a second person, or is refused', () => {
    expect(protectionReasons(accounts, plan('otto.chef'), true)).toMatchObject([{ code: 'request.account_protected' }]);
    expect(() => protectionReasons(accounts, plan('glas'), true)).toThrow(
      expect.objectContaining({ code: 'request.account_protected' }),
    );
  });

  it('is too late to refuse once its run has begun: then a second person looks at it', () => {
    expect(protectionReasons(accounts, plan('glas'), false)).toHaveLength(1);
  });

  it.each(['onboarding', 'reinstatement'])('may be given back to by %s', (process) => {
    expect(protectionReasons(accounts, plan('glas', null, process), true)).toEqual([]);
  });
});
