import { closeAccess } from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { readPlace, toPage } from '../http/cursor.js';
import type { ListQuery } from '../http/page.query.js';
import {
  changePerson,
  isClosedForGood,
  isOwnership,
  personNotFound,
  requireNotClosed,
  requireOtherOwner,
  requireOtherOwnerWithWayIn,
} from './change-person.js';
import { requireGrantable, requirePowerToChange } from './grant-power.js';
import type { NewGrantDto } from './person.dto.js';
import { GrantByClaim, GrantNotFound } from './person.errors.js';
import { endGrant, findPerson, grantsOf, insertGrant, kindOf, listPeople } from './person.store.js';
import { setPersonStatus, type GrantRow, type PersonRow } from './person.store.js';
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

  /** Throws `PersonNotFound`, `OwnGrant`, `PersonClosed`, `RequestInvalid` or `GrantTooPowerful`. */
  grant(writer: Writer, id: string, wish: NewGrantDto): Promise<PersonView> {
    return changePerson(this.database, writer, id, async (tx, person) => {
      const { actor } = writer;
      if (isClosedForGood(person)) requireNotClosed(person);
      await requireGrantable(tx, actor, person, await kindOf(tx, writer.tenant), wish);
      const { role, covers, coversId: covers_id = null, reason } = wish;
      const { row, isNew } = await insertGrant(tx, person, { role, covers, covers_id, grantedBy: actor.subject });
      return isNew ? { action: 'grant.given', change: 'role_given', reason, after: grantData(row) } : null;
    });
  }

  /** Throws `PersonNotFound`, `OwnGrant`, `GrantNotFound`, `GrantByClaim`, `GrantTooPowerful` or `LastOwner`. */
  endGrant(writer: Writer, id: string, grantId: string, reason: string): Promise<PersonView> {
    return changePerson(this.database, writer, id, async (tx, person) => {
      const grants = await grantsOf(tx, [person]);
      const grant = grants.find((one) => one.id === grantId);
      if (!grant) throw new GrantNotFound(`${person.subject} has no grant ${grantId} in force.`);
      if (grant.source === 'claim')
        throw new GrantByClaim('Take the person out of the group at the identity provider, or lock the person.');
      await requirePowerToChange(tx, writer.actor, person, grants);
      if (isOwnership(grant)) await requireOtherOwner(tx, person);
      await endGrant(tx, grant, writer.actor.subject);
      return { action: 'grant.ended', change: 'role_ended', reason, before: grantData(grant) };
    });
  }

  /** Throws `PersonNotFound`, `OwnGrant`, `PersonClosed`, `GrantTooPowerful` or `LastOwner`. */
  setStatus(writer: Writer, id: string, status: 'active' | 'locked', reason: string): Promise<PersonView> {
    return changePerson(this.database, writer, id, async (tx, person) => {
      if (person.status === status) return null;
      requireNotClosed(person);
      const grants = await grantsOf(tx, [person]);
      await requirePowerToChange(tx, writer.actor, person, grants);
      if (status === 'locked' && grants.some(isOwnership)) await requireOtherOwner(tx, person);
      await setPersonStatus(tx, person, status);
      return {
        action: status === 'locked' ? 'person.locked' : 'person.unlocked',
        change: status === 'locked' ? 'locked' : 'unlocked',
        reason,
        before: person.status,
        after: status,
      };
    });
  }

  /**
   * Closes somebody's access for good, also one that a step of a run closed: everything that lets them in ends at once, wherever it is.
   * Throws `PersonNotFound`, `OwnGrant`, `GrantTooPowerful` or `LastOwner`.
   */
  close(writer: Writer, id: string, reason: string): Promise<PersonView> {
    return changePerson(this.database, writer, id, async (tx, person) => {
      if (isClosedForGood(person)) return null;
      const { actor, tenant } = writer;
      const grants = await grantsOf(tx, [person]);
      await requirePowerToChange(tx, actor, person, grants);
      if (grants.some(isOwnership)) await requireOtherOwnerWithWayIn(tx, person);
      const after = { ...(await closeAccess(tx, { tenant, personId: id, by: actor.subject, reason })) };
      return { action: 'person.closed', change: 'closed', reason, before: person.status, after };
    });
  }
}

/** Whose person it is. Throws `PersonNotFound`. */
export const tenantOfPerson: FindTenant = async (tx, tenants, id) => {
  const row = await findPerson(tx, tenants, id);
  if (!row) throw personNotFound(id);
  return row.tenant_id;
};

function grantData({ role, covers, covers_id: coversId }: GrantRow) {
  return { role, covers, coversId };
}
