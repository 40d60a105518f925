import type { JsonSchema } from '#libs/kernel';
import type { SystemConnection } from '../block.js';
import { SystemConfigInvalid } from '../errors.js';
import { parseSystemConfig } from '../json-schema.js';
import { caOf } from '../system-ca.js';
import { LdapsRequired } from './ldap-errors.js';

/** A directory as configured, with everything that was left out filled in. */
export interface LdapConfig {
  /** As configured; of an open session, the one server that it speaks to, by its address. */
  readonly url: string;
  /** The servers of the directory. */
  readonly urls: readonly string[];
  /** The name that the server's certificate must be for where `url` holds an address instead. */
  readonly serverName: string | null;
  readonly startTls: boolean;
  /** The PEM of the CA that signed the server's certificate; null: the machine's own CAs. */
  readonly ca: string | null;
  /** How long an answer may take, in milliseconds. */
  readonly answerMs: number;
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
  /** Auxiliary classes that a new person's entry gets besides the dialect's, e.g. for its mailbox. */
  readonly newUserClasses: readonly string[];
  /** Active Directory: the domain behind the `@` of a principal name; null: the one that the base DN names. */
  readonly userPrincipalSuffix: string | null;
  /**
   * Groups (names or DNs) that nobody gets by being like a colleague, and whose members, through other groups too, count as
   * privileged: a second person confirms what is done to them. The built-in ones of Active Directory always are.
   */
  readonly privilegedGroups: readonly string[];
  /** Groups (names or DNs) of administrators: the last of one who can sign in is not locked out just like that. */
  readonly administratorsGroups: readonly string[];
  /** Below it lie the groups that a mover is put into and taken out of; null: all below `groupsOu`. */
  readonly managedGroupsOu: string | null;
  /** Where further mail addresses, forwarding and absence texts are kept; null: the directory does not hold them. */
  readonly mailAliasAttribute: string | null;
  readonly mailForwardingAttribute: string | null;
  readonly mailKeepCopyAttribute: string | null;
  readonly outOfOfficeAttribute: string | null;
  /** Where a person's usage location and sponsor are kept; null: as the dialect has it, or nowhere. */
  readonly usageLocationAttribute: string | null;
  readonly sponsorAttribute: string | null;
  /** The groups that open a user's data to a colleague; `{user}` stands for the user name. */
  readonly dataAccessGroups: readonly string[];
}

/** What an activity has time for: a setting may only shorten it. */
const LONGEST_ANSWER_SECONDS = 15;

type RawConfig = Partial<Omit<LdapConfig, 'ca' | 'urls' | 'serverName' | 'answerMs'>> &
  Pick<LdapConfig, 'url' | 'bindDn' | 'baseDn' | 'peopleOu' | 'leaversOu' | 'dialect'> & {
    readonly caPem?: string;
    readonly caFile?: string;
    readonly insecure?: boolean;
    readonly answerWithinSeconds?: number;
  };

const dn = { type: 'string', minLength: 3, maxLength: 1024 } as const;
const attribute = { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9-]*$' } as const;
const names = { type: 'array', uniqueItems: true, items: { type: 'string', minLength: 1, maxLength: 1024 } } as const;

/** The `config` of a system of the kind `ldap`. */
export const ldapConfigSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['url', 'bindDn', 'baseDn', 'peopleOu', 'leaversOu', 'dialect'],
  properties: {
    // several servers of one directory, with a space between them
    url: { type: 'string', pattern: '^ldaps?://[^\\s/]+/?( ldaps?://[^\\s/]+/?)*$' },
    startTls: { type: 'boolean' },
    insecure: { type: 'boolean' },
    caPem: { type: 'string', minLength: 1 },
    caFile: { type: 'string', minLength: 1 },
    answerWithinSeconds: { type: 'integer', minimum: 1, maximum: LONGEST_ANSWER_SECONDS },
    bindDn: dn,
    baseDn: dn,
    peopleOu: dn,
    leaversOu: dn,
    groupsOu: dn,
    userNameAttribute: attribute,
    standInMember: dn,
    passwordPolicyDn: dn,
    dialect: { enum: ['openldap', 'active-directory'] },
    newUserClasses: { type: 'array', uniqueItems: true, items: attribute },
    userPrincipalSuffix: { type: 'string', pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$' },
    privilegedGroups: names,
    administratorsGroups: names,
    managedGroupsOu: dn,
    mailAliasAttribute: attribute,
    mailForwardingAttribute: attribute,
    mailKeepCopyAttribute: attribute,
    outOfOfficeAttribute: attribute,
    usageLocationAttribute: attribute,
    sponsorAttribute: attribute,
    dataAccessGroups: names,
  },
};

