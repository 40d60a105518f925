import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY, type Approver } from './approval-policy.model.js';
import { delegationFaults } from './delegation.model.js';
import { peopleToTell } from './people-to-tell.model.js';
import { policyFaults, type RoleHolder } from './policy-faults.model.js';

const APPROVER: Approver = { kind: 'role', at: 'customer', role: 'approver' };
const ANNA: Approver = { kind: 'person', subject: 'anna@muster' };
const BOSS: Approver = { kind: 'contact', mail: 'Boss@firma.example', name: 'Boss', language: 'en' };
const holder = (name: string, role = 'approver', mail: string | null = `${name}@firma.example`): RoleHolder => ({
  ...{ subject: `${name}@muster`, at: 'customer', role, mail, language: null },
});
const HOLDERS = [holder('anna'), holder('bert'), holder('rita', 'requester')];

const faultsOf = (needs: readonly (readonly [number, readonly Approver[]])[]) =>
  policyFaults(
    { ...DEFAULT_POLICY, stages: needs.map(([needed, approvers]) => ({ needed, approvers, rejections: 1 })) },
    HOLDERS,
  ).map(({ path, code }) => `${path} ${code}`);

describe('a policy', () => {
  it.each<[string, Parameters<typeof faultsOf>[0], string[]]>([
    [
      'that can be met',
      [
        [1, [APPROVER]],
        [1, [APPROVER, BOSS]],
      ],
      [],
    ],
    [
      'of somebody who may not decide',
      [[1, [{ kind: 'person', subject: 'rita@muster' }]]],
      ['stages.0.approvers.0.subject cannot_decide'],
    ],
    [
      'of an address with an account',
      [[1, [{ ...BOSS, mail: 'ANNA@firma.example' }]]],
      ['stages.0.approvers.0.mail has_account'],
    ],
    ['that needs more than there are', [[3, [APPROVER, ANNA]]], ['stages.0.needed too_large']],
    [
      'whose stages need the same people',
      [
        [1, [APPROVER]],
        [2, [APPROVER]],
      ],
      ['stages.1.needed too_large'],
    ],
    [
      'whose first and last stage need the same person',
      [
        [2, [APPROVER]],
        [1, [BOSS]],
        [1, [ANNA]],
      ],
      ['stages.2.needed too_large'],
    ],
  ])('%s', (_what, needs, faults) => {
    expect(faultsOf(needs)).toEqual(faults);
  });
});

describe('a delegation', () => {
  const wish = { delegator: 'anna@muster', delegate: 'bert@muster', from: new Date(1), until: new Date(9) };
  const faults = (change: object, ...setBy: string[]) =>
    delegationFaults({ ...wish, setBy, ...change }, HOLDERS, new Date(2)).map(({ path, code }) => `${path} ${code}`);

  it('is set by whoever is away, or by somebody who is not the stand-in', () => {
    expect(faults({}, 'anna@muster')).toEqual([]);
    expect(faults({}, 'admin@muster')).toEqual([]);
    expect(faults({}, 'Bert@muster')).toEqual(['delegate not_allowed']);
    expect(faults({}, 'key.own@muster', 'bert@muster')).toEqual(['delegate not_allowed']);
  });

  it('is between people who may decide', () => {
    expect(faults({ delegate: 'rita@muster' }, 'anna@muster')).toEqual(['delegate cannot_decide']);
  });
});

describe('people to tell', () => {
  const told = (change: object, approvers: readonly Approver[] = [APPROVER, BOSS], holders = HOLDERS) =>
    peopleToTell({ votes: [], excluded: [], ...change }, approvers, holders, []).map(({ mail }) => mail);

  it('are those who may decide and have not voted, each once', () => {
    expect(told({})).toEqual(['anna@firma.example', 'bert@firma.example', 'Boss@firma.example']);
    expect(told({ excluded: ['anna@muster', 'mail:boss@firma.example'] })).toEqual(['bert@firma.example']);
    const vote = { stage: 1, voter: 'bert@muster', onBehalfOf: 'anna@muster', verdict: 'approve' };
    expect(told({ votes: [vote] })).toEqual(['Boss@firma.example']);
  });

  it('are not asked again by another account of the same address', () => {
    const second = holder('anna2', 'approver', 'Anna@firma.example');
    const vote = { stage: 1, voter: 'anna@muster', onBehalfOf: null, verdict: 'approve' };
    expect(told({ votes: [vote] }, [APPROVER], [...HOLDERS, second])).toEqual(['bert@firma.example']);
  });
});
