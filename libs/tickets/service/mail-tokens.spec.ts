import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { MailAddresses } from './mail-addresses.js';
import { customerToken, isGenuine, readThreadToken, threadToken } from './mail-tokens.js';

const key = randomBytes(32);

describe('a thread token', () => {
  it('gives its ticket back, also when a mail program changed its letters’ case', () => {
    for (let i = 0; i < 200; i += 1) {
      const ticketId = randomUUID();
      const token = threadToken(key, { tenant: 'muster', ticketId });
      const read = readThreadToken(i % 2 ? token.toUpperCase() : token)!;
      expect(read.ticketId).toBe(ticketId);
      expect(isGenuine(key, read, 'muster')).toBe(true);
    }
  });

  it('is worth nothing at another tenant, for another ticket, or with another key', () => {
    const place = { tenant: 'muster', ticketId: randomUUID() };
    const read = readThreadToken(threadToken(key, place))!;
    expect(isGenuine(key, read, 'nordlicht')).toBe(false);
    expect(isGenuine(randomBytes(32), read, 'muster')).toBe(false);
    expect(isGenuine(key, { ...read, ticketId: randomUUID() }, 'muster')).toBe(false);
  });

  it('that is none is not read', () => {
    for (const text of [
      '',
      't',
      `t${'a'.repeat(45)}`,
      `t${'a'.repeat(47)}`,
      `t${'1'.repeat(46)}`,
      customerToken(key, 'muster'),
    ])
      expect(readThreadToken(text)).toBeNull();
  });

  it('fits into an address with the longest name before the @', async () => {
    const addresses = new MailAddresses(() => Promise.resolve(key), `${'s'.repeat(16)}@msp.example`, 'localhost');
    const address = await addresses.ofTicket({ tenant: 'muster', ticketId: randomUUID() });
    expect(address!.split('@')[0]!.length).toBeLessThanOrEqual(64);
  });
});
