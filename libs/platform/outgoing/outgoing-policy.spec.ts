import { describe, expect, it } from '@jest/globals';
import {
  OUTGOING_PROTOCOLS,
  policyForUrl,
  requireAllowed,
  type OutgoingAllowance,
  type OutgoingPolicy,
} from './outgoing-policy.js';

const allowance = (given: Partial<OutgoingAllowance>): OutgoingAllowance => ({
  ...{ host: null, cidr: null, ports: null, protocols: OUTGOING_PROTOCOLS },
  ...given,
});

function verdict(
  policy: Partial<OutgoingPolicy>,
  host: string,
  address: string,
  { port = 443, protocol = 'http' as const as OutgoingPolicy['allowances'][number]['protocols'][number] } = {},
): string {
  try {
    requireAllowed({ allowances: [], publicAddresses: 'open', ...policy }, { host, port, protocol }, address);
    return 'allowed';
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

const NOT = 'outgoing.not_allowed';
const NEVER = 'outgoing.address_forbidden';

describe('what a policy lets through', () => {
  it('lets public addresses through, or only those that are listed', () => {
    expect(verdict({}, 'a.example', '93.184.216.34')).toBe('allowed');
    expect(verdict({ publicAddresses: 'listed' }, 'a.example', '93.184.216.34')).toBe(NOT);
    const listed = { publicAddresses: 'listed', allowances: [allowance({ host: '*.a.example' })] } as const;
    expect(verdict(listed, 'x.a.example', '93.184.216.34')).toBe('allowed');
    expect(verdict(listed, 'a.example', '93.184.216.34')).toBe(NOT);
    expect(verdict(listed, 'evila.example', '93.184.216.34')).toBe(NOT);
  });

  it.each(['10.0.0.1', '127.0.0.1', '169.254.7.7', '::1', 'fd12::1', '::ffff:10.0.0.1', '64:ff9b::a00:1'])(
    'keeps %s closed until it is allowed by its network',
    (address) => {
      expect(verdict({}, 'a.example', address)).toBe(NOT);
    },
  );

  it.each([
    ['a.example', '93.184.216.34', '{"to":"a.example","ports":[443],"protocols":["http"],"reason":"…"}'],
    ['127.0.0.1', '127.0.0.1', '{"to":"127.0.0.1","ports":[443],"protocols":["http"],"reason":"…"}'],
    [
      'a.example',
      '127.0.0.1',
      '{"to":"its address, which our log names","ports":[443],"protocols":["http"],"reason":"…"}',
    ],
  ])('says of %s at %s what has to be added to the list, and how', (host, address, entry) => {
    const policy = { allowances: [], publicAddresses: 'listed' } as const;
    const refusal = () => requireAllowed(policy, { host, port: 443, protocol: 'http' }, address);
    expect(refusal).toThrow(`${entry} to the tenant’s allowances: GET, then PUT /v1/outgoing-policies.`);
  });

  it('opens a network for its ports and protocols only', () => {
    const allowances = [allowance({ cidr: '10.20.0.0/16', ports: [636], protocols: ['ldap'] })];
    expect(verdict({ allowances }, 'dc', '10.20.3.4', { port: 636, protocol: 'ldap' })).toBe('allowed');
    expect(verdict({ allowances }, 'dc', '::ffff:10.20.3.4', { port: 636, protocol: 'ldap' })).toBe('allowed');
    expect(verdict({ allowances }, 'dc', '10.21.3.4', { port: 636, protocol: 'ldap' })).toBe(NOT);
    expect(verdict({ allowances }, 'dc', '10.20.3.4', { port: 389, protocol: 'ldap' })).toBe(NOT);
    expect(verdict({ allowances }, 'dc', '10.20.3.4', { port: 636, protocol: 'http' })).toBe(NOT);
  });

  it('never opens metadata, multicast and tunnels, whatever network is allowed', () => {
    const allowances = ['169.254.0.0/16', '100.64.0.0/10', 'fd00::/8', '224.0.0.0/8', '2002::/16', '168.63.0.0/16'].map(
      (cidr) => allowance({ cidr }),
    );
    for (const address of [
      '169.254.169.254',
      '100.100.100.200',
      'fd00:ec2::254',
      '224.0.0.1',
      '2002:a00:1::',
      '168.63.129.16',
    ])
      expect(verdict({ allowances }, 'metadata', address)).toBe(NEVER);
    expect(verdict({ allowances }, 'a', '169.254.7.7')).toBe('allowed');
  });

  it('opens a private network by name, but neither this machine nor the link', () => {
    const allowances = [allowance({ host: 'dc1.muster.example' })];
    expect(verdict({ allowances }, 'dc1.muster.example', '10.0.0.5')).toBe('allowed');
    expect(verdict({ allowances }, 'dc1.muster.example', '127.0.0.1')).toBe(NOT);
    expect(verdict({ allowances }, 'dc1.muster.example', '169.254.7.7')).toBe(NOT);
    expect(verdict({ allowances: [allowance({ host: 'localhost' })] }, 'localhost', '127.0.0.1')).toBe('allowed');
  });

  it('opens for the installation’s own settings what they name, and nothing beside it', () => {
    const vault = policyForUrl('https://vault.intern:8200/v1');
    expect(verdict(vault, 'vault.intern', '10.0.0.9', { port: 8200 })).toBe('allowed');
    expect(verdict(vault, 'vault.intern', '10.0.0.9', { port: 443 })).toBe(NOT);
    expect(verdict(vault, 'other.intern', '10.0.0.9', { port: 8200 })).toBe(NOT);
    expect(verdict(policyForUrl('http://127.0.0.1:3000'), '127.0.0.1', '127.0.0.1', { port: 3000 })).toBe('allowed');
    expect(verdict(policyForUrl('http://169.254.169.254'), '169.254.169.254', '169.254.169.254', { port: 80 })).toBe(
      NEVER,
    );
  });
});
