import { sameJson, type Effect, type FieldChange } from '#libs/kernel';
import type { BlockContext, Verification } from '../block.js';
import { effectOf, keepsChanging, refuseDrift, undoFields, verifyFields, type UndoChanges } from '../field-changes.js';
import { withDirectory, type DirectorySession } from './ldap-connection.js';
import { change as ldapChange, exchange, type LdapEntry } from './ldap-entry.js';
import { DirectoryOperationRefused, NameTaken } from './ldap-errors.js';
import { membersAmong, membershipState, readGroup, removal, STAND_IN_FIELD, standInOf } from './ldap-groups.js';
import { isPrimaryGroup, PRIMARY_GROUP_FIELD } from './ldap-primary-group.js';
import { expectedIdentity, findById, identityOf, locateUser, requireById } from './ldap-user.js';
import { readBackEvidence, userGone } from './ldap-user-fields.js';

const WRITE_ATTEMPTS = 5;

/** Puts a user into groups and takes them out, one modify per group: user and stand-in change together or not at all. */
export function applyMemberships(context: BlockContext, login: string, effect: Effect): Promise<void> {
  return withDirectory(context, async (directory) => {
    await locateUser(directory, login, expectedIdentity(context, effect));
    for (const [target, changes] of inOrderOfWriting(effect.changes)) {
      context.signal.throwIfAborted();
      const [first] = changes;
      if (first?.field === PRIMARY_GROUP_FIELD) await settlePrimaryGroup(directory, effect, first);
      else await settleGroup(directory, effect, target, changes);
      context.heartbeat();
    }
  });
}

/** A group has to be joined before it can be the primary one, and can be left once it is not any more. */
function inOrderOfWriting(changes: readonly FieldChange[]): readonly [string, readonly FieldChange[]][] {
  const groups = [...byGroup(changes)];
  if (!changes.some(isPrimaryChange)) return groups;
  const rank = (ofGroup: readonly FieldChange[]): number => {
    if (ofGroup.some(isPrimaryChange)) return 1;
    return ofGroup.some(({ after }) => after === true) ? 0 : 2;
  };
  return groups.sort(([, a], [, b]) => rank(a) - rank(b));
}

async function settlePrimaryGroup(directory: DirectorySession, effect: Effect, change: FieldChange): Promise<void> {
  for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt += 1) {
    const user = await requireById(directory, effect);
    const current = user.first(PRIMARY_GROUP_FIELD);
    if (current === change.after) return;
    refuseDrift(change, current);
    const changes = exchange(PRIMARY_GROUP_FIELD, [String(change.before)], [String(change.after)]);
    if (await directory.modify(directory.dialect.addressOf(user), changes, 'membership')) return;
  }
  throw keepsChanging(change);
}

const isPrimaryChange = ({ field }: FieldChange): boolean => field === PRIMARY_GROUP_FIELD;

async function settleGroup(
  directory: DirectorySession,
  effect: Effect,
  groupDn: string,
  changes: readonly FieldChange[],
): Promise<void> {
  let refusal: NameTaken | DirectoryOperationRefused | null = null;
  for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt += 1) {
    const user = await requireById(directory, effect);
    const names = namesOf(user, effect);
    const group = await readGroup(directory, groupDn);
    const state = (change: FieldChange) => membershipState(group, change, names, isPrimary(group, user));
    const pending = changes.filter((change) => !sameJson(state(change), change.after));
    for (const change of pending) refuseDrift(change, state(change));
    if (!group || pending.length === 0) return;
    if (refusal !== null) throw refusal;
    try {
      if (await writeMembers(directory, group, pending, user.dn, names)) return;
    } catch (error) {
      if (!mayBeUnmetCondition(error)) throw error;
      refusal = error;
    }
  }
  throw keepsChanging({ target: groupDn, field: 'member' });
}

/**
 * A domain controller answers "already a member" and "no member" with codes that mean other things, too: only when the
 * group turns out to be as it was read is the refusal the answer.
 */
function mayBeUnmetCondition(error: unknown): error is NameTaken | DirectoryOperationRefused {
  return error instanceof NameTaken || error instanceof DirectoryOperationRefused;
}

function isPrimary(group: LdapEntry | null, user: LdapEntry): boolean {
  return group !== null && isPrimaryGroup(group, user);
}

