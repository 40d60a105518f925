import ipaddr from 'ipaddr.js';

/**
 * What kind of network an address lies in. `forbidden`: nobody may connect there, whatever is allowed. Sources: the IANA
 * registries of special-purpose addresses (RFC 6890 and its updates), read through ipaddr.js.
 */
export type AddressClass = 'public' | 'private' | 'loopback' | 'link_local' | 'forbidden';

/** Where clouds tell a machine its own credentials; some of them lie in ranges that are public or private otherwise. */
const METADATA: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.169.253',
  '169.254.170.2',
  '169.254.170.23',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::253',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fe80::a9fe:a9fe',
]);

/** The class of an IP address in its usual form. What holds an IPv4 address inside is judged by that one. */
export function addressClass(address: string): AddressClass {
  const parsed = ipaddr.parse(address);
  if (METADATA.has(parsed.toString())) return 'forbidden';
  return parsed.kind() === 'ipv4' ? classOfIpv4(parsed as ipaddr.IPv4) : classOfIpv6(parsed as ipaddr.IPv6);
}

/** The kind of network that an address lies in, for somebody who must not learn the address. */
export function describeClass(address: string): string {
  const kind = addressClass(address);
  switch (kind) {
    case 'public':
    case 'private':
    case 'loopback':
      return kind;
    case 'link_local':
      return 'link-local';
    case 'forbidden':
      return METADATA.has(plainAddress(address)) ? 'metadata' : 'reserved';
  }
}

/** The address that a packet would go to: an IPv4 address that is written as IPv6 (`::ffff:…`) is that IPv4 address. */
export function plainAddress(address: string): string {
  return ipaddr.process(address).toString();
}

function classOfIpv4(address: ipaddr.IPv4): AddressClass {
  const range: string = address.range();
  switch (range) {
    case 'unicast':
      return 'public';
    case 'private':
    case 'carrierGradeNat':
      return 'private';
    case 'loopback':
      return 'loopback';
    case 'linkLocal':
      return 'link_local';
    default:
      // unspecified, broadcast, multicast, documentation, benchmarks, relays, what nobody has assigned
      return 'forbidden';
  }
}

const IPV4_MAPPED = ipaddr.IPv6.parseCIDR('::ffff:0:0/96');
const IPV4_COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

function classOfIpv6(address: ipaddr.IPv6): AddressClass {
  if (address.match(IPV4_MAPPED)) return addressClass(address.toIPv4Address().toString());
  if (address.match(NAT64)) return addressClass(lastFourBytes(address));
  const range: string = address.range();
  if (address.match(IPV4_COMPATIBLE) && range !== 'loopback') return 'forbidden';
  switch (range) {
    case 'loopback':
      return 'loopback';
    case 'linkLocal':
      return 'link_local';
    case 'uniqueLocal':
      return 'private';
    case 'unicast':
      return address.match(GLOBAL_UNICAST) && !isIsatap(address) ? 'public' : 'forbidden';
    default:
      // tunnels (6to4, Teredo) and translations would reach an IPv4 address that nobody looked at
      return 'forbidden';
  }
}

function lastFourBytes(address: ipaddr.IPv6): string {
  return address.toByteArray().slice(12).join('.');
}

/** ISATAP (RFC 5214) tunnels to the IPv4 address in the last four bytes. */
function isIsatap(address: ipaddr.IPv6): boolean {
  const [high, low] = address.parts.slice(4);
  return (high === 0 || high === 0x0200) && low === 0x5efe;
}
