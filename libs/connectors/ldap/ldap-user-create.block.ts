import type { JsonObject } from '#libs/kernel';
import { effectOf } from '../field-changes.js';
import { directoryBlock } from './ldap-controllers.js';
import { withDirectory } from './ldap-connection.js';
import { PasswordNeededFirst } from './ldap-errors.js';
import { newUserDn } from './ldap-new-user.js';
import { newEntryChanges } from './ldap-person-attributes.js';
import { newUserSchema, personFieldSchemas, unitSchema, type NewPerson } from './ldap-person.js';
import { refuseTaken, requireUnit } from './ldap-unit.js';
import { applyCreation, fieldsOf, isOwnEntry, undoCreation, verifyCreation } from './ldap-user-creation.js';
import { readBackSchema } from './ldap-user-fields.js';
import { refuseOwners } from './ldap-user-uniqueness.js';
import { findByLogin, identityOf } from './ldap-user.js';

type CreateInput = NewPerson & {
  /** The unit of the new entry; by default the people's. */
  readonly unit?: string;
  /** Open from the start, where the directory can; otherwise `ldap.user.enable` opens the account. */
  readonly enabled?: boolean;
};

/** Makes a person's entry: closed and without a password, unless it is to be open at once. */
export const ldapUserCreate = directoryBlock<CreateInput>({
  name: 'ldap.user.create',
  title: { en: 'Create the user', de: 'Benutzer anlegen' },
  kind: 'ldap',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['user', 'givenName', 'surname'],
    properties: {
      ...personFieldSchemas,
      user: newUserSchema,
      givenName: { type: 'string', minLength: 1, maxLength: 64 },
      surname: { type: 'string', minLength: 1, maxLength: 64 },
      unit: unitSchema,
      enabled: { type: 'boolean' },
    },
  },
  outputSchema: {
    ...readBackSchema,
    properties: { ...(readBackSchema['properties'] as JsonObject), identity: { type: ['string', 'null'] } },
  },
  credentials: ['read users, units and their identity attribute', 'add users to the unit and delete them again'],
  repeatIsHarmless:
    'An entry is added whole or not at all and never over another. A repeat takes an entry for its own only if this step had begun to write, our account made the entry, and it holds exactly what was approved.',
  plan: (context, input) =>
    withDirectory(context, async (directory) => {
      const { user: login, enabled = false } = input;
      if (enabled && !directory.dialect.person.opensWithoutPassword)
        throw new PasswordNeededFirst('Create the account closed, set its first password, and enable it then.');
      const unit = await requireUnit(directory, input.unit ?? directory.config.peopleOu);
      const dn = newUserDn(directory, login, unit);
      const changes = await newEntryChanges(directory, input, dn, enabled);
      const named = await findByLogin(directory, login, fieldsOf(changes));
      const own = named.find((entry) => isOwnEntry(context, directory, changes, entry));
      if (own) return effectOf(identityOf(directory, own), []);
      await refuseOwners(directory, input);
      await refuseTaken(directory, dn);
      return effectOf(null, changes);
    }),
  apply: (context, _input, effect) => applyCreation(context, effect),
  verify: (context, input, effect, receipt) => verifyCreation(context, input, effect, receipt),
  undo: (context, { user }, recorded, overwrite) => undoCreation(context, user, recorded, overwrite),
});
