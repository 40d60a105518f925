import type { Effect, EffectNote } from '#libs/kernel';
import type { BlockContext } from '../block.js';
import { IdentityDrift } from '../errors.js';
import { effectOf, keepsChanging } from '../field-changes.js';
import { directoryBlock } from './ldap-controllers.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import type { LdapEntry } from './ldap-entry.js';
import { groupsOf } from './ldap-groups.js';
import { findById, identityOf, locateUser, userChange } from './ldap-user.js';
import { readBackEvidence, readBackSchema, userGone, userSchema } from './ldap-user-fields.js';
import { isForbiddenAttribute } from './ldap-user-set-attributes.block.js';

type DeleteInput = { readonly user: string };

const FIELD = 'entry';
const WRITE_ATTEMPTS = 5;
const MAY_BE_SECRET = /secret|token|hash|otp|passphrase/i;
const IRREVERSIBLE = 'A deleted entry does not come back with its identity, password and memberships.';

/** Deletes a user's entry. What it held is noted in the plan; the approval binds to the entry's identity. */
export const ldapUserDelete = directoryBlock<DeleteInput>({
  name: 'ldap.user.delete',
  title: { en: 'Delete the user', de: 'Benutzer löschen' },
  kind: 'ldap',
  inputSchema: { type: 'object', additionalProperties: false, required: ['user'], properties: { user: userSchema } },
  outputSchema: readBackSchema,
  credentials: ['read users, their identity attribute and groups', 'delete users'],
  repeatIsHarmless:
    'The entry is deleted by its identity, never by its name: what is gone stays gone and nothing else goes.',
  plan: (context, { user: login }) =>
    withDirectory(context, async (directory) => {
      const user = await locateOrGone(context, directory, login);
      if (!user) return effectOf(context.beforeImage?.identity ?? null, [], { irreversible: IRREVERSIBLE });
      const change = userChange(user, FIELD, { before: 'present', after: null });
      const notes = await notesOf(directory, user);
      return effectOf(identityOf(directory, user), [change], { irreversible: IRREVERSIBLE, notes });
    }),
  apply: (context, _input, effect) => withDirectory(context, (directory) => deleteEntry(context, directory, effect)),
  verify: (context, _input, effect) =>
    withDirectory(context, async (directory) => {
      const left = await findById(directory, effect.identity?.id ?? '');
      const value = left ? 'present' : null;
      const observed = effect.changes.map(({ target, field }) => ({ target, field, value }));
      const evidence = { ...readBackEvidence(context, directory, left), by: 'search by identity', found: left ? 1 : 0 };
      return { proven: left === null, observed, evidence };
    }),
  undo: (context, _input, recorded) =>
    withDirectory(context, async (directory) => {
      const user = await findById(directory, recorded.identity?.id ?? '');
      return user ? effectOf(identityOf(directory, user), []) : userGone(recorded, recorded.notes);
    }),
});

/**
 * The approved entry, or null when it is gone and our own before-image is on record: then it was this step that
 * deleted it. Without one, somebody else did, and a person must know.
 */
async function locateOrGone(
  context: BlockContext,
  directory: DirectorySession,
  login: string,
): Promise<LdapEntry | null> {
  try {
    return await locateUser(directory, login, context.expectedIdentity, ['*']);
  } catch (error) {
    if (!(error instanceof IdentityDrift) || !context.beforeImage || context.expectedIdentity === null) throw error;
    if (await findById(directory, context.expectedIdentity)) throw error;
    return null;
  }
}

/** Deletes the entry that an effect is about, by its identity and as it was read. */
export async function deleteEntry(context: BlockContext, directory: DirectorySession, effect: Effect): Promise<void> {
  const [change] = effect.changes;
  if (!change) return;
  for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt += 1) {
    context.signal.throwIfAborted();
    const user = await findById(directory, effect.identity?.id ?? '');
    if (!user || (await directory.delete(directory.dialect.addressOf(user)))) return;
  }
  throw keepsChanging(change);
}

/** What goes with an entry read with `*`: its attributes without secrets and bytes, and its groups. */
export async function notesOf(directory: DirectorySession, user: LdapEntry): Promise<readonly EffectNote[]> {
  const shown = user
    .names()
    .filter((name) => name === 'objectclass' || !(isForbiddenAttribute(name) || MAY_BE_SECRET.test(name)));
  const attributes = shown.map((name) => `${name}: ${user.values(name).join(', ') || '(bytes)'}`).sort();
  const groups = (await groupsOf(directory, user.dn)).map((group) => group.dn);
  return [
    { code: 'directory.deleted_attributes', text: attributes.join('\n') },
    ...(groups.length > 0 ? [{ code: 'directory.deleted_memberships', text: groups.join('\n') }] : []),
  ];
}
