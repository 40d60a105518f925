import ipaddr from 'ipaddr.js';
import { canonicalHost, ipVersion } from './host.js';

/** Wider networks than these would open more than anybody means. */
const WIDEST = { ipv4: 8, ipv6: 7 } as const;

/** Where an allowance leads: exactly one of them. */
export interface AllowedPlace {
  readonly host: string | null;
  readonly cidr: string | null;
}

/**
 * Reads what a person writes: a network (`10.20.0.0/16`), an address, a name or `*.` with a name of at least two
 * labels. Null when it is none of them, or a network that is too wide (below /8, in IPv6 below /7).
 */
export function readPlace(text: string): AllowedPlace | null {
  try {
    if (text.includes('/')) return networkOf(text);
    const wild = text.startsWith('*.');
    const host = canonicalHost(wild ? text.slice(2) : text);
    const version = ipVersion(host);
    if (version !== 0) return wild ? null : networkOf(`${host}/${version === 4 ? 32 : 128}`);
    if (wild && !host.includes('.')) return null;
    return { host: wild ? `*.${host}` : host, cidr: null };
  } catch {
    return null;
  }
}

/** What a person would have written. */
export function showPlace({ host, cidr }: AllowedPlace): string {
  return host ?? cidr!;
}

function networkOf(text: string): AllowedPlace | null {
  const [address, bits] = ipaddr.parseCIDR(text);
  if (bits < WIDEST[address.kind()]) return null;
  // bits beyond the prefix would be a slip; PostgreSQL refuses them, too
  const network =
    address.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(text)
      : ipaddr.IPv6.networkAddressFromCIDR(`${address.toNormalizedString()}/${bits}`);
  if (network.toNormalizedString() !== address.toNormalizedString()) return null;
  return { host: null, cidr: `${network.toString()}/${bits}` };
}
