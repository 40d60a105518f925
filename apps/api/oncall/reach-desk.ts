import type { Json } from '#libs/kernel';
import {
  archiveTeam,
  changeTeam,
  contactMethodFaults,
  ContactMethodInvalid,
  contactMethodsOf,
  findTeam,
  insertTeam,
  listTeams,
  ownContactMethods,
  setContactMethods,
  TeamNotFound,
  type TeamRow,
} from '#libs/oncall';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { LARGEST_PAGE } from '../http/page.query.js';
import { createOnce } from '../tenants/tenancy-record.js';
import {
  contactMethodsView,
  teamView,
  type ContactMethodsDto,
  type ContactMethodsView,
  type TeamDto,
  type TeamsView,
  type TeamView,
} from './reach.dto.js';
import { nameTaken, requirePeople } from './schedule-desk.js';

/** Who is told together, and by what somebody is reached. */
export class ReachDesk {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound`. */
  teams(actor: Actor, tenant: string | undefined): Promise<TeamsView> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, async (tx) => ({
      items: (await listTeams(tx, tenants, LARGEST_PAGE)).map(teamView),
    }));
  }

  /** Throws `OnCallPersonUnknown`, `OnCallNameTaken` and what an idempotent call throws. */
  createTeam(call: CallKey, { actor, tenant }: Writer, body: TeamDto): Promise<TeamView> {
    return createOnce(this.database, call, async (tx) => {
      await requireMembers(tx, tenant, body);
      const row = await insertTeam(tx, tenant, body, actor.subject).catch(nameTaken(body.name));
      await onRecord(tx, row, 'team.created', actor);
      return teamView(row);
    });
  }

  /** Throws `TeamNotFound`, `OnCallPersonUnknown` or `OnCallNameTaken`. */
  putTeam({ actor, tenant }: Writer, id: string, body: TeamDto): Promise<TeamView> {
    return inTenants(this.database, [tenant], async (tx) => {
      const before = await findTeam(tx, [tenant], id);
      if (!before) throw teamNotFound(id);
      await requireMembers(tx, tenant, body);
      const row = await changeTeam(tx, before, body, actor.subject).catch(nameTaken(body.name));
      await onRecord(tx, row, 'team.changed', actor, teamView(before) as unknown as Json);
      return teamView(row);
    });
  }

  /** Throws `TeamNotFound`. */
  archiveTeam({ actor, tenant }: Writer, id: string): Promise<void> {
    return inTenants(this.database, [tenant], async (tx) => {
      const row = await findTeam(tx, [tenant], id);
      if (!row) throw teamNotFound(id);
      await archiveTeam(tx, row);
      await onRecord(tx, row, 'team.archived', actor);
    });
  }

  /** By what the caller is reached. */
  methods({ actor, tenant }: Writer): Promise<ContactMethodsView> {
    return inTenants(this.database, [tenant], (tx) => methodsShown(tx, tenant, actor.subject));
  }

  /** Replaces by what the caller is reached. Throws `ContactMethodInvalid`. */
  setMethods({ actor, tenant }: Writer, { methods }: ContactMethodsDto): Promise<ContactMethodsView> {
    const errors = contactMethodFaults(methods);
    if (errors.length > 0) throw new ContactMethodInvalid(errors.map(({ message }) => message).join(' '), { errors });
    return inTenants(this.database, [tenant], async (tx) => {
      await setContactMethods(tx, tenant, actor.subject, methods);
      // kinds only: addresses are nobody’s business in the audit
      const after = { kinds: methods.map(({ kind }) => kind) };
      const object = { kind: 'contact_methods', id: actor.subject };
      await appendAudit(tx, tenant, { action: 'contact_methods.set', actor: actor.subject, object, after });
      return methodsShown(tx, tenant, actor.subject);
    });
  }
}

/** Whose a team is. Throws `TeamNotFound`. */
export const tenantOfTeam: FindTenant = async (tx, tenants, id) => {
  const row = await findTeam(tx, tenants, id);
  if (!row) throw teamNotFound(id);
  return row.tenant_id;
};

async function methodsShown(tx: Transaction, tenant: string, subject: string): Promise<ContactMethodsView> {
  const own = await ownContactMethods(tx, tenant, subject);
  return own.length > 0
    ? contactMethodsView(own, false)
    : contactMethodsView(await contactMethodsOf(tx, tenant, subject), true);
}

async function requireMembers(tx: Transaction, tenant: string, { members }: TeamDto): Promise<void> {
  await requirePeople(tx, tenant, members, (person) => `members.${members.indexOf(person)}`);
}

async function onRecord(tx: Transaction, row: TeamRow, action: string, actor: Actor, before?: Json): Promise<void> {
  const object = { kind: 'team', id: row.id };
  const change = { ...(before === undefined ? {} : { before }), after: teamView(row) as unknown as Json };
  await appendAudit(tx, row.tenant_id, { action, actor: actor.subject, object, ...change });
}

function teamNotFound(id: string): TeamNotFound {
  return new TeamNotFound(`There is no team ${id}, or you may not see it.`);
}
