import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY, type ApprovalStage, type Approver } from './approval-policy.model.js';
import type { RoleHolder } from './policy-faults.model.js';
import { decidersNow, standInsNow } from './deciders.model.js';
import { approversNow, isShortOfApprovers, judgeVote, tally, type GivenVote, type RoundState } from './vote.model.js';

const ANNA: Approver = { kind: 'person', subject: 'anna@muster' };
const BOSS: Approver = { kind: 'contact', mail: 'boss@firma.example', name: 'Boss', language: 'de' };
const APPROVER: Approver = { kind: 'role', at: 'customer', role: 'approver' };
const OPERATOR: Approver = { kind: 'role', at: 'msp', role: 'operator' };

const holder = (subject: string, role: string, mail: string | null = null): RoleHolder => ({
  ...{ subject, role, mail, language: null },
  at: subject.endsWith('@msp') ? 'msp' : 'customer',
});
const HOLDERS = [
  holder('anna@muster', 'approver'),
  holder('bert@muster', 'approver'),
  holder('carla@muster', 'customer_admin'),
  holder('otto@msp', 'operator'),
];
const asks = (needed: number, approvers: readonly Approver[], rejections = 1): ApprovalStage => ({
  needed,
  approvers,
  rejections,
});
const round = (stages: readonly ApprovalStage[], change: Partial<RoundState> = {}): RoundState => ({
  policy: { ...DEFAULT_POLICY, stages },
  ...{ stage: 1, escalated: false, votes: [], excluded: [], holders: HOLDERS },
  ...change,
});
const voter = (subject: string, ...alsoKnownAs: string[]) => ({
  ...{ subject, alsoKnownAs },
  roles: HOLDERS.filter((one) => one.subject === subject),
});
const given = (by: string, change: Partial<GivenVote> = {}): GivenVote => ({
  ...{ stage: 1, voter: by, onBehalfOf: null, verdict: 'approve' },
  ...change,
});
const approve = (subject: string, ...names: string[]) =>
  ({ voter: voter(subject, ...names), verdict: 'approve' }) as const;
const code = (text: string) => expect.objectContaining({ code: text });

describe('a vote', () => {
  const mixed = round([asks(2, [ANNA, OPERATOR, BOSS])]);

  it('counts for people, roles and contacts that the stage names, and for nobody else', () => {
    for (const subject of ['Anna@muster', 'otto@msp', 'mail:Boss@firma.example'])
      expect(judgeVote(mixed, approve(subject), [])).toEqual({ kind: 'count', onBehalfOf: null });
    expect(() => judgeVote(mixed, approve('bert@muster'), [])).toThrow(code('approval.not_an_approver'));
  });

  it('is one for each person, whatever their names', () => {
    const voted = { ...mixed, votes: [given('anna@muster')] };
    expect(judgeVote(voted, approve('ANNA@muster'), [])).toEqual({ kind: 'repeat' });
    expect(() => judgeVote(voted, approve('otto@msp', 'anna@muster'), [])).toThrow(code('approval.already_voted'));
    expect(() => judgeVote(voted, { ...approve('anna@muster'), verdict: 'reject' }, [])).toThrow(
      code('approval.already_voted'),
    );
  });

  it('of a stand-in counts for whom they stand in, unless that person may not decide or has voted', () => {
    const standing = [{ delegate: 'bert@muster', delegator: voter('anna@muster', 'mail:a@firma.example') }];
    expect(judgeVote(mixed, approve('bert@muster'), standing)).toEqual({ kind: 'count', onBehalfOf: 'anna@muster' });
    for (const change of [{ excluded: ['anna@muster'] }, { votes: [given('mail:a@firma.example')] }])
      expect(() => judgeVote({ ...mixed, ...change }, approve('bert@muster'), standing)).toThrow(
        code('approval.not_an_approver'),
      );
  });
});

