import type { SystemConnection } from './block.js';
import { parseLdapConfig } from './ldap/ldap-config.js';
import { parseSmtpConfig } from './smtp/smtp-config.js';

/**
 * Which account signs in where, as a system is configured: what another account or another server answers says nothing about it.
 * Null where nothing signs in that could be tried. Throws `SystemConfigInvalid`.
 */
export function signInPlace(system: SystemConnection): string | null {
  switch (system.kind) {
    case 'ldap': {
      const { bindDn, urls } = parseLdapConfig(system);
      return `${bindDn} at ${urls.join(' ')}`;
    }
    case 'smtp': {
      const { user, host, port } = parseSmtpConfig(system);
      return user === null ? null : `${user} at ${host}:${port}`;
    }
    case 'http':
    case 'manual':
    case 'portal':
      return null;
  }
}
