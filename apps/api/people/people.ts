import type { Actor } from '#libs/platform/access';
import { appendAudit, type AuditEntry } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { readPlace, toPage } from '../http/cursor.js';
import type { ListQuery } from '../http/page.query.js';
import { requireGrantable } from './grant-power.js';
import type { NewGrantDto } from './person.dto.js';
import { GrantByClaim, GrantNotFound, LastOwner, OwnGrant, PersonClosed, PersonNotFound } from './person.errors.js';
import { countOtherOwners, endGrant, findPerson, grantsOf, insertGrant, listPeople } from './person.store.js';
import { lockPeopleOf, setPersonStatus, type GrantRow, type PersonRow } from './person.store.js';
import { personView, type PersonPageView, type PersonView } from './person.view.js';

const LIST = 'people';

/** Who signs in, and what they may do where. A change holds from the next call on. */
export class People {
  constructor(private readonly database: Database) {}

  /** The newest first. Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<PersonPageView> {
    const tenants = listedTenants(actor, tenant);
    const filter = { tenants, after: readPlace(LIST, cursor), limit: limit + 1 };
    return inTenants(this.database, tenants, async (tx) => {
      const rows = await listPeople(tx, filter);
      const grants = await grantsOf(tx, rows);
      const place = (row: PersonRow) => ({ at: row.place, id: row.id });
      const page = toPage(LIST, rows, limit, place, (row) => personView(row, grants));
      return { ...page, items: [...page.items] };
    });
  }

  /** Throws `PersonNotFound`. */
  async one(actor: Actor, id: string): Promise<PersonView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const row = await findPerson(tx, actor.sees, id);
      if (!row) throw personNotFound(id);
      return personView(row, await grantsOf(tx, [row]));
    });
  }

  /** Throws `PersonNotFound`, `OwnGrant`, `RequestInvalid` or `GrantTooPowerful`. */
  grant(writer: Writer, id: string, wish: NewGrantDto): Promise<PersonView> {
    return this.change(writer, id, async (tx, person) => {
      const { actor } = writer;
      await requireGrantable(tx, actor, person, await kindOf(tx, writer.tenant), wish);
      const { role, covers, coversId: covers_id = null, reason } = wish;
      const { row, isNew } = await insertGrant(tx, person, { role, covers, covers_id, grantedBy: actor.subject });
      return isNew ? { action: 'grant.given', reason, after: grantData(row) } : null;
    });
  }

  /** Throws `PersonNotFound`, `OwnGrant`, `GrantNotFound`, `GrantByClaim` or `LastOwner`. */
  endGrant(writer: Writer, id: string, grantId: string, reason: string): Promise<PersonView> {
    return this.change(writer, id, async (tx, person) => {
      const grant = (await grantsOf(tx, [person])).find((one) => one.id === grantId);
      if (!grant) throw new GrantNotFound(`${person.subject} has no grant ${grantId} in force.`);
      if (grant.source === 'claim')
        throw new GrantByClaim('Take the person out of the group at the identity provider, or lock the person.');
      if (isOwnership(grant)) await requireOtherOwner(tx, person);
      await endGrant(tx, grant, writer.actor.subject);
      return { action: 'grant.ended', reason, before: grantData(grant) };
    });
  }

  /** Throws `PersonNotFound`, `OwnGrant`, `PersonClosed` or `LastOwner`. */
  setStatus(writer: Writer, id: string, status: 'active' | 'locked', reason: string): Promise<PersonView> {
    return this.change(writer, id, async (tx, person) => {
      if (person.status === status) return null;
      if (person.status === 'closed') throw new PersonClosed('A run closed it. Take the run back to open it.');
      const isOwner = (await grantsOf(tx, [person])).some(isOwnership);
      if (status === 'locked' && isOwner) await requireOtherOwner(tx, person);
      await setPersonStatus(tx, person, status);
      return {
        action: status === 'locked' ? 'person.locked' : 'person.unlocked',
        reason,
        before: person.status,
        after: status,
      };
    });
  }

  /** Changes somebody else, and puts it on record where something changed. */
  private change(
    { actor, tenant }: Writer,
    id: string,
    work: (
      tx: Transaction,
      person: PersonRow,
    ) => Promise<Pick<AuditEntry, 'action' | 'reason' | 'before' | 'after'> | null>,
  ): Promise<PersonView> {
    return inTenants(this.database, [tenant], async (tx) => {
      // one change at a time: two owners who end each other's role must not both find another owner
      await lockPeopleOf(tx, tenant);
      const person = await findPerson(tx, [tenant], id);
      if (!person) throw personNotFound(id);
      if (person.subject.toLowerCase() === actor.subject.toLowerCase())
        throw new OwnGrant('This is about you. Somebody else has to do it.');
      const entry = await work(tx, person);
      const object = { kind: 'person', id };
      if (entry) await appendAudit(tx, tenant, { ...entry, actor: actor.subject, object });
      return personView((await findPerson(tx, [tenant], id))!, await grantsOf(tx, [person]));
    });
  }
}

/** Whose person it is. Throws `PersonNotFound`. */
export const tenantOfPerson: FindTenant = async (tx, tenants, id) => {
  const row = await findPerson(tx, tenants, id);
  if (!row) throw personNotFound(id);
  return row.tenant_id;
};

function personNotFound(id: string): PersonNotFound {
  return new PersonNotFound(`There is no person ${id}, or you may not see them.`);
}

function isOwnership({ role, covers }: GrantRow): boolean {
  return role === 'owner' && covers === 'all';
}

async function requireOtherOwner(tx: Transaction, person: PersonRow): Promise<void> {
  if ((await countOtherOwners(tx, person)) === 0)
    throw new LastOwner('Make somebody else an owner of all customers first.');
}

function grantData({ role, covers, covers_id: coversId }: GrantRow) {
  return { role, covers, coversId };
}

async function kindOf(tx: Transaction, tenant: string): Promise<Actor['kind']> {
  const { kind } = await tx.selectFrom('tenants').select('kind').where('id', '=', tenant).executeTakeFirstOrThrow();
  return kind;
}
