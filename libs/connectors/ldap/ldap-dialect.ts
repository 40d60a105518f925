import type { Change, Filter } from 'ldapts';
import type { Json } from '#libs/kernel';
import { activeDirectory } from './active-directory.dialect.js';
import type { LdapConfig } from './ldap-config.js';
import type { Address, LdapEntry } from './ldap-entry.js';
import type { PersonDialect } from './ldap-person.js';
import { openLdap } from './openldap.dialect.js';

/** What differs between directory servers. Pure: it reads entries and makes filters and changes, the session sends them. */
export interface DirectoryDialect {
  /** Attributes without which nothing can be written safely: the identity that survives renames and moves … */
  readonly requiredAttributes: readonly string[];
  /** Attributes to ask for by name with every user or group: identity, state, times. */
  readonly stateAttributes: readonly string[];
  /** What of the server's own entry (the root DSE) tells which server of a directory it is; null: nothing. */
  readonly serverNameAttribute: string | null;
  /** What holds the SIDs of every group of a user, nested ones too, as the server itself works them out; null: nothing. */
  readonly tokenAttribute: string | null;
  /** Attributes that come as bytes. */
  readonly byteAttributes: readonly string[];
  /** Narrows a search by login name to people; null where the login name's attribute does that already. */
  readonly personFilter: Filter | null;
  readonly groupClass: string;
  /** Whether a group may lose its last member. */
  readonly groupsMayBeEmpty: boolean;
  /** Where a user's own password policy is named and what in it makes a lock work; null where a lock always works. */
  readonly lockPolicy: { readonly nameAttribute: string; readonly switchAttribute: string } | null;
  /** The field of a change that disables sign-in, and its value then. */
  readonly disabledField: string;
  readonly disabledValue: Json;
  /** The value of `disabledField` that lets the user sign in. */
  readonly enabledValue: Json;
  /** How a person's entry is made, and which attributes hold what. */
  readonly person: PersonDialect;
  identityOf(entry: LdapEntry): string;
  identityFilter(id: string): Filter;
  addressOf(entry: LdapEntry): Address;
  /** The present value of `disabledField`. */
  disabledState(entry: LdapEntry): Json;
  /** Changes that bring `disabledField` to a value (`disabledValue` or what `disabledState` gave before). */
  disabledChanges(entry: LdapEntry, value: Json): Change[];
  /** Sets a password; the lock of a locked account stays. */
  passwordChanges(entry: LdapEntry, password: string): Change[];
  /** The field that makes a user choose a password of their own at the next sign-in; its value is true or false. */
  readonly mustChangeField: string;
  /** What in a user's own password policy makes that mark work; null where it always does. */
  readonly mustChangeSwitch: string | null;
  mustChangeState(entry: LdapEntry): boolean;
  mustChangeChanges(entry: LdapEntry, value: boolean): Change[];
  /** When the password was last changed, in the server's own form. */
  passwordChangedAt(entry: LdapEntry): string | null;
  /** Whether a password that was replaced goes on signing in for a while: then a sign-in proves less. */
  readonly oldPasswordLingers: boolean;
  /** Whether a refusal says that the account has this very password already. */
  saysSamePassword(said: string): boolean;
  /** When the entry was last changed, in the server's own form: evidence. */
  changedAt(entry: LdapEntry): string | null;
}

/** The dialect of a configured directory. */
export function dialectOf(config: LdapConfig): DirectoryDialect {
  switch (config.dialect) {
    case 'openldap':
      return openLdap;
    case 'active-directory':
      return activeDirectory;
  }
}
