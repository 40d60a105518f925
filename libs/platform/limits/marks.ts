import { createHash, createHmac } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/** A digest under which something is counted, so that neither table nor log holds the address or the name itself. */
export function markOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}

/** The same by a key, for what is kept longer than minutes: without the key nobody finds out by trying whose it is. */
export function keyedMarkOf(key: Buffer, ...parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}

/** What counts as one caller: an IPv4 address, or the /64 that a connection has of IPv6. Other text is taken as it is. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return parsed
    .toByteArray()
    .slice(0, 8)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

const IPV6_NETWORK = /^[0-9a-f]{16}$/;

/** The same for people to read, e.g. `2001:0db8:0000:0001::/64`; `unknown` for what is no address, which may be any text. */
export function networkNameOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const network = networkOf(address);
  return IPV6_NETWORK.test(network) ? `${network.match(/.{4}/g)!.join(':')}::/64` : network;
}
