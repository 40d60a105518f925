import type { FieldChange, Json } from '#libs/kernel';
import { exchange, type LdapEntry } from './ldap-entry.js';
import { AttributeNotText } from './ldap-errors.js';
import { userChange } from './ldap-user.js';
import type { UserFields } from './ldap-user-fields.js';

/** Attributes of a user that hold text: each is written over the values that were read. */
export const textAttributes: UserFields = {
  attributes: (changes) => changes.map((change) => change.field),
  read: (_directory, user, { field }) => valuesOf(user, field),
  write: (directory, user, { field, after }) => {
    const changes = exchange(field, user.values(field), (after ?? []) as readonly string[]);
    return directory.modify(directory.dialect.addressOf(user), changes);
  },
};

/** The change that gives an attribute exactly these values; null or none removes it. */
export function attributeChange(user: LdapEntry, name: string, wanted: readonly string[] | null): FieldChange {
  return userChange(user, name, { before: valuesOf(user, name), after: inOrder(wanted ?? []) });
}

/** An attribute's values as an effect shows them. Throws `AttributeNotText`. */
export function valuesOf(user: LdapEntry, name: string): Json {
  const values = user.values(name);
  if (values.length < user.raw(name).length) {
    throw new AttributeNotText(`${name} holds bytes. It cannot be set here.`, { context: { attribute: name } });
  }
  return inOrder(values);
}

/** LDAP keeps values without an order: one of our own makes them comparable. No value is null. */
export function inOrder(values: readonly string[]): Json {
  return values.length === 0 ? null : [...new Set(values)].sort();
}
