import ipaddr from 'ipaddr.js';
import { addressClass, describeClass, plainAddress } from './address-class.js';
import { canonicalHost, ipVersion } from './host.js';
import { AddressForbidden, DestinationNotAllowed } from './outgoing-errors.js';

export const OUTGOING_PROTOCOLS = ['http', 'ldap', 'smtp', 'ssh', 'imap'] as const;
/** `http` is HTTPS too, `ldap` LDAPS, `imap` IMAPS, `smtp` each kind of submission. */
export type OutgoingProtocol = (typeof OUTGOING_PROTOCOLS)[number];

/** Where somebody wants to connect to. */
export interface Destination {
  /** A name or an IP address. */
  readonly host: string;
  readonly port: number;
  readonly protocol: OutgoingProtocol;
}

/** One way out that somebody opened: by name or by network, never both. */
export interface OutgoingAllowance {
  /** A name (`ldap.example.com`) or all names below one (`*.example.com`). */
  readonly host: string | null;
  /** A network (`10.20.0.0/16`, `127.0.0.1/32`, `fd00:20::/32`). */
  readonly cidr: string | null;
  /** Null: every port. */
  readonly ports: readonly number[] | null;
  readonly protocols: readonly OutgoingProtocol[];
}

/** What a tenant may connect to. */
export interface OutgoingPolicy {
  readonly allowances: readonly OutgoingAllowance[];
  /** `open`: every public address; `listed`: public addresses need an allowance, too. */
  readonly publicAddresses: 'open' | 'listed';
}

/** Where nothing is allowed but what is public: a tenant has this by a person's act alone. */
export const PUBLIC_ONLY: OutgoingPolicy = { allowances: [], publicAddresses: 'open' };

/**
 * A policy for an address that the installation's own configuration names (a setting, never a request): it may be
 * reached wherever it lies, apart from what is forbidden to everybody, and nothing else may.
 */
export function policyForUrl(url: string | URL): OutgoingPolicy {
  const { hostname, port, protocol } = new URL(url);
  const host = canonicalHost(hostname);
  const version = ipVersion(host);
  const place = version === 0 ? { host, cidr: null } : { host: null, cidr: `${host}/${version === 4 ? 32 : 128}` };
  const ports = [Number(port) || (protocol === 'https:' ? 443 : 80)];
  return { allowances: [{ ...place, ports, protocols: ['http'] }], publicAddresses: 'listed' };
}

/**
 * Whether a policy lets us connect to an address that a destination's name stands for. Throws `AddressForbidden` or
 * `DestinationNotAllowed`, which say what kind of network it lies in and not the address: whoever may enter a name must
 * not learn from us what stands behind names inside our network. A name opens private networks, but neither this machine (except `localhost`) nor link-local
 * addresses: whoever answers for the name would choose what of ours is reached.
 */
export function requireAllowed(policy: OutgoingPolicy, destination: Destination, address: string): void {
  const kind = addressClass(address);
  const { host, port, protocol } = destination;
  const lies = describeClass(address);
  const context = { host, lies, port, protocol };
  const where = `${host} (${lies}, port ${port}, ${protocol})`;
  if (kind === 'forbidden')
    throw new AddressForbidden(`${where} may not be connected to. Give the system's own address.`, { context });
  if (kind === 'public' && policy.publicAddresses === 'open') return;
  if (policy.allowances.some((one) => isOpenedBy(one, destination, address))) return;
  throw new DestinationNotAllowed(where, actThatOpens(destination, address), { context });
}

/** The entry of a tenant's list that would open a way, by name where a name may, and the act that adds it. */
function actThatOpens({ host, port, protocol }: Destination, address: string): string {
  // what somebody wrote as an address is no news to them
  const isKnown = ipVersion(host) !== 0 || mayNameOpen(host, address);
  const to = isKnown ? host : 'its address, which our log names';
  const entry = JSON.stringify({ to, ports: [port], protocols: [protocol], reason: '…' });
  return `If it should be, an owner or operator of the MSP adds ${entry} to the tenant’s allowances: GET, then PUT /v1/outgoing-policies.`;
}

function isOpenedBy(allowance: OutgoingAllowance, destination: Destination, address: string): boolean {
  const { host, cidr, ports, protocols } = allowance;
  if (!protocols.includes(destination.protocol)) return false;
  if (ports !== null && !ports.includes(destination.port)) return false;
  if (cidr !== null) return isWithin(plainAddress(address), cidr);
  return host !== null && matchesName(host, destination.host) && mayNameOpen(destination.host, address);
}

function mayNameOpen(host: string, address: string): boolean {
  switch (addressClass(address)) {
    case 'public':
    case 'private':
      return true;
    case 'loopback':
      return host === 'localhost' || host.endsWith('.localhost');
    case 'link_local':
    case 'forbidden':
      return false;
  }
}

function matchesName(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
}

function isWithin(address: string, cidr: string): boolean {
  const parsed = ipaddr.parse(address);
  const [network, bits] = ipaddr.parseCIDR(cidr);
  return parsed.kind() === network.kind() && parsed.match(network, bits);
}
