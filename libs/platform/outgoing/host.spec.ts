import { describe, expect, it } from '@jest/globals';
import { canonicalHost } from './host.js';

describe('a host in its one form', () => {
  it.each([
    ['0177.0.0.1', '127.0.0.1'],
    ['0x7f.0.0.1', '127.0.0.1'],
    ['0x7f000001', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['127.0.1', '127.0.0.1'],
    ['１２７.0.0.1', '127.0.0.1'],
    ['127。0。0。1', '127.0.0.1'],
    ['127.0.0.1.', '127.0.0.1'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['[::FFFF:7F00:1]', '::ffff:7f00:1'],
    ['LocalHost.', 'localhost'],
    ['Bücher.example', 'xn--bcher-kva.example'],
    ['ｌocalhost', 'localhost'],
    ['ldap_1.intern', 'ldap_1.intern'],
  ])('reads %s as %s', (text, host) => expect(canonicalHost(text)).toBe(host));

  it.each([
    ['a zone', 'fe80::1%eth0'],
    ['a zone in brackets', '[fe80::1%25eth0]'],
    ['an empty name', ''],
    ['a dot alone', '.'],
    ['an empty label', 'a..b'],
    ['two dots at the end', '127.0.0.1..'],
    ['too many numbers', '1.2.3.4.5'],
    ['a number too large', '256.1.1.1'],
    ['a login', 'user@host'],
    ['a port', 'host:80'],
    ['a path', 'host/path'],
    ['a line break', 'host\r\nevil'],
    ['a NUL', 'host\0.example'],
    ['a percent sign', '%31%32%37.0.0.1'],
    ['broken IDNA', 'xn--a.example'],
    ['a label that is too long', `${'a'.repeat(64)}.example`],
  ])('refuses %s (%j)', (_name, text) => {
    let code: unknown;
    try {
      canonicalHost(text);
    } catch (error) {
      ({ code } = error as { readonly code: unknown });
    }
    expect(code).toBe('outgoing.host_invalid');
  });
});