/**
 * Parses a system's configuration once. Throws `SystemConfigInvalid`; plain LDAP needs an explicit `insecure: true`, and
 * Active Directory is spoken to by LDAPS alone (`LdapsRequired`).
 */
export function parseLdapConfig(system: SystemConnection): LdapConfig {
  const raw = parseSystemConfig<RawConfig>(system, ldapConfigSchema);
  const urls = raw.url.split(' ');
  const startTls = requireEncryption(system, raw, urls);
  return {
    url: raw.url,
    urls,
    serverName: null,
    startTls,
    ca: caOf(system, raw),
    answerMs: (raw.answerWithinSeconds ?? LONGEST_ANSWER_SECONDS) * 1000,
    bindDn: raw.bindDn,
    baseDn: raw.baseDn,
    peopleOu: raw.peopleOu,
    leaversOu: raw.leaversOu,
    groupsOu: raw.groupsOu ?? raw.baseDn,
    userNameAttribute: raw.userNameAttribute ?? (raw.dialect === 'openldap' ? 'uid' : 'sAMAccountName'),
    standInMember: raw.standInMember ?? null,
    passwordPolicyDn: raw.passwordPolicyDn ?? null,
    dialect: raw.dialect,
    ...peopleConfig(raw),
  };
}

/** Whether StartTLS is to be used. */
function requireEncryption(system: SystemConnection, raw: RawConfig, urls: readonly string[]): boolean {
  const startTls = raw.startTls ?? false;
  const [ldaps, plain] = ['ldaps:', 'ldap:'].map((scheme) => urls.some((url) => url.startsWith(scheme)));
  // A domain controller takes a new password over an encrypted connection only, and StartTLS begins in the clear.
  if (raw.dialect === 'active-directory' && plain)
    throw new LdapsRequired(`${system.name} is an Active Directory. Give it as ldaps://.`);
  if (ldaps && plain) throw new SystemConfigInvalid(`${system.name} mixes ldap:// and ldaps://. Use one of them.`);
  if (plain && !startTls && raw.insecure !== true) {
    throw new SystemConfigInvalid(
      `${system.name} would be asked without encryption. Use ldaps:// or startTls, or say insecure: true.`,
    );
  }
  return startTls && plain === true;
}

/** What joiners, movers and the grants on a leaver need to know. */
function peopleConfig(raw: RawConfig) {
  return {
    newUserClasses: raw.newUserClasses ?? [],
    userPrincipalSuffix: raw.userPrincipalSuffix ?? null,
    privilegedGroups: raw.privilegedGroups ?? [],
    administratorsGroups: raw.administratorsGroups ?? [],
    managedGroupsOu: raw.managedGroupsOu ?? null,
    mailAliasAttribute: raw.mailAliasAttribute ?? null,
    mailForwardingAttribute: raw.mailForwardingAttribute ?? null,
    mailKeepCopyAttribute: raw.mailKeepCopyAttribute ?? null,
    outOfOfficeAttribute: raw.outOfOfficeAttribute ?? null,
    usageLocationAttribute: raw.usageLocationAttribute ?? null,
    sponsorAttribute: raw.sponsorAttribute ?? null,
    dataAccessGroups: raw.dataAccessGroups ?? [],
  };
}
