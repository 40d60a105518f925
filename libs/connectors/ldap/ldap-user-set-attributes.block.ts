import type { FieldChange } from '#libs/kernel';
import { effectOf } from '../field-changes.js';
import { given } from '../json-schema.js';
import { directoryBlock } from './ldap-controllers.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import { namingAttributes, sameDn } from './ldap-dn.js';
import type { LdapEntry } from './ldap-entry.js';
import { AttributeNotAllowed } from './ldap-errors.js';
import { newUserProperties, planUser, type MaybeNewUser } from './ldap-new-user.js';
import { isReference, personAttributes } from './ldap-person-attributes.js';
import { personFieldSchemas, type PersonFields } from './ldap-person.js';
import { attributeChange, textAttributes } from './ldap-text-attributes.js';
import { applyUserFields, readBackSchema, undoUserFields, userSchema, verifyUserFields } from './ldap-user-fields.js';

type SetAttributesInput = MaybeNewUser & {
  /** Attributes by the directory's names. */
  readonly attributes?: { readonly [name: string]: readonly string[] | null };
  /** Fields of a person in the words of a request; the manager by user name. */
  readonly fields?: PersonFields;
};

// Passwords and keys have blocks of their own or none; the rest is what the server keeps or what other blocks write.
const FORBIDDEN = [
  /^(user|unicode|ms-mcs-adm|samba(nt|lm)|db|auth|msDS-Managed)?(pwd|password)/i,
  /^(ntPwd|lmPwd|sambaPwd|supplementalCredentials|krb|msDS-KeyCredential|sAMAccount|primaryGroup|whenC|uSN|object(GUID|Sid))/i,
  /^(objectClass|objectCategory|structuralObjectClass|entry\w*|creatorsName|createTimestamp|modif\w*|subschemaSubentry)$/i,
  /^(memberOf|member|hasSubordinates|userAccountControl|accountExpires|lockoutTime|adminCount|distinguishedName)$/i,
  /^(nTSecurityDescriptor|sIDHistory|servicePrincipalName)$/i,
];

/** Sets or removes text attributes of a user. */
export const ldapUserSetAttributes = directoryBlock<SetAttributesInput>({
  name: 'ldap.user.set-attributes',
  title: { en: 'Set attributes', de: 'Attribute setzen' },
  kind: 'ldap',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['user'],
    anyOf: [given('attributes'), given('fields')],
    properties: {
      user: userSchema,
      ...newUserProperties,
      attributes: {
        type: 'object',
        minProperties: 1,
        propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9-]*$' },
        additionalProperties: { type: ['array', 'null'], items: { type: 'string', minLength: 1 } },
      },
      fields: { type: 'object', minProperties: 1, additionalProperties: false, properties: personFieldSchemas },
    },
  },
  outputSchema: readBackSchema,
  credentials: ['read users and their identity attribute', 'write the attributes that the processes name'],
  repeatIsHarmless:
    'Each attribute is set over the values that were read and only if it does not have the wanted ones.',
  plan: (context, input) =>
    withDirectory(context, async (directory) => {
      const wanted = [
        ...Object.entries(input.attributes ?? {}),
        ...(await personAttributes(directory, input.fields ?? {})),
      ];
      const names = wanted.map(([name]) => name);
      const { user, identity } = await planUser(context, directory, input, names);
      refuseForbidden(directory, user, names);
      const changes = wanted.map(([name, values]) => wantedChange(directory, user, name, values));
      return effectOf(identity, changes);
    }),
  apply: (context, { user }, effect) => applyUserFields(context, user, effect, textAttributes),
  verify: (context, _input, effect) => verifyUserFields(context, effect, textAttributes),
  undo: (context, _input, recorded, overwrite) => undoUserFields(context, recorded, overwrite, textAttributes),
});

/** Whether an attribute is a password, kept by the server, or written by another block. */
export function isForbiddenAttribute(name: string): boolean {
  return FORBIDDEN.some((pattern) => pattern.test(name));
}

function refuseForbidden({ config }: DirectorySession, user: LdapEntry, names: readonly string[]): void {
  const naming = [...namingAttributes(user.dn), config.userNameAttribute.toLowerCase()];
  const seen = new Set<string>();
  for (const name of names) {
    const lower = name.toLowerCase();
    if (isForbiddenAttribute(name) || naming.includes(lower) || seen.has(lower)) {
      throw new AttributeNotAllowed(`${name} cannot be set here. Leave it out.`, { context: { attribute: name } });
    }
    seen.add(lower);
  }
}

/** The same manager or sponsor may be written in several ways: what names the same entry is no change. */
function wantedChange(
  directory: DirectorySession,
  user: LdapEntry,
  name: string,
  wanted: readonly string[] | null,
): FieldChange {
  const change = attributeChange(user, name, wanted);
  const [somebody] = isReference(directory, name) ? (wanted ?? []) : [];
  const isSame = somebody !== undefined && user.values(name).length === 1 && sameDn(user.values(name)[0]!, somebody);
  return isSame ? { ...change, after: change.before } : change;
}
