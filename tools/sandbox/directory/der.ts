/** Writers for the few DER/BER elements that certificates and hand-made LDAP messages need. */

/** One element: identifier octet, definite length, content. */
export function element(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOctets(body.length), body]);
}

export const sequence = (...content: Buffer[]): Buffer => element(0x30, ...content);
export const set = (...content: Buffer[]): Buffer => element(0x31, ...content);
export const octetString = (value: Buffer | string): Buffer => element(0x04, Buffer.from(value));
export const utf8String = (value: string): Buffer => element(0x0c, Buffer.from(value));
export const enumerated = (value: number): Buffer => element(0x0a, Buffer.from([value]));
export const booleanTrue = (): Buffer => element(0x01, Buffer.from([0xff]));

/** A bit string; `unusedBits` counts the bits of the last octet that do not belong to it. */
export const bitString = (value: Buffer, unusedBits = 0): Buffer => element(0x03, Buffer.from([unusedBits]), value);

/** A non-negative INTEGER, given as a number or as big-endian octets. */
export function integer(value: number | Buffer): Buffer {
  const octets = typeof value === 'number' ? numberOctets(value) : value;
  // A leading bit of 1 would make the number negative.
  return (octets[0] ?? 0) & 0x80 ? element(0x02, Buffer.from([0]), octets) : element(0x02, octets);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** A time in UTC; RFC 5280 wants UTCTime up to 2049 and GeneralizedTime afterwards. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+Z/g, '');
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : element(0x18, Buffer.from(`${digits}Z`));
}

function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets = numberOctets(length);
  return Buffer.concat([Buffer.from([0x80 | octets.length]), octets]);
}

function numberOctets(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

function base128(arc: number): number[] {
  const octets = [arc & 0x7f];
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) octets.unshift((rest & 0x7f) | 0x80);
  return octets;
}
