import type { FieldChange, Json } from '#libs/kernel';
import { defineBlock } from '../block.js';
import { effectOf } from '../field-changes.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import { namingAttributes } from './ldap-dn.js';
import { exchange, type LdapEntry } from './ldap-entry.js';
import { AttributeNotAllowed, AttributeNotText } from './ldap-errors.js';
import { identityOf, locateUser, userChange } from './ldap-user.js';
import {
  applyUserFields,
  readBackSchema,
  undoUserFields,
  userSchema,
  verifyUserFields,
  type UserFields,
} from './ldap-user-fields.js';

type SetAttributesInput = {
  readonly user: string;
  readonly attributes: { readonly [name: string]: readonly string[] | null };
};

// Passwords and keys have blocks of their own or none; the rest is what the server keeps or what other blocks write.
const FORBIDDEN = [
  /^(user|unicode|ms-mcs-adm|samba(nt|lm)|db|auth|msDS-Managed)?(pwd|password)/i,
  /^(ntPwd|lmPwd|sambaPwd|supplementalCredentials|krb|msDS-KeyCredential|sAMAccount|primaryGroup|whenC|uSN|object(GUID|Sid))/i,
  /^(objectClass|objectCategory|structuralObjectClass|entry\w*|creatorsName|createTimestamp|modif\w*|subschemaSubentry)$/i,
  /^(memberOf|member|hasSubordinates|userAccountControl|accountExpires|lockoutTime|adminCount|distinguishedName)$/i,
  /^(nTSecurityDescriptor|sIDHistory|servicePrincipalName)$/i,
];

const textAttributes: UserFields = {
  attributes: (changes) => changes.map((change) => change.field),
  read: (_directory, user, { field }) => valuesOf(user, field),
  write: (directory, user, { field, after }) => {
    const changes = exchange(field, user.values(field), (after ?? []) as readonly string[]);
    return directory.modify(directory.dialect.addressOf(user), changes);
  },
};

/** Sets or removes text attributes of a user. */
export const ldapUserSetAttributes = defineBlock<SetAttributesInput>({
  name: 'ldap.user.set-attributes',
  title: { en: 'Set attributes', de: 'Attribute setzen' },
  kind: 'ldap',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['user', 'attributes'],
    properties: {
      user: userSchema,
      attributes: {
        type: 'object',
        minProperties: 1,
        propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9-]*$' },
        additionalProperties: { type: ['array', 'null'], items: { type: 'string', minLength: 1 } },
      },
    },
  },
  outputSchema: readBackSchema,
  credentials: ['read users and their identity attribute', 'write the attributes that the processes name'],
  repeatIsHarmless:
    'Each attribute is set over the values that were read and only if it does not have the wanted ones.',
  plan: (context, { user: login, attributes }) =>
    withDirectory(context, async (directory) => {
      const names = Object.keys(attributes);
      const user = await locateUser(directory, login, context.expectedIdentity, names);
      refuseForbidden(directory, user, names);
      const changes = names.map((name) => attributeChange(user, name, attributes[name] ?? null));
      return effectOf(identityOf(directory, user), changes);
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

function attributeChange(user: LdapEntry, name: string, wanted: readonly string[] | null): FieldChange {
  return userChange(user, name, { before: valuesOf(user, name), after: inOrder(wanted ?? []) });
}

function valuesOf(user: LdapEntry, name: string): Json {
  const values = user.values(name);
  if (values.length < user.raw(name).length) {
    throw new AttributeNotText(`${name} holds bytes. It cannot be set here.`, { context: { attribute: name } });
  }
  return inOrder(values);
}

/** LDAP keeps values without an order: one of our own makes them comparable. No value is null. */
function inOrder(values: readonly string[]): Json {
  return values.length === 0 ? null : [...new Set(values)].sort();
}
