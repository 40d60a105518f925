import type { Effect, EffectNote, FieldChange, Json, JsonObject, JsonSchema } from '#libs/kernel';
import type { BlockContext, Verification } from '../block.js';
import { applyFields, effectOf, undoFields, verifyFields } from '../field-changes.js';
import { ValuesRefused } from './active-directory-errors.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import type { LdapEntry } from './ldap-entry.js';
import { expectedIdentity, findById, identityOf, locateUser, requireById } from './ldap-user.js';

/** How a kind of field of a user's own entry is read from it and written to it. */
export interface UserFields {
  /** The attributes that `read` needs for these changes. */
  attributes(changes: readonly FieldChange[]): readonly string[];
  read(directory: DirectorySession, user: LdapEntry, change: FieldChange): Json;
  write(directory: DirectorySession, user: LdapEntry, change: FieldChange): Promise<boolean>;
}

/** Applies an effect to the fields of a user's entry: conditional, resumable after any single write. */
export function applyUserFields(
  context: BlockContext,
  login: string,
  effect: Effect,
  fields: UserFields,
): Promise<void> {
  return withDirectory(context, async (directory) => {
    await locateUser(directory, login, expectedIdentity(context, effect));
    const present = (): Promise<LdapEntry> => requireById(directory, effect, fields.attributes(effect.changes));
    // Each write uses the entry of the read just before it: the address holds the state that was compared.
    let user: LdapEntry | null = null;
    const write = async (change: FieldChange) => fields.write(directory, user ?? (await present()), change);
    await applyFields(context, effect.changes, {
      read: async (change) => fields.read(directory, (user = await present()), change),
      write: unlessRefusedTwice(write),
    });
  });
}

/**
 * A directory without the assertion control answers "that value is there" both when somebody else was quicker and when it
 * never takes the values. It is looked at again: only a refusal in the state that the write was meant for is the answer.
 */
function unlessRefusedTwice(write: (change: FieldChange) => Promise<boolean>) {
  let refused: FieldChange | null = null;
  return async (change: FieldChange): Promise<boolean> => {
    try {
      return await write(change);
    } catch (error) {
      if (!(error instanceof ValuesRefused) || refused === change) throw error;
      refused = change;
      return false;
    }
  };
}

/** Reads the fields of a user's entry back. */
export function verifyUserFields(context: BlockContext, effect: Effect, fields: UserFields): Promise<Verification> {
  return withDirectory(context, async (directory) => {
    const user = await requireById(directory, effect, fields.attributes(effect.changes));
    const result = await verifyFields(effect.changes, (change) =>
      Promise.resolve(fields.read(directory, user, change)),
    );
    return { ...result, evidence: readBackEvidence(context, directory, user) };
  });
}

/** Plans taking back the fields of a user's entry. */
export function undoUserFields(
  context: BlockContext,
  recorded: Effect,
  overwrite: readonly string[],
  fields: UserFields,
): Promise<Effect> {
  return withDirectory(context, async (directory) => {
    const user = await findById(directory, recorded.identity?.id ?? '', fields.attributes(recorded.changes));
    if (!user) return userGone(recorded);
    const read = (change: FieldChange): Promise<Json> => Promise.resolve(fields.read(directory, user, change));
    const { changes, kept } = await undoFields(recorded, overwrite, read);
    return effectOf(identityOf(directory, user), changes.map(renamed(user)), { kept: kept.map(renamed(user)) });
  });
}

/** The undo of a user who is gone. */
export function userGone(recorded: Effect, notes: readonly EffectNote[] = []): Effect {
  const irreversible = 'The user was deleted from the directory since, and with it what could be brought back.';
  return effectOf(recorded.identity, [], { irreversible, notes });
}

/** What proves a read-back: the server that was asked, the entry, and its change time as the server tells it. */
export function readBackEvidence(
  context: BlockContext,
  directory: DirectorySession,
  user: LdapEntry | null,
): JsonObject {
  return {
    by: 'read-back',
    server: directory.config.url,
    ...(directory.serverName === null ? {} : { controller: directory.serverName }),
    entry: user?.dn ?? null,
    changedAt: user && directory.dialect.changedAt(user),
    readAt: context.now().toISOString(),
  };
}

/** The schema of `readBackEvidence`. */
export const readBackSchema: JsonSchema = {
  type: 'object',
  required: ['by', 'server', 'readAt'],
  properties: {
    by: { type: 'string' },
    server: { type: 'string' },
    controller: { type: 'string' },
    entry: { type: ['string', 'null'] },
    changedAt: { type: ['string', 'null'] },
    readAt: { type: 'string', format: 'date-time' },
  },
};

/** The schema of a login name. */
export const userSchema: JsonSchema = { type: 'string', minLength: 1, maxLength: 256 };

// The key of a user's own field is found by the entry's present name, which may differ from the recorded one.
function renamed(user: LdapEntry) {
  return <Field extends { readonly target: string }>(field: Field): Field => ({ ...field, target: user.dn });
}
