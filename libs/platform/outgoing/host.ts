import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { HostInvalid } from './outgoing-errors.js';

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** White space, control characters and what belongs to other parts of an address; some would be dropped silently. */
const ELSEWHERE = /[\p{Cc}\s%/\\?#@]/u;
const LONGEST_NAME = 253;

/** Whether a text is an IP address in its usual form, 4 or 6; else 0. */
export function ipVersion(text: string): 0 | 4 | 6 {
  return isIP(text) as 0 | 4 | 6;
}

/**
 * The one form in which a host is compared, looked up and shown: lower case, IDNA as ASCII, no dot at the end, no
 * brackets. Every way of writing an IPv4 address (octal, hexadecimal, short, full-width digits) becomes four decimal
 * numbers, as the machine's resolver would read it. Throws `HostInvalid`, also for an IPv6 address with a zone.
 */
export function canonicalHost(text: string): string {
  const bare = /^\[.*\]$/.test(text) ? text.slice(1, -1) : text;
  if (ELSEWHERE.test(bare)) throw invalid(text);
  if (ipVersion(bare) === 6) return ipaddr.parse(bare).toString();
  const ascii = domainToASCII(bare).toLowerCase();
  const host = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  if (ipVersion(host) === 4) return host;
  const labels = host.split('.');
  // a last label of digits alone is a mangled address, never a name (WHATWG URL, "ends in a number")
  const isName =
    host.length <= LONGEST_NAME && labels.every((label) => LABEL.test(label)) && /[^0-9]/.test(labels.at(-1)!);
  if (!isName) throw invalid(text);
  return host;
}

function invalid(text: string): HostInvalid {
  const shown = JSON.stringify(text.slice(0, 100));
  return new HostInvalid(`${shown} is no host name or IP address. Write a name, or an address without a zone.`);
}