describe('a stage', () => {
  it.each<[string, readonly Approver[], number, Partial<RoundState>, boolean]>([
    ['of a role with enough holders', [APPROVER], 2, {}, false],
    ['of a role of which one asked', [APPROVER], 2, { excluded: ['anna@muster'] }, true],
    ['of people and a role, of which enough are left', [ANNA, OPERATOR], 1, { excluded: ['anna@muster'] }, false],
    ['of a contact', [BOSS], 1, {}, false],
    ['of a contact whom it is about', [BOSS], 1, { excluded: ['mail:boss@firma.example'] }, true],
    ['of a person whose roles are gone', [ANNA], 1, { holders: [holder('anna@muster', 'requester')] }, true],
    ['with one who approved it', [APPROVER], 2, { votes: [given('anna@muster')] }, false],
    ['with one who rejected it', [APPROVER], 2, { votes: [given('anna@muster', { verdict: 'reject' })] }, true],
    ['with one who voted before', [APPROVER], 2, { stage: 2, votes: [given('anna@muster')] }, true],
  ])('%s', (_what, approvers, needed, change, short) => {
    const { stages } = round([asks(needed, approvers), asks(needed, approvers)]).policy;
    expect(isShortOfApprovers(round(stages, change))).toBe(short);
  });

  it('counts two accounts of one mail address as one person', () => {
    const holders = [holder('anna@muster', 'approver', 'a@x.example'), holder('a2@muster', 'approver', 'A@x.example')];
    expect(isShortOfApprovers(round([asks(2, [APPROVER])], { holders }))).toBe(true);
  });

  it('that is short of approvers is open to the escalation’s, else to the MSP’s owners', () => {
    const short = round([asks(1, [ANNA])], { excluded: ['anna@muster'] });
    expect(approversNow(short)).toEqual([ANNA, { kind: 'role', at: 'msp', role: 'owner' }]);
    const escalation = { afterHours: 1, to: [OPERATOR, ANNA] };
    expect(approversNow({ ...short, policy: { ...short.policy, escalation } })).toEqual([ANNA, OPERATOR]);
  });
});

describe('the tally', () => {
  const stages = [asks(2, [ANNA, OPERATOR, BOSS], 2), asks(1, [APPROVER])];
  const count = (stage: number, ...votes: GivenVote[]) => tally({ ...round(stages), stage, votes });

  it('opens the next stage with enough approvals, and approves with the last', () => {
    expect(count(1, given('a'))).toMatchObject({ outcome: 'open', stage: 1, approvals: 1, needed: 2 });
    expect(count(1, given('a'), given('b'))).toMatchObject({ outcome: 'open', stage: 2, approvals: 0, needed: 1 });
    expect(count(2, given('a'), given('b'), given('c', { stage: 2 }))).toMatchObject({ outcome: 'approved' });
  });

  it('rejects with so many rejections of one stage', () => {
    const no = (by: string, stage = 1) => given(by, { stage, verdict: 'reject' });
    expect(count(1, no('a'), given('b'))).toMatchObject({ outcome: 'open', rejections: 1 });
    expect(count(1, no('a'), no('b'))).toMatchObject({ outcome: 'rejected' });
    expect(count(2, no('a'), given('b'), given('c'), no('d', 2))).toMatchObject({ outcome: 'rejected' });
  });
});

describe('who may decide now', () => {
  const two = round([asks(2, [ANNA, APPROVER, BOSS])]);
  const absence = (delegator: string, delegate: string) => ({ delegator, delegate, until: new Date(9) });

  it('is nobody named who asked, whom it is about or who voted, and whoever steps in for them', () => {
    expect(decidersNow(two)).toEqual([ANNA, APPROVER, BOSS]);
    const less = { ...two, excluded: ['ANNA@muster'], votes: [given('mail:boss@firma.example')] };
    expect(decidersNow(less)).toEqual([APPROVER]);
    expect(decidersNow(round([asks(1, [ANNA])], { excluded: ['anna@muster'] }))).toEqual([
      { kind: 'role', at: 'msp', role: 'owner' },
    ]);
  });

  it('has stand-ins for those alone whose vote still counts', () => {
    const [bert, carla] = [absence('bert@muster', 'otto@msp'), absence('carla@muster', 'otto@msp')];
    expect(standInsNow(two, [bert, carla])).toEqual([bert]);
    expect(standInsNow({ ...two, excluded: ['otto@msp'] }, [bert])).toEqual([]);
    expect(standInsNow({ ...two, votes: [given('otto@msp', { onBehalfOf: 'bert@muster' })] }, [bert])).toEqual([]);
  });
});
