import type { JsonSchema } from '#libs/kernel';
import type { SystemConnection } from '../block.js';
import { SystemConfigInvalid } from '../errors.js';
import { parseSystemConfig } from '../json-schema.js';
import { caOf } from '../system-ca.js';

/** A directory as configured, with everything that was left out filled in. */
export interface LdapConfig {
  readonly url: string;
  readonly startTls: boolean;
  /** The PEM of the CA that signed the server's certificate; null: the machine's own CAs. */
  readonly ca: string | null;
  readonly bindDn: string;
  readonly baseDn: string;
  readonly peopleOu: string;
  readonly leaversOu: string;
  /** Where groups are looked for. */
  readonly groupsOu: string;
  readonly userNameAttribute: string;
  /** Takes a group's last place, because a `groupOfNames` may not be empty. */
  readonly standInMember: string | null;
  /** OpenLDAP: the policy of users that name none themselves, to know whether a lock has an effect. */
  readonly passwordPolicyDn: string | null;
  readonly dialect: 'openldap' | 'active-directory';
}

type RawConfig = Partial<Omit<LdapConfig, 'ca'>> &
  Pick<LdapConfig, 'url' | 'bindDn' | 'baseDn' | 'peopleOu' | 'leaversOu' | 'dialect'> & {
    readonly caPem?: string;
    readonly caFile?: string;
    readonly insecure?: boolean;
  };

const dn = { type: 'string', minLength: 3, maxLength: 1024 } as const;

/** The `config` of a system of the kind `ldap`. */
export const ldapConfigSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['url', 'bindDn', 'baseDn', 'peopleOu', 'leaversOu', 'dialect'],
  properties: {
    url: { type: 'string', pattern: '^ldaps?://[^\\s/]+/?$' },
    startTls: { type: 'boolean' },
    insecure: { type: 'boolean' },
    caPem: { type: 'string', minLength: 1 },
    caFile: { type: 'string', minLength: 1 },
    bindDn: dn,
    baseDn: dn,
    peopleOu: dn,
    leaversOu: dn,
    groupsOu: dn,
    userNameAttribute: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9-]*$' },
    standInMember: dn,
    passwordPolicyDn: dn,
    dialect: { enum: ['openldap', 'active-directory'] },
  },
};

/** Parses a system's configuration once. Throws `SystemConfigInvalid`; plain LDAP needs an explicit `insecure: true`. */
export function parseLdapConfig(system: SystemConnection): LdapConfig {
  const raw = parseSystemConfig<RawConfig>(system, ldapConfigSchema);
  const startTls = raw.startTls ?? false;
  const encrypted = raw.url.startsWith('ldaps:') || startTls;
  if (!encrypted && raw.insecure !== true) {
    throw new SystemConfigInvalid(
      `${system.name} would be asked without encryption. Use ldaps:// or startTls, or say insecure: true.`,
    );
  }
  return {
    url: raw.url,
    startTls: startTls && !raw.url.startsWith('ldaps:'),
    ca: caOf(system, raw),
    bindDn: raw.bindDn,
    baseDn: raw.baseDn,
    peopleOu: raw.peopleOu,
    leaversOu: raw.leaversOu,
    groupsOu: raw.groupsOu ?? raw.baseDn,
    userNameAttribute: raw.userNameAttribute ?? (raw.dialect === 'openldap' ? 'uid' : 'sAMAccountName'),
    standInMember: raw.standInMember ?? null,
    passwordPolicyDn: raw.passwordPolicyDn ?? null,
    dialect: raw.dialect,
  };
}
