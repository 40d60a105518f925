import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '#libs/kernel';
import type { SystemKind } from './block.js';
import { allowedUrl, parseHttpConfig } from './http/http-config.js';
import { parseLdapConfig } from './ldap/ldap-config.js';
import { parseSmtpConfig } from './smtp/smtp-config.js';

const system = (kind: SystemKind, config: JsonObject) => ({
  tenant: 'muster',
  name: 'it',
  kind,
  config,
  secretRef: null,
});
const invalid = expect.objectContaining({ code: 'connector.config_invalid' });

describe('a directory’s configuration', () => {
  const least = {
    url: 'ldaps://dc.example',
    bindDn: 'cn=s,dc=x',
    baseDn: 'dc=x',
    peopleOu: 'ou=p,dc=x',
    leaversOu: 'ou=l,dc=x',
    dialect: 'openldap',
  };
  const parse = (more: JsonObject) => parseLdapConfig(system('ldap', { ...least, ...more }));

  it('is filled in where something was left out', () => {
    expect(parse({})).toMatchObject({
      groupsOu: 'dc=x',
      userNameAttribute: 'uid',
      standInMember: null,
      startTls: false,
      ca: null,
      answerMs: 15_000,
    });
    expect(parse({ dialect: 'active-directory' })).toMatchObject({ userNameAttribute: 'sAMAccountName' });
  });

  it('may say that an answer takes less than the 15 seconds that an activity has for it, never more', () => {
    expect(parse({ answerWithinSeconds: 2 }).answerMs).toBe(2_000);
    for (const answerWithinSeconds of [0, 16, 1.5, '5']) expect(() => parse({ answerWithinSeconds })).toThrow(invalid);
  });

  it('speaks to an Active Directory by LDAPS alone', () => {
    const required = expect.objectContaining({ code: 'directory.ldaps_required' });
    for (const more of [{}, { startTls: true }, { insecure: true }])
      expect(() => parse({ dialect: 'active-directory', url: 'ldap://dc.example', ...more })).toThrow(required);
    expect(() => parse({ dialect: 'active-directory', url: 'ldaps://a.example ldap://b.example' })).toThrow(required);
  });

  it('names one server or several', () => {
    expect(parse({ url: 'ldaps://a.example ldaps://b.example:3269' })).toMatchObject({
      urls: ['ldaps://a.example', 'ldaps://b.example:3269'],
    });
    expect(() => parse({ url: 'ldaps://a.example ldap://b.example', startTls: true })).toThrow(invalid);
  });

  it('allows plain LDAP only when that was said', () => {
    expect(() => parse({ url: 'ldap://dc.example' })).toThrow(invalid);
    expect(parse({ url: 'ldap://dc.example', insecure: true })).toMatchObject({ startTls: false });
    expect(parse({ url: 'ldap://dc.example', startTls: true })).toMatchObject({ startTls: true });
  });

  it.each([
    { url: 'http://dc.example' },
    { colour: 'red' },
    { caFile: '/nowhere/ca.pem' },
    { userNameAttribute: 'uid)(x=*' },
  ])('refuses %j', (more) => {
    expect(() => parse(more)).toThrow(invalid);
  });
});

describe('a mail server’s configuration', () => {
  const parse = (more: JsonObject) =>
    parseSmtpConfig(system('smtp', { host: 'mail.example', port: 587, from: 'a@x.example', startTls: true, ...more }));

  it('encrypts unless told otherwise, and never sends a password in clear', () => {
    expect(parse({})).toMatchObject({ encryption: 'starttls' });
    expect(parse({ startTls: false })).toMatchObject({ encryption: 'tls' });
    expect(parse({ startTls: true, insecure: true })).toMatchObject({ encryption: 'starttls' });
    expect(parse({ startTls: false, insecure: true })).toMatchObject({ encryption: 'none' });
    expect(() => parse({ startTls: false, insecure: true, user: 'u' })).toThrow(invalid);
    expect(() => parse({ from: 'a@x.example\r\nBcc: b@x.example' })).toThrow(invalid);
  });
});

describe('an HTTP system’s configuration', () => {
  it('lets calls go where it says and nowhere else', () => {
    const config = parseHttpConfig(system('http', { origins: ['https://hooks.example/'] }));
    expect(allowedUrl(config, 'https://HOOKS.example:443/a?b').pathname).toBe('/a');
    for (const url of [
      'http://hooks.example/',
      'https://hooks.example:8443/',
      'https://hooks.example@evil.example/',
      'x',
    ]) {
      expect(() => allowedUrl(config, url)).toThrow(expect.objectContaining({ code: 'http.origin_refused' }));
    }
    expect(() => parseHttpConfig(system('http', {}))).toThrow(invalid);
    expect(() => parseHttpConfig(system('http', { anyOrigin: false }))).toThrow(invalid);
  });

  it('has an answer wait 15 seconds, as long as an activity has time for, unless it says less', () => {
    const anyOrigin = true;
    expect(parseHttpConfig(system('http', { anyOrigin })).answerMs).toBe(15_000);
    expect(parseHttpConfig(system('http', { anyOrigin, answerWithinSeconds: 2 })).answerMs).toBe(2_000);
    for (const answerWithinSeconds of [0, 16, 1.5, '5'])
      expect(() => parseHttpConfig(system('http', { anyOrigin, answerWithinSeconds }))).toThrow(invalid);
  });
});
