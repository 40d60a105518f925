import type { FieldChange } from '#libs/kernel';
import type { LdapConfig } from './ldap-config.js';
import type { DirectorySession } from './ldap-connection.js';
import { AttributeNotConfigured } from './ldap-errors.js';
import { personFieldSchemas, type NewPerson, type PersonField, type PersonFields } from './ldap-person.js';
import { inOrder } from './ldap-text-attributes.js';
import { locateUser } from './ldap-user.js';

/** The attribute that keeps a field here. Throws `AttributeNotConfigured`. */
export function attributeOf({ config, dialect }: DirectorySession, field: PersonField): string {
  const attribute = configured(config, field) ?? dialect.person.attributes[field];
  if (attribute !== null) return attribute;
  throw new AttributeNotConfigured(`Name the attribute that keeps ${field} in the configuration of the directory.`, {
    context: { field },
  });
}

/** The attribute that the customer's configuration names for a field. */
function configured(config: LdapConfig, field: PersonField): string | null {
  const { mailAliasAttribute: aliases, usageLocationAttribute: usageLocation, sponsorAttribute: sponsor } = config;
  const named: { readonly [field in PersonField]?: string | null } = { aliases, usageLocation, sponsor };
  return named[field] ?? null;
}

/** Fields that name somebody by their user name; the directory keeps their DN. */
const REFERENCES: readonly PersonField[] = ['manager', 'sponsor'];

/** Whether an attribute keeps somebody's DN, which can be written in several ways. */
export function isReference({ config, dialect }: DirectorySession, attribute: string): boolean {
  return REFERENCES.some((field) => attribute === (configured(config, field) ?? dialect.person.attributes[field]));
}

/**
 * A person's fields as attributes with their values; no values remove one. Manager and sponsor are found by user
 * name. Throws `AttributeNotConfigured` and, for these two, what `locateUser` throws.
 */
export async function personAttributes(
  directory: DirectorySession,
  person: PersonFields,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const attributes = new Map<string, readonly string[]>();
  for (const field of Object.keys(personFieldSchemas) as PersonField[]) {
    if (person[field] === undefined) continue;
    const values = [person[field] ?? []].flat();
    attributes.set(attributeOf(directory, field), await attributeValues(directory, field, values));
  }
  return attributes;
}

async function attributeValues(
  directory: DirectorySession,
  field: PersonField,
  values: readonly string[],
): Promise<readonly string[]> {
  if (field === 'aliases') return values.map((address) => directory.dialect.person.aliasValue(address));
  if (!REFERENCES.includes(field)) return values;
  return Promise.all(values.map(async (login) => (await locateUser(directory, login, null)).dn));
}

/** The changes that make a person's entry: one for each attribute, each from nothing. */
export async function newEntryChanges(
  directory: DirectorySession,
  person: NewPerson,
  dn: string,
  enabled: boolean,
): Promise<readonly FieldChange[]> {
  const { config, dialect } = directory;
  const named: NewPerson = { ...person, displayName: person.displayName ?? `${person.givenName} ${person.surname}` };
  const attributes = new Map<string, readonly string[]>([
    ['objectClass', [...dialect.person.objectClasses, ...config.newUserClasses]],
    ...Object.entries(dialect.person.derived(named, config)),
    ...(await personAttributes(directory, named)),
  ]);
  const change = (field: string, after: FieldChange['after']): FieldChange => ({
    target: dn,
    field,
    before: null,
    after,
  });
  return [
    ...[...attributes].filter(([, values]) => values.length > 0).map(([name, values]) => change(name, inOrder(values))),
    ...(enabled ? [] : [change(dialect.disabledField, dialect.disabledValue)]),
  ];
}
