import { describe, expect, it } from '@jest/globals';
import { closeWithToken, hashOfLinkToken, isLinkToken, newLinkToken, openWithToken } from './link-token.js';

const place = { tenant: 'muster', id: '01975d1c-7a00-7000-8000-000000000003' };

describe('a link’s token', () => {
  it('has 256 random bits that fit into an address', () => {
    const tokens = Array.from({ length: 100 }, newLinkToken);
    expect(new Set(tokens).size).toBe(100);
    expect(tokens.every(isLinkToken)).toBe(true);
    expect(['', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}/`].some(isLinkToken)).toBe(false);
  });

  it('alone opens what was closed with it, and only in its place', () => {
    const token = newLinkToken();
    const ciphertext = closeWithToken(token, place, 'Grün-7-Tal');
    expect(openWithToken(token, place, ciphertext)).toBe('Grün-7-Tal');
    expect(() => openWithToken(newLinkToken(), place, ciphertext)).toThrow();
    expect(() => openWithToken(token, { ...place, tenant: 'nordlicht' }, ciphertext)).toThrow();
    expect(() => openWithToken(token, { ...place, id: 'another' }, ciphertext)).toThrow();
    expect(closeWithToken(token, place, 'Grün-7-Tal')).not.toEqual(ciphertext);
  });

  it('is not its hash, and neither is the key', () => {
    const token = newLinkToken();
    expect(hashOfLinkToken(token)).toHaveLength(32);
    expect(hashOfLinkToken(token)).toEqual(hashOfLinkToken(token));
    expect(hashOfLinkToken(token)).not.toEqual(Buffer.from(token, 'base64url'));
  });
});
