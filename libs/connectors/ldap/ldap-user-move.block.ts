import type { Effect, Json } from '#libs/kernel';
import { effectOf } from '../field-changes.js';
import { directoryBlock } from './ldap-controllers.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import { dnBelow, sameDn, splitDn } from './ldap-dn.js';
import { findEntry, refuseTaken, requireUnit } from './ldap-unit.js';
import { identityOf, locateUser, userChange } from './ldap-user.js';
import {
  applyUserFields,
  readBackSchema,
  undoUserFields,
  userSchema,
  verifyUserFields,
  type UserFields,
} from './ldap-user-fields.js';

type MoveInput = { readonly user: string; readonly to?: string };

const place: UserFields = {
  attributes: () => [],
  read: (_directory, user, { before, after }): Json => {
    // Servers write the same name in several ways: what is the same name counts as the recorded text.
    const known = [after, before].find((dn) => typeof dn === 'string' && sameDn(dn, user.dn));
    return known ?? user.dn;
  },
  write: (directory, user, { after }) => {
    const { parent } = splitDn(String(after));
    const { rdn } = splitDn(user.dn);
    const keepsName = sameDn(splitDn(String(after)).rdn, rdn);
    return directory.move(directory.dialect.addressOf(user), dnBelow(keepsName ? user.dn : String(after), parent));
  },
};

/** Moves a user's entry to another unit, by default the leavers'. */
export const ldapUserMove = directoryBlock<MoveInput>({
  name: 'ldap.user.move',
  title: { en: 'Move to another unit', de: 'In eine andere Einheit verschieben' },
  kind: 'ldap',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['user'],
    properties: { user: userSchema, to: { type: 'string', minLength: 3, maxLength: 1024 } },
  },
  outputSchema: readBackSchema,
  credentials: [
    'read users and their identity attribute',
    'delete children of the old unit and add them to the new one',
  ],
  repeatIsHarmless: 'The entry is found by its identity, and moved only if it is still at its old place.',
  plan: (context, { user: login, to }) =>
    withDirectory(context, async (directory) => {
      const user = await locateUser(directory, login, context.expectedIdentity);
      const unit = await requireUnit(directory, to ?? directory.config.leaversOu);
      const after = sameDn(splitDn(user.dn).parent, unit) ? user.dn : dnBelow(user.dn, unit);
      if (after !== user.dn) await refuseTaken(directory, after);
      return effectOf(identityOf(directory, user), [userChange(user, 'dn', { before: user.dn, after })]);
    }),
  apply: (context, { user }, effect) => applyUserFields(context, user, effect, place),
  verify: (context, _input, effect) => verifyUserFields(context, effect, place),
  undo: async (context, _input, recorded, overwrite) => {
    const effect = await undoUserFields(context, recorded, overwrite, place);
    const [back] = effect.changes;
    if (!back) return effect;
    const unit = splitDn(String(back.after)).parent;
    const exists = await withDirectory(context, (directory) => unitExists(directory, unit));
    return exists ? effect : unitGone(effect, unit);
  },
});

async function unitExists(directory: DirectorySession, dn: string): Promise<boolean> {
  return (await findEntry(directory, dn)) !== null;
}

function unitGone(effect: Effect, unit: string): Effect {
  const irreversible = `The unit ${unit} does not exist any more, so the user stays where they are.`;
  return { ...effect, changes: [], irreversible, notes: [{ code: 'directory.old_unit_gone', text: irreversible }] };
}
