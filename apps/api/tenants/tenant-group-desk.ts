import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import {
  deleteGroup,
  insertGroup,
  isGroupInUse,
  listGroups,
  readGroup,
  replaceGroup,
  TenantGroupInUse,
} from '#libs/tenancy';
import { tenantNotFound, type Writer } from '../access/caller.js';
import type { CursorQuery } from '../http/page.query.js';
import { pageOf, placeIn } from './tenant-page.js';
import { createOnce, writeFor } from './tenancy-record.js';
import {
  tenantGroupView,
  type TenantGroupChangeDto,
  type TenantGroupDto,
  type TenantGroupPageView,
  type TenantGroupView,
} from './tenant-group.dto.js';

const LIST = 'tenant-groups';

/** Groups of customers: a role granted for one holds for whoever is in it, from the next call on. */
export class TenantGroupDesk {
  constructor(private readonly database: Database) {}

  /** Throws `InvalidCursor`. */
  async list({ home, sees }: Actor, { cursor, limit }: CursorQuery): Promise<TenantGroupPageView> {
    const [, after] = placeIn(LIST, cursor);
    const groups = await inTenants(this.database, [home], (tx) => listGroups(tx, home, after, limit + 1));
    const rows = groups.map((group) => ({ ...group, tenant_id: home }));
    return pageOf(LIST, rows, limit, (group) => tenantGroupView(group, sees));
  }

  /** Throws `TenantNotFound` or `TenantGroupNameTaken`. */
  create({ actor, tenant: home }: Writer, call: CallKey, wish: TenantGroupDto): Promise<TenantGroupView> {
    requireSeen(actor, wish.members);
    return createOnce(this.database, call, async (tx) => {
      const group = await insertGroup(tx, home, wish, actor.subject);
      const entry = { action: 'tenant_group.created', actor: actor.subject, object: objectOf(group.id) };
      await appendAudit(tx, home, { ...entry, after: { name: group.name, members: group.members } });
      return tenantGroupView(group, actor.sees);
    });
  }

  /** Throws `TenantGroupNotFound`, `TenantNotFound`, `ChangedMeanwhile` or `TenantGroupNameTaken`. */
  replace({ actor, tenant: home }: Writer, id: string, wish: TenantGroupChangeDto): Promise<TenantGroupView> {
    requireSeen(actor, wish.members);
    return writeFor(this.database, home, async (tx) => {
      const before = await readGroup(tx, home, id);
      // members that the caller does not see stay: they are not the caller's to take out
      const unseen = before.members.filter((member) => !actor.sees.includes(member));
      const { name, members, version } = wish;
      const group = await replaceGroup(tx, home, { id, name, members: [...members, ...unseen], version });
      const entry = { action: 'tenant_group.changed', actor: actor.subject, object: objectOf(id) };
      const told = (one: typeof group) => ({ name: one.name, members: one.members });
      await appendAudit(tx, home, { ...entry, before: told(before), after: told(group) });
      return tenantGroupView(group, actor.sees);
    });
  }

  /** Throws `TenantGroupNotFound` or `TenantGroupInUse`. */
  async remove({ actor, tenant: home }: Writer, id: string): Promise<void> {
    await writeFor(this.database, home, async (tx) => {
      const { name, members } = await readGroup(tx, home, id);
      if (await isGroupInUse(tx, home, id))
        throw new TenantGroupInUse('A role is granted for this group. End that grant first.');
      await deleteGroup(tx, home, id);
      const entry = { action: 'tenant_group.deleted', actor: actor.subject, object: objectOf(id) };
      await appendAudit(tx, home, { ...entry, before: { name, members } });
    });
  }
}

/** Throws `TenantNotFound` when somebody names a customer that they do not see. */
function requireSeen(actor: Actor, members: readonly string[]): void {
  const unseen = members.find((member) => !actor.sees.includes(member) || member === actor.home);
  if (unseen !== undefined) throw tenantNotFound(unseen);
}

function objectOf(id: string) {
  return { kind: 'tenant_group', id };
}
