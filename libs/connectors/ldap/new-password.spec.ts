import { expect, it } from '@jest/globals';
import { newPassword } from './new-password.js';

it('draws passwords of every class that are never the same', () => {
  const drawn = Array.from({ length: 200 }, newPassword);
  for (const password of drawn) {
    expect(password).toHaveLength(28);
    for (const kind of [/[a-z]/, /[A-Z]/, /[2-9]/, /[-_.+!#%=]/]) expect(password).toMatch(kind);
  }
  expect(new Set(drawn).size).toBe(drawn.length);
});
