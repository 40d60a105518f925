import { describe, expect, it } from '@jest/globals';
import { StatusCodeParser } from 'ldapts';
import { isUnmetCondition, toAppError, type LdapOperation } from './ldap-error-mapping.js';

const URL = 'ldaps://dc.example';
const answer = (status: number, errorMessage = '') =>
  StatusCodeParser.parse({ status, errorMessage } as Parameters<typeof StatusCodeParser.parse>[0]);

describe('an answer of the directory', () => {
  it.each<[number, LdapOperation, string, boolean]>([
    [3, 'search', 'connector.system_unreachable', true],
    [51, 'modify', 'connector.system_unreachable', true],
    [52, 'bind', 'connector.system_unreachable', true],
    [48, 'bind', 'connector.credential_refused', true],
    [49, 'bind', 'connector.credential_refused', true],
    [50, 'modify', 'directory.access_denied', false],
    [19, 'password', 'directory.password_refused', false],
    [53, 'password', 'directory.password_refused', false],
    [53, 'modify', 'directory.operation_refused', false],
    [65, 'membership', 'directory.last_member', false],
    [65, 'modify', 'directory.operation_refused', false],
    [80, 'delete', 'directory.operation_refused', false],
  ])('%i at %s is %s', (code, operation, expected, retryable) => {
    expect(toAppError(answer(code), operation, URL)).toMatchObject({
      code: expected,
      retryable,
      context: { ldapCode: code },
    });
  });

  it.each([16, 32, 122])('%i means that the entry was not as it was read', (code) => {
    expect(isUnmetCondition(answer(code), 'modify')).toBe(true);
    expect(isUnmetCondition(answer(50), 'modify')).toBe(false);
  });

  it('20 means so for a membership, and elsewhere may be what the directory thinks of the values', () => {
    expect(isUnmetCondition(answer(20), 'membership')).toBe(true);
    expect(isUnmetCondition(answer(20), 'modify')).toBe(false);
    expect(toAppError(answer(20), 'modify', URL)).toMatchObject({ code: 'directory.values_refused', retryable: false });
  });

  it('does not repeat a password that the server repeats', () => {
    const error = toAppError(answer(19, 'Hunter2 is too short'), 'password', URL, 'Hunter2') as Error;
    expect(JSON.stringify(error) + error.message + String(error.cause)).not.toContain('Hunter2');
    expect(error).toMatchObject({ code: 'directory.password_refused' });
  });

  it('leaves a defect of ours as it is', () => {
    const defect = new TypeError('x is not a function');
    expect(toAppError(defect, 'modify', URL)).toBe(defect);
  });
});
