import { describe, expect, it } from '@jest/globals';
import { addressClass, plainAddress } from './address-class.js';

describe('the class of an address', () => {
  it.each([
    ['93.184.216.34', 'public'],
    ['2a00:1450:4001::1', 'public'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd12::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['169.254.7.7', 'link_local'],
    ['fe80::1', 'link_local'],
  ])('knows %s as %s', (address, expected) => expect(addressClass(address)).toBe(expected));

  it.each([
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['::127.0.0.1', 'loopback'],
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:93.184.216.34', 'public'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b::93.184.216.34', 'public'],
    ['::ffff:169.254.169.254', 'forbidden'],
    ['64:ff9b::a9fe:a9fe', 'forbidden'],
  ])('judges %s by the IPv4 address inside: %s', (address, expected) => expect(addressClass(address)).toBe(expected));

  it.each([
    ['metadata of AWS, GCP, Azure', '169.254.169.254'],
    ['metadata of AWS over IPv6', 'fd00:ec2::254'],
    ['metadata of AWS, written in full', 'fd00:0ec2:0000:0000:0000:0000:0000:0254'],
    ['credentials of ECS tasks', '169.254.170.2'],
    ['credentials of EKS pods', 'fd00:ec2::23'],
    ['metadata of GCP over IPv6', 'fd20:ce::254'],
    ['Azure’s host', '168.63.129.16'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['metadata of Oracle', '192.0.0.192'],
    ['metadata of OpenStack over IPv6', 'fe80::a9fe:a9fe'],
    ['6to4', '2002:7f00:1::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['IPv4-compatible', '::7f00:1'],
    ['IPv4-translated', '::ffff:0:127.0.0.1'],
    ['NAT64 of a local network', '64:ff9b:1::7f00:1'],
    ['ISATAP', '2a00:1450:4001:0:0:5efe:7f00:1'],
    ['ISATAP with a global bit', '2a00:1450:4001:0:200:5efe:7f00:1'],
    ['site-local', 'fec0::1'],
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['unspecified over IPv6', '::'],
    ['broadcast', '255.255.255.255'],
    ['multicast', '224.0.0.1'],
    ['multicast over IPv6', 'ff02::1'],
    ['reserved', '240.0.0.1'],
    ['benchmarks', '198.18.0.1'],
    ['documentation', '203.0.113.7'],
    ['documentation over IPv6', '2001:db8::1'],
    ['discard', '100::1'],
    ['unassigned', '4000::1'],
  ])('forbids %s (%s)', (_name, address) => expect(addressClass(address)).toBe('forbidden'));

  it('connects to the IPv4 address that is written as IPv6', () => {
    expect(plainAddress('::ffff:127.0.0.1')).toBe('127.0.0.1');
    expect(plainAddress('2a00:0::1')).toBe('2a00::1');
  });
});
