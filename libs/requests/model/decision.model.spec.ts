import { describe, expect, it } from '@jest/globals';
import { judgeDecision, statusAfterDecision, type AskedDecision, type Decidable } from './decision.model.js';

const request: Decidable = {
  tenant: 'muster',
  status: 'awaiting_approval',
  subject: 'eva.beck',
  requestedBy: 'requester@muster',
  revision: 1,
  planHash: 'hash-1',
};
const asked: AskedDecision = { decision: 'approve', planHash: 'hash-1', decidedBy: 'approver@muster' };
const code = (text: string) => expect.objectContaining({ code: text });

describe('a decision', () => {
  it('is recorded while the plan waits', () => {
    expect(judgeDecision(request, asked, [])).toBe('record');
  });

  it('is a repeat when the same person decided the same on the same plan', () => {
    const decided = { ...request, status: 'running' };
    expect(judgeDecision(decided, asked, [{ ...asked, revision: 1 }])).toBe('repeat');
    expect(() => judgeDecision(decided, { ...asked, decidedBy: 'other@muster' }, [{ ...asked, revision: 1 }])).toThrow(
      code('request.not_awaiting_approval'),
    );
    expect(() => judgeDecision(decided, { ...asked, decision: 'reject' }, [{ ...asked, revision: 1 }])).toThrow(
      code('request.not_awaiting_approval'),
    );
  });

  it('is recorded anew when a later revision is the same plan again', () => {
    expect(judgeDecision({ ...request, revision: 3 }, asked, [{ ...asked, revision: 1 }])).toBe('record');
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
