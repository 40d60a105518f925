import type { EmergencyChange } from '#libs/events';
import { raiseEmergencyChange } from '#libs/identity';
import { appendAudit, type AuditEntry } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { Writer } from '../access/caller.js';
import { LastOwner, OwnGrant, PersonClosed, PersonNotFound } from './person.errors.js';
import { countOtherOwners, findPerson, grantsOf, hasOtherOwnerWithWayIn, lockPeopleOf } from './person.store.js';
import type { GrantRow, PersonRow } from './person.store.js';
import { personView, type PersonView } from './person.view.js';

type OnRecord = Pick<AuditEntry, 'action' | 'reason' | 'before' | 'after'> & {
  /** What it means when it was done to an emergency account. */
  readonly change: EmergencyChange;
};

/**
 * Changes somebody else, and puts it on record where something changed; null: nothing did, or it is on record already. A change
 * of an emergency account raises an alarm.
 * Throws `PersonNotFound`, `OwnGrant`, or what `work` throws.
 */
export function changePerson(
  database: Database,
  { actor, tenant }: Writer,
  id: string,
  work: (tx: Transaction, person: PersonRow) => Promise<OnRecord | null>,
): Promise<PersonView> {
  return inTenants(database, [tenant], async (tx) => {
    // one change at a time: two owners who end each other's role must not both find another owner
    await lockPeopleOf(tx, tenant);
    const person = await findPerson(tx, [tenant], id);
    if (!person) throw personNotFound(id);
    if (person.subject.toLowerCase() === actor.subject.toLowerCase())
      throw new OwnGrant('This is about you. Somebody else has to do it.');
    const entry = await work(tx, person);
    if (entry) {
      const { change, ...said } = entry;
      await appendAudit(tx, tenant, { ...said, actor: actor.subject, object: { kind: 'person', id } });
      await raiseEmergencyChange(tx, { tenant, personId: id }, change, actor.subject);
    }
    return personView((await findPerson(tx, [tenant], id))!, await grantsOf(tx, [person]));
  });
}

export function personNotFound(id: string): PersonNotFound {
  return new PersonNotFound(`There is no person ${id}, or you may not see them.`);
}

/** Whether a role is one of those that let anybody in again. */
export function isOwnership({ role, covers }: Pick<GrantRow, 'role' | 'covers'>): boolean {
  return role === 'owner' && covers === 'all';
}

/** Throws `LastOwner` when nobody else could let people in again. */
export async function requireOtherOwner(tx: Transaction, person: PersonRow): Promise<void> {
  if ((await countOtherOwners(tx, person)) === 0)
    throw new LastOwner('Make somebody else an owner of all customers first.');
}

/** Throws `LastOwner` when no other owner could sign in. */
export async function requireOtherOwnerWithWayIn(tx: Transaction, person: PersonRow): Promise<void> {
  if (!(await hasOtherOwnerWithWayIn(tx, person)))
    throw new LastOwner('No other owner of all customers could sign in. Let one in first.');
}

/** Whether a person's act closed it; what a step of a run closed opens when that is taken back. */
export function isClosedForGood({ status, closed_by: step }: PersonRow): boolean {
  return status === 'closed' && step === null;
}

/** Throws `PersonClosed`. */
export function requireNotClosed(person: PersonRow): void {
  if (person.status !== 'closed') return;
  throw new PersonClosed(
    isClosedForGood(person)
      ? 'It is closed for good. Invite the person anew: they get an account of their own.'
      : 'A run closed it. Take the run back to open it.',
  );
}
