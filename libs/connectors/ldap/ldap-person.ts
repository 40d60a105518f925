import type { JsonObject, JsonSchema } from '#libs/kernel';
import { MAIL_ADDRESS } from '../smtp/smtp-config.js';
import type { LdapConfig } from './ldap-config.js';

/** What is known of a person, in the words of a request; each directory keeps it in attributes of its own. */
export type PersonFields = {
  readonly givenName?: string | null;
  readonly surname?: string | null;
  readonly displayName?: string | null;
  readonly mail?: string | null;
  /** Further addresses of the same mailbox. */
  readonly aliases?: readonly string[] | null;
  readonly title?: string | null;
  readonly department?: string | null;
  readonly company?: string | null;
  readonly streetAddress?: string | null;
  readonly postalCode?: string | null;
  readonly city?: string | null;
  readonly state?: string | null;
  /** Where services are used: a country by its two letters (ISO 3166-1). */
  readonly usageLocation?: string | null;
  readonly businessPhones?: readonly string[] | null;
  readonly mobilePhone?: string | null;
  readonly employeeType?: string | null;
  readonly employeeNumber?: string | null;
  /** The user name of the person's manager. */
  readonly manager?: string | null;
  /** The user name of whoever answers for the person's being there, where that is not the manager: guests, temporary staff. */
  readonly sponsor?: string | null;
};

export type PersonField = keyof PersonFields;

/** A person who is to get an entry. */
export type NewPerson = PersonFields & {
  readonly user: string;
  readonly givenName: string;
  readonly surname: string;
};

/** What differs between directory servers when a person's entry is made or changed. */
export interface PersonDialect {
  /** All classes of a new entry, as the server shows them afterwards. */
  readonly objectClasses: readonly string[];
  /** The attribute that names a new entry; its value is the user name, which no colleague can share. */
  readonly namingAttribute: string;
  /** Where each field is kept; null where only the system's configuration can tell. */
  readonly attributes: { readonly [field in PersonField]: string | null };
  /** Attributes of a new entry that follow from others, e.g. a second form of the user name. */
  derived(person: NewPerson, config: LdapConfig): { readonly [attribute: string]: readonly string[] };
  /** The attributes with which an entry is added so that `disabledField` has a value. */
  accountAttributes(disabled: boolean): { readonly [attribute: string]: readonly string[] };
  /** Whether an account may be open before it has a password. */
  readonly opensWithoutPassword: boolean;
  /** What an alias looks like in its attribute. */
  aliasValue(address: string): string;
  /** The attributes in which a mail address may be taken already. */
  readonly mailAttributes: readonly string[];
  /** The attribute that tells which account made an entry; null where the server does not keep it. */
  readonly creatorAttribute: string | null;
}

const text = (maxLength: number): JsonObject => ({
  type: ['string', 'null'],
  minLength: 1,
  maxLength,
  pattern: '^[^\\u0000-\\u001F]*$',
});
/** Directories keep addresses in ASCII (`IA5String`): an umlaut would be refused only when it is written. */
export const ASCII_MAIL_ADDRESS = `^(?=[!-~]+$)${MAIL_ADDRESS.slice(1)}`;
const mail: JsonObject = { type: ['string', 'null'], maxLength: 256, pattern: ASCII_MAIL_ADDRESS };
const list = (items: JsonObject): JsonObject => ({
  type: ['array', 'null'],
  minItems: 1,
  maxItems: 50,
  uniqueItems: true,
  items: { ...items, type: 'string' },
});

/** A country by its two letters (ISO 3166-1), as `c` and `countryName` keep it (RFC 4519, 2.2). */
const country: JsonObject = { type: ['string', 'null'], pattern: '^[A-Z]{2}$' };

/** The schema of each field of a person. Where a field may be removed, null does it. */
export const personFieldSchemas: { readonly [field in PersonField]: JsonSchema } = {
  givenName: text(64),
  surname: text(64),
  displayName: text(256),
  mail,
  aliases: list(mail),
  title: text(128),
  department: text(64),
  company: text(64),
  streetAddress: text(1024),
  postalCode: text(40),
  city: text(128),
  state: text(128),
  usageLocation: country,
  businessPhones: list(text(64)),
  mobilePhone: text(64),
  employeeType: text(256),
  employeeNumber: text(16),
  manager: text(256),
  sponsor: text(256),
};

/** The user name of somebody who is to get an entry: a space at its ends or a control character would be a mistake. */
export const newUserSchema: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 256,
  pattern: '^[^\\s\\u0000-\\u001F]([^\\u0000-\\u001F]*[^\\s\\u0000-\\u001F])?$',
};

/** The schema of a unit's DN. */
export const unitSchema: JsonSchema = { type: 'string', minLength: 3, maxLength: 1024 };