/** Conditional without more: deleting a value that is gone fails, and so does adding one that is there. */
function writeMembers(
  directory: DirectorySession,
  group: LdapEntry,
  changes: readonly FieldChange[],
  userDn: string,
  names: readonly string[],
): Promise<boolean> {
  const adds: string[] = [];
  const deletes: string[] = [];
  for (const change of changes) {
    const isStandIn = change.field === STAND_IN_FIELD;
    const joins = isStandIn ? change.after !== null : change.after === true;
    if (joins) adds.push(isStandIn ? standInOf(change) : userDn);
    else deletes.push(...membersAmong(group, isStandIn ? [standInOf(change)] : names));
  }
  const modifications = [
    ...(deletes.length > 0 ? [ldapChange('delete', 'member', deletes)] : []),
    ...(adds.length > 0 ? [ldapChange('add', 'member', adds)] : []),
  ];
  return directory.modify({ dn: group.dn, controls: [] }, modifications, 'membership');
}

/** Reads the memberships back. */
export function verifyMemberships(context: BlockContext, effect: Effect): Promise<Verification> {
  return withDirectory(context, async (directory) => {
    const user = await requireById(directory, effect);
    const names = namesOf(user, effect);
    const result = await verifyFields(effect.changes, async (change) => {
      if (isPrimaryChange(change)) return user.first(PRIMARY_GROUP_FIELD);
      const group = await readGroup(directory, change.target);
      return membershipState(group, change, names, isPrimary(group, user));
    });
    return { ...result, evidence: readBackEvidence(context, directory, user) };
  });
}

/** Plans taking memberships back; the stand-in goes only from where the run put it and where it is not needed. */
export function undoMemberships(
  context: BlockContext,
  recorded: Effect,
  overwrite: readonly string[],
): Promise<Effect> {
  return withDirectory(context, async (directory) => {
    const user = await findById(directory, recorded.identity?.id ?? '');
    if (!user) return userGone(recorded);
    const names = namesOf(user, recorded);
    const changes: FieldChange[] = [];
    const kept: UndoChanges['kept'][number][] = [];
    const notes: Effect['notes'][number][] = [];
    for (const [groupDn, ofGroup] of byGroup(recorded.changes)) {
      if (ofGroup.some(isPrimaryChange)) {
        const undone = await undoFields({ ...recorded, changes: ofGroup }, overwrite, () =>
          Promise.resolve(user.first(PRIMARY_GROUP_FIELD)),
        );
        changes.push(...undone.changes.map((change) => ({ ...change, target: user.dn })));
        kept.push(...undone.kept.map((field) => ({ ...field, target: user.dn })));
        continue;
      }
      const group = await readGroup(directory, groupDn);
      const read = (change: FieldChange) =>
        Promise.resolve(membershipState(group, change, names, isPrimary(group, user)));
      const undone = await undoFields({ ...recorded, changes: ofGroup }, group ? overwrite : [], read);
      kept.push(...undone.kept);
      const complete = group ? completed(directory, group, undone.changes, names) : { changes: [], notes: [] };
      changes.push(...complete.changes);
      notes.push(...complete.notes);
    }
    return effectOf(identityOf(directory, user), changes, { kept, notes });
  });
}

/**
 * A user who leaves a group again may be its last member by now. One who comes back, or is back, needs no stand-in: the
 * one that the run put there goes.
 */
function completed(
  directory: DirectorySession,
  group: LdapEntry,
  changes: readonly FieldChange[],
  names: readonly string[],
): Pick<Effect, 'changes' | 'notes'> {
  const leaves = changes.find((change) => change.field !== STAND_IN_FIELD && change.after === false);
  return leaves ? removal(directory, group, names, leaves.field) : { changes, notes: [] };
}

/** The DNs that stand for the user in groups: the present one, and the planned one where no overlay follows a move. */
function namesOf(user: LdapEntry, effect: Effect): readonly string[] {
  return [user.dn, ...(effect.identity ? [effect.identity.name] : [])];
}

function byGroup(changes: readonly FieldChange[]): ReadonlyMap<string, readonly FieldChange[]> {
  const groups = new Map<string, FieldChange[]>();
  for (const change of changes) groups.set(change.target, [...(groups.get(change.target) ?? []), change]);
  return groups;
}
