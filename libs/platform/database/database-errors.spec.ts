import { describe, expect, it } from '@jest/globals';
import { isDatabaseUnavailable, isUniqueViolation } from './database-errors.js';

const withCode = (code: string) => Object.assign(new Error('no'), { code });

describe('a database error', () => {
  it.each(['08006', '57P01', '57P03', '53300', '57014', '40P01', 'ECONNREFUSED', 'ECONNRESET'])(
    '%s means: try again',
    (code) => {
      expect(isDatabaseUnavailable(withCode(code))).toBe(true);
    },
  );

  it('means so too when every address of the server refused, or a connection broke off', () => {
    expect(isDatabaseUnavailable(new AggregateError([withCode('ECONNREFUSED')]))).toBe(true);
    expect(isDatabaseUnavailable(new Error('Connection terminated unexpectedly'))).toBe(true);
  });

  it.each(['23505', '42501', '42P01', '22P02'])('%s is a refusal', (code) => {
    expect(isDatabaseUnavailable(withCode(code))).toBe(false);
  });

  it('is a taken key with one code only', () => {
    expect(isUniqueViolation(withCode('23505'))).toBe(true);
    expect(isUniqueViolation(withCode('23503'))).toBe(false);
    expect(isUniqueViolation(null)).toBe(false);
  });
});
