import {
  delegationFaults,
  DelegationInvalid,
  DelegationNotFound,
  endDelegation,
  findDelegation,
  insertDelegation,
  listDelegations,
  listRoleHolders,
  namesOfPerson,
  type DelegationRow,
} from '#libs/approvals';
import { newId, type Json } from '#libs/kernel';
import { requirePermission, type Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { type Database, inTenants } from '#libs/platform/database';
import { keepAnswer, openCall, type CallKey } from '#libs/platform/idempotency';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { LARGEST_PAGE } from '../http/page.query.js';
import { delegationView, type DelegationDto, type DelegationsView, type DelegationView } from './delegation.dto.js';

/** Who stands in for whom while somebody is away. */
export class Delegations {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound`. */
  async list(actor: Actor, tenant: string | undefined): Promise<DelegationsView> {
    const tenants = listedTenants(actor, tenant);
    const rows = await inTenants(this.database, tenants, (tx) => listDelegations(tx, tenants, LARGEST_PAGE));
    return { items: rows.map(delegationView) };
  }

  /** Throws `DelegationInvalid`, and `PermissionDenied` for somebody else’s without the right to say so. */
  async set(call: CallKey, { actor, tenant }: Writer, wish: DelegationDto): Promise<DelegationView> {
    const { delegator = actor.subject, delegate, reason = null } = wish;
    if (!isSame(delegator, actor.subject)) requirePermission(actor, 'delegation.write_for_others', tenant);
    const times = { from: new Date(wish.from), until: new Date(wish.until) };
    return this.database.transaction().execute(async (tx) => {
      const opened = await openCall(tx, call);
      if (opened.firstAnswer) return opened.firstAnswer as unknown as DelegationView;
      const holders = await listRoleHolders(tx, tenant);
      const setBy = [actor.subject, ...(await namesOfPerson(tx, tenant, [actor.subject]))];
      const delegatorNames = await namesOfPerson(tx, tenant, [delegator]);
      const wished = { delegator, delegatorNames, delegate, ...times, setBy };
      const errors = delegationFaults(wished, holders, opened.at);
      if (errors.length > 0) throw new DelegationInvalid(errors.map(({ message }) => message).join(' '), { errors });
      const delegation = { tenant, id: newId(), delegator, delegate, ...times, reason, setBy: actor.subject };
      const view = delegationView(await insertDelegation(tx, delegation));
      await appendAudit(tx, tenant, {
        action: 'delegation.set',
        actor: actor.subject,
        object: { kind: 'delegation', id: view.id },
        reason,
        after: { delegator, delegate, from: view.from, until: view.until },
      });
      await keepAnswer(tx, call, 201, view as unknown as Json).execute(tx);
      return view;
    });
  }

  /** Ends a delegation at once; who set it, whose it is and administrators may. Throws `DelegationNotFound` or `PermissionDenied`. */
  async end({ actor, tenant }: Writer, id: string): Promise<void> {
    await inTenants(this.database, [tenant], async (tx) => {
      const row = await findDelegation(tx, [tenant], id);
      if (!row) throw delegationNotFound(id);
      const isOwn = isSame(row.delegator, actor.subject) || isSame(row.set_by, actor.subject);
      if (!isOwn) requirePermission(actor, 'delegation.write_for_others', tenant);
      if (row.ended_at) return;
      await endDelegation(tx, tenant, id, actor.subject);
      await appendAudit(tx, tenant, {
        action: 'delegation.ended',
        actor: actor.subject,
        object: { kind: 'delegation', id },
        before: shown(row),
      });
    });
  }
}

/** Whose a delegation is. Throws `DelegationNotFound`. */
export const tenantOfDelegation: FindTenant = async (tx, tenants, id) => {
  const row = await findDelegation(tx, tenants, id);
  if (!row) throw delegationNotFound(id);
  return row.tenant_id;
};

function shown({ delegator, delegate, valid_from: from, valid_until: until }: DelegationRow): Json {
  return { delegator, delegate, from: from.toISOString(), until: until.toISOString() };
}

function delegationNotFound(id: string): DelegationNotFound {
  return new DelegationNotFound(`There is no delegation ${id}, or you may not see it.`);
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
