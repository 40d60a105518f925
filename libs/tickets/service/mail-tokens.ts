import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a token belongs to: one ticket of one customer. */
export interface TokenPlace {
  readonly tenant: string;
  readonly ticketId: string;
}

/** A token as it was read, before anybody has looked whether it is ours. */
export interface ReadToken {
  readonly ticketId: string;
  readonly mac: Buffer;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_BYTES = 16;
const ID_LENGTH = 26;
/** 96 bits: whoever guesses has to send a mail for each guess. */
const MAC_BYTES = 12;
const MAC_LENGTH = 20;
const CUSTOMER_BYTES = 10;
const FORM = new RegExp(`^t([a-z2-7]{${ID_LENGTH}})([a-z2-7]{${MAC_LENGTH}})$`);

/**
 * The token by which an answer finds its ticket: the ticket's id and a MAC over tenant and ticket (HMAC-SHA-256, cut), in letters
 * that survive whatever mail programs do to addresses. It names no tenant, and it is worth nothing with another one's ticket.
 */
export function threadToken(key: Buffer, place: TokenPlace): string {
  const id = Buffer.from(place.ticketId.replaceAll('-', ''), 'hex');
  return `t${base32(id)}${base32(macOf(key, place))}`;
}

/** Reads a token without believing it; null when it has not the form of one. */
export function readThreadToken(text: string): ReadToken | null {
  const [, id, mac] = FORM.exec(text.toLowerCase()) ?? [];
  if (id === undefined || mac === undefined) return null;
  const hex = bytesOf(id, ID_BYTES).toString('hex');
  const ticketId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { ticketId, mac: bytesOf(mac, MAC_BYTES) };
}

/** Whether we made it, for this ticket of this tenant. */
export function isGenuine(key: Buffer, { ticketId, mac }: ReadToken, tenant: string): boolean {
  return timingSafeEqual(macOf(key, { tenant, ticketId }), mac);
}

/** What stands in a customer's own address of the helpdesk; it cannot be guessed from the customer's name. */
export function customerToken(key: Buffer, tenant: string): string {
  return `c${base32(hmac(key, ['customer address v1', tenant]).subarray(0, CUSTOMER_BYTES))}`;
}

function macOf(key: Buffer, { tenant, ticketId }: TokenPlace): Buffer {
  return hmac(key, ['thread token v1', tenant, ticketId]).subarray(0, MAC_BYTES);
}

function hmac(key: Buffer, parts: readonly string[]): Buffer {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest();
}

/** RFC 4648, without padding, in lower case. */
function base32(bytes: Buffer): string {
  let text = '';
  let [bits, value] = [0, 0];
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += LETTERS[(value >> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + LETTERS[(value << (5 - bits)) & 31]! : text;
}

function bytesOf(text: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let [bits, value, at] = [0, 0, 0];
  for (const letter of text) {
    value = (value << 5) | LETTERS.indexOf(letter);
    bits += 5;
    if (bits >= 8 && at < length) {
      bits -= 8;
      bytes[at++] = (value >> bits) & 255;
      value &= (1 << bits) - 1;
    }
  }
  return bytes;
}
