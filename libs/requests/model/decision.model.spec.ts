import { describe, expect, it } from '@jest/globals';
import {
  judgeConfirmation,
  judgeDecision,
  statusAfterDecision,
  type AskedDecision,
  type ConfirmationState,
  type Decidable,
  type RecordedDecision,
} from './decision.model.js';
import type { GivenConfirmation } from './second-person.model.js';

const request: Decidable = {
  tenant: 'muster',
  status: 'awaiting_approval',
  subject: 'eva.beck',
  requestedBy: 'requester@muster',
  revision: 1,
  planHash: 'hash-1',
};
const asked: AskedDecision = { decision: 'approve', planHash: 'hash-1', decidedBy: 'approver@muster' };
const decided: RecordedDecision = { ...asked, revision: 1, isEffective: true };
const code = (text: string) => expect.objectContaining({ code: text });

describe('a decision', () => {
  it('is recorded while the plan waits', () => {
    expect(judgeDecision(request, asked, [])).toBe('record');
  });

  it('is a repeat when the same person decided the same on the same plan', () => {
    const running = { ...request, status: 'running' };
    expect(judgeDecision(running, asked, [decided])).toBe('repeat');
    expect(() => judgeDecision(running, { ...asked, decidedBy: 'other@muster' }, [decided])).toThrow(
      code('request.not_awaiting_approval'),
    );
    expect(() => judgeDecision(running, { ...asked, decision: 'reject' }, [decided])).toThrow(
      code('request.not_awaiting_approval'),
    );
  });

  it('is recorded anew when a later revision is the same plan again', () => {
    expect(judgeDecision({ ...request, revision: 3 }, asked, [decided])).toBe('record');
  });

  it('must be on the plan that waits', () => {
    expect(() => judgeDecision(request, { ...asked, planHash: 'hash-0' }, [])).toThrow(code('plan.hash_mismatch'));
    expect(() => judgeDecision({ ...request, status: 'planning', planHash: null }, asked, [])).toThrow(
      code('request.not_awaiting_approval'),
    );
  });

  it.each(['requester@muster', 'Requester@MUSTER'])('is not for %s, who requested it', (decidedBy) => {
    expect(() => judgeDecision(request, { ...asked, decidedBy }, [])).toThrow(code('approval.requester_cannot_decide'));
  });

  it.each(['eva.beck', 'eva.beck@muster', 'Eva.Beck@muster'])('is not for %s, whom it is about', (decidedBy) => {
    expect(() => judgeDecision(request, { ...asked, decidedBy }, [])).toThrow(code('approval.leaver_cannot_decide'));
  });

  it('is for somebody of another tenant who happens to have the leaver’s name', () => {
    expect(judgeDecision(request, { ...asked, decidedBy: 'eva.beck@msp' }, [])).toBe('record');
  });
});

describe('an approval that waits for its second person', () => {
  const waits: RecordedDecision = { ...decided, isEffective: false };
  const confirmed: GivenConfirmation = { planHash: 'hash-1', confirmedBy: 'Operator@msp', codes: ['request.brake'] };

  it('is superseded by a rejection, also of the same person', () => {
    for (const decidedBy of ['approver@muster', 'operator@msp'])
      expect(judgeDecision(request, { ...asked, decision: 'reject', decidedBy }, [waits])).toBe('supersede');
  });

  it('stays the one approval', () => {
    expect(judgeDecision(request, asked, [waits])).toBe('repeat');
    expect(() => judgeDecision(request, { ...asked, decidedBy: 'other@muster' }, [waits])).toThrow(
      code('request.not_awaiting_approval'),
    );
  });

  it('is not for whoever confirmed the plan, who may still reject it', () => {
    const own = { ...asked, decidedBy: 'operator@msp' };
    expect(() => judgeDecision(request, own, [], [confirmed])).toThrow(code('approval.confirmer_cannot_decide'));
    expect(judgeDecision(request, { ...own, decision: 'reject' }, [], [confirmed])).toBe('record');
    expect(judgeDecision(request, own, [], [{ ...confirmed, planHash: 'hash-0' }])).toBe('record');
  });
});

describe('a confirmation', () => {
  const reasons = [
    { code: 'request.brake', text: 'eleven' },
    { code: 'directory.user_privileged', text: 'Domain Admins' },
  ];
  const state: ConfirmationState = { reasons, confirmations: [], decidedBy: null };
  const given = { planHash: 'hash-1', confirmedBy: 'operator@msp' };
  const both = { planHash: 'hash-1', confirmedBy: 'operator@msp', codes: reasons.map((reason) => reason.code) };

  it('is recorded before and after the approval', () => {
    expect(judgeConfirmation(request, given, state)).toBe('record');
    expect(judgeConfirmation(request, given, { ...state, decidedBy: 'approver@muster' })).toBe('record');
  });

  it.each([
    ['requester@muster', 'confirmation.requester_cannot_confirm'],
    ['Eva.Beck@muster', 'confirmation.leaver_cannot_confirm'],
    ['Owner@msp', 'confirmation.decider_cannot_confirm'],
  ])('is not for %s', (confirmedBy, why) => {
    const approved = { ...state, decidedBy: 'owner@msp' };
    expect(() => judgeConfirmation(request, { ...given, confirmedBy }, approved)).toThrow(code(why));
  });

  it('counts for the reasons that were known and for the plan of its hash only', () => {
    const one = { ...both, codes: ['request.brake'] };
    expect(judgeConfirmation(request, given, { ...state, confirmations: [one] })).toBe('record');
    expect(judgeConfirmation(request, given, { ...state, confirmations: [{ ...both, planHash: 'x' }] })).toBe('record');
    expect(judgeConfirmation(request, given, { ...state, confirmations: [both] })).toBe('repeat');
    const byOther = { ...state, confirmations: [{ ...both, confirmedBy: 'owner@msp' }] };
    expect(() => judgeConfirmation(request, given, byOther)).toThrow(code('confirmation.not_needed'));
  });

  it('needs a reason, an open plan and its hash', () => {
    const without = { ...state, reasons: [] };
    expect(() => judgeConfirmation(request, given, without)).toThrow(code('confirmation.not_needed'));
    const made = { ...given, planHash: 'made up' };
    expect(() => judgeConfirmation(request, made, state)).toThrow(code('plan.hash_mismatch'));
    const running = { ...request, status: 'running' };
    expect(() => judgeConfirmation(running, given, state)).toThrow(code('request.not_awaiting_approval'));
    expect(judgeConfirmation(running, given, { ...state, confirmations: [both] })).toBe('repeat');
  });
});

describe('the status after a decision', () => {
  it.each([
    ['approve', null, 'approved'],
    ['reject', null, 'rejected'],
    ['approve', { hasStarted: false }, 'approved'],
    ['reject', { hasStarted: false }, 'approved'],
    ['approve', { hasStarted: true }, 'running'],
    ['reject', { hasStarted: true }, 'running'],
  ] as const)('%s with the run %p is %s', (decision, run, status) => {
    expect(statusAfterDecision(decision, run)).toBe(status);
  });
});
