import { describe, expect, it } from '@jest/globals';
import { judgeRefusal, type Credential } from './offboarding.model.js';

const AT = new Date('2026-03-01T08:00:00Z');
const letIn = { versionId: 'v1', place: 'svc at ldaps://dc', at: AT };

describe('a refused sign-in', () => {
  it('proves that our access is gone where the same credential let us in before', () => {
    const tried = { versionId: 'v1', place: 'svc at ldaps://dc' };
    expect(judgeRefusal(tried, letIn)).toEqual({ state: 'gone', evidence: { letUsInAt: AT.toISOString() } });
  });

  it.each<[string, Credential, typeof letIn | null]>([
    ['access.never_let_in', { versionId: 'v1', place: 'svc at ldaps://dc' }, null],
    ['access.changed_since', { versionId: 'v2', place: 'svc at ldaps://dc' }, letIn],
    ['access.changed_since', { versionId: 'v1', place: 'other at ldaps://dc' }, letIn],
    ['access.no_version', { versionId: null, place: 'svc at ldaps://dc' }, letIn],
  ])('proves nothing otherwise: %s', (because, tried, worked) => {
    expect(judgeRefusal(tried, worked)).toMatchObject({ state: 'unproven', evidence: { because } });
  });
});
