import { fieldKey, sameJson, type Effect, type FieldChange, type Json, type JsonObject } from '#libs/kernel';
import type { BlockContext, Verification } from '../block.js';
import { effectOf } from '../field-changes.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import { sameDn } from './ldap-dn.js';
import type { LdapEntry } from './ldap-entry.js';
import { UserExists } from './ldap-errors.js';
import { isReference } from './ldap-person-attributes.js';
import type { NewPerson } from './ldap-person.js';
import { valuesOf } from './ldap-text-attributes.js';
import { findEntry } from './ldap-unit.js';
import { deleteEntry, notesOf } from './ldap-user-delete.block.js';
import { readBackEvidence } from './ldap-user-fields.js';
import { refuseOwners } from './ldap-user-uniqueness.js';
import { findById, findByLogin, identityOf } from './ldap-user.js';

/** The field of a change that takes a whole entry away again. */
const ENTRY = 'entry';

/**
 * Whether an entry is the one that this very step made: it had begun to write, our account is the entry's creator where the
 * server tells that, and the entry holds exactly what was to be written.
 */
export function isOwnEntry(
  context: BlockContext,
  directory: DirectorySession,
  changes: readonly FieldChange[],
  entry: LdapEntry,
): boolean {
  if (!context.beforeImage || !sameDn(entry.dn, changes[0]?.target ?? '') || !isOurs(directory, entry)) return false;
  return changes.every((change) => sameJson(readField(directory, entry, change), change.after));
}

/** Adds the entry, or takes it away where the effect is that of an undo. Throws `UserExists`. */
export function applyCreation(context: BlockContext, effect: Effect): Promise<JsonObject | void> {
  return withDirectory(context, async (directory) => {
    const [first] = effect.changes;
    if (!first) return;
    if (first.field === ENTRY) return deleteEntry(context, directory, effect);
    const dn = first.target;
    context.signal.throwIfAborted();
    if (!(await directory.add(dn, attributesOf(directory, effect.changes)))) {
      const there = await findEntry(directory, dn, fieldsOf(effect.changes));
      if (!there || !isOwnEntry(context, directory, effect.changes, there))
        throw new UserExists(`${dn} was made by somebody else meanwhile. Nothing was overwritten.`, {
          context: { dn },
        });
    }
    context.heartbeat();
    const made = await findEntry(directory, dn);
    return { identity: made && identityOf(directory, made).id, entry: dn, writtenAt: context.now().toISOString() };
  });
}

/** Reads the entry back, and that nobody else has its user name or addresses. */
export function verifyCreation(
  context: BlockContext,
  person: NewPerson,
  effect: Effect,
  receipt: JsonObject | null,
): Promise<Verification> {
  return withDirectory(context, async (directory) => {
    const dn = effect.changes[0]?.target ?? '';
    const isGone = effect.changes[0]?.field === ENTRY;
    const id = isGone ? effect.identity?.id : receipt?.['identity'];
    const fields = isGone ? [] : fieldsOf(effect.changes);
    const entry =
      typeof id === 'string' ? await findById(directory, id, fields) : await findEntry(directory, dn, fields);
    const observed = effect.changes.map((change) => {
      const { target, field } = change;
      if (!entry) return { target, field, value: null };
      return { target, field, value: field === ENTRY ? 'present' : readField(directory, entry, change) };
    });
    const identity = entry && identityOf(directory, entry);
    const evidence = { ...readBackEvidence(context, directory, entry), identity: identity?.id ?? null };
    const asMeant = effect.changes.every((change, index) => sameJson(change.after, observed[index]?.value ?? null));
    if (isGone || !entry || !asMeant) return { proven: isGone && asMeant, observed, evidence };
    const problem = await sharedWith(directory, person, entry);
    return { proven: !problem, observed, evidence, identity, ...(problem ? { problem } : {}) };
  });
}

/** Uniqueness is no rule of the directory: two may pass the look before the write, and then both must know. */
async function sharedWith(directory: DirectorySession, person: NewPerson, own: LdapEntry) {
  try {
    await refuseOwners(directory, person, own);
    return null;
  } catch (error) {
    if (error instanceof UserExists) return error.toProblem();
    throw error;
  }
}

/**
 * Plans taking the entry away again: the one that was made, wherever it is by now, and only if it still holds what was
 * written. A field that somebody changed since is kept, and with it the entry, unless `overwrite` names it.
 */
export function undoCreation(
  context: BlockContext,
  login: string,
  recorded: Effect,
  overwrite: readonly string[],
): Promise<Effect> {
  return withDirectory(context, async (directory) => {
    const named = await findByLogin(directory, login, ['*', ...fieldsOf(recorded.changes)]);
    const made = await madeEntry(directory, recorded, named);
    if (!made && named.length === 0) return effectOf(recorded.identity, []);
    if (!made) {
      const irreversible = 'The entry that was created is gone and another one has its name. It is left alone.';
      return effectOf(recorded.identity, [], { irreversible });
    }
    const identity = identityOf(directory, made);
    const chosen = (change: FieldChange): boolean =>
      [recorded.identity, identity].some((one) => overwrite.includes(fieldKey(change, one))) ||
      overwrite.includes(fieldKey({ ...change, target: made.dn }, identity));
    const kept = recorded.changes
      .map((change) => ({ change, current: readField(directory, made, change) }))
      .filter(({ change, current }) => !sameJson(current, change.after) && !chosen(change))
      .map(({ change: { field, before, after }, current }) => {
        return { target: made.dn, field, recordedBefore: before, recordedAfter: after, current };
      });
    if (kept.length > 0) return effectOf(identity, [], { kept });
    const deletion: FieldChange = { target: made.dn, field: ENTRY, before: 'present', after: null };
    return effectOf(identity, [deletion], { notes: await notesOf(directory, made) });
  });
}

async function madeEntry(
  directory: DirectorySession,
  recorded: Effect,
  named: readonly LdapEntry[],
): Promise<LdapEntry | null> {
  const { identity } = recorded;
  if (identity) return findById(directory, identity.id, ['*', ...fieldsOf(recorded.changes)]);
  // The worker may have died before the identity was on record: then name and creator have to do.
  const ours = named.filter((entry) => isOurs(directory, entry));
  return ours.length === 1 ? ours[0]! : null;
}

function isOurs({ config, dialect }: DirectorySession, entry: LdapEntry): boolean {
  const { creatorAttribute } = dialect.person;
  const creator = creatorAttribute === null ? null : entry.first(creatorAttribute);
  return creator === null || sameDn(creator, config.bindDn);
}

/** The attributes to read for these changes. */
export function fieldsOf(changes: readonly FieldChange[]): readonly string[] {
  return changes.map((change) => change.field);
}

/** What an entry is added with. */
function attributesOf({ dialect }: DirectorySession, changes: readonly FieldChange[]) {
  const isDisabled = changes.some((change) => change.field === dialect.disabledField);
  const texts = changes.filter((change) => change.field !== dialect.disabledField);
  return {
    ...Object.fromEntries(texts.map(({ field, after }) => [field, after as readonly string[]])),
    ...dialect.person.accountAttributes(isDisabled),
  };
}

/** What a field of a made entry holds now, in the words of the change where it is the same. */
function readField(directory: DirectorySession, entry: LdapEntry, { field, after }: FieldChange): Json {
  const { dialect } = directory;
  if (field === dialect.disabledField) return dialect.disabledState(entry);
  const current = valuesOf(entry, field);
  const [wanted, found] = [after, current].map((value) => (Array.isArray(value) ? (value as readonly string[]) : []));
  if (field === 'objectClass') {
    const classes = found!.map((name) => name.toLowerCase());
    // servers add the classes above those that were given
    return wanted!.every((name) => classes.includes(name.toLowerCase())) ? after : current;
  }
  const isSame = isReference(directory, field) && found!.length === 1 && sameDn(found![0]!, wanted![0] ?? '');
  return isSame ? after : current;
}
