import {
  createInvitation,
  findInvitation,
  holdInvitation,
  InvitationNotFound,
  listInvitations,
  resendInvitation,
  withdrawInvitation,
  type Invitation,
} from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { OutboxHint } from '#libs/platform/outbox';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { readPlace, toPage } from '../http/cursor.js';
import type { ListQuery } from '../http/page.query.js';
import { requireGrantable } from '../people/grant-power.js';
import type { NewInvitationDto } from './invitation.dto.js';
import { invitationView, type InvitationPageView, type InvitationView } from './invitation.view.js';

const LIST = 'invitations';

/** Who is invited, with which roles, and what became of it. */
export class Invitations {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** The newest first. Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<InvitationPageView> {
    const tenants = listedTenants(actor, tenant);
    const filter = { tenants, after: readPlace(LIST, cursor), limit: limit + 1 };
    return inTenants(this.database, tenants, async (tx) => {
      const rows = await listInvitations(tx, filter);
      const page = toPage(LIST, rows, limit, (row) => ({ at: row.place, id: row.id }), invitationView);
      return { ...page, items: [...page.items] };
    });
  }

  /** Throws `InvitationNotFound`. */
  async one(actor: Actor, id: string): Promise<InvitationView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const row = await findInvitation(tx, actor.sees, id);
      if (!row) throw notFound(id);
      return invitationView(row);
    });
  }

  /** Throws `RequestInvalid`, `GrantTooPowerful`, `InvitationOpen` or `InvitationNotNeeded`. */
  async invite({ actor, tenant }: Writer, wish: NewInvitationDto): Promise<InvitationView> {
    const invitation = await inTenants(this.database, [tenant], async (tx) => {
      const { kind } = await tx.selectFrom('tenants').select('kind').where('id', '=', tenant).executeTakeFirstOrThrow();
      for (const grant of wish.grants) await requireGrantable(tx, actor, { tenant_id: tenant }, kind, grant);
      const { mail, name, language, validDays, reason } = wish;
      const grants = wish.grants.map(({ role, covers, coversId = null }) => ({ role, covers, coversId }));
      const by = { by: actor.subject, source: 'invitation', byMail: true } as const;
      return createInvitation(tx, { tenant, mail, name, language, validDays, reason, grants, ...by });
    });
    this.hint.give();
    return invitationView(invitation);
  }

  /** With a new link and anew from now on. Throws `InvitationNotFound`, `GrantTooPowerful` or `InvitationEnded`. */
  sendAgain(writer: Writer, id: string): Promise<InvitationView> {
    return this.change(writer, id, async (tx, invitation) => {
      const { actor, tenant } = writer;
      const { kind } = await tx.selectFrom('tenants').select('kind').where('id', '=', tenant).executeTakeFirstOrThrow();
      for (const { role, covers, coversId } of invitation.grants) {
        const wish = {
          role: role as Actor['grants'][number]['role'],
          covers,
          ...(coversId === null ? {} : { coversId }),
        };
        await requireGrantable(tx, actor, { tenant_id: tenant, invitation: id }, kind, wish);
      }
      await resendInvitation(tx, invitation, actor.subject);
    });
  }

  /** Throws `InvitationNotFound` or `InvitationEnded`. */
  withdraw(writer: Writer, id: string, reason: string): Promise<InvitationView> {
    return this.change(writer, id, (tx, invitation) =>
      withdrawInvitation(tx, invitation, writer.actor.subject, reason),
    );
  }

  private async change(
    { tenant }: Writer,
    id: string,
    work: (tx: Transaction, invitation: Invitation) => Promise<void>,
  ): Promise<InvitationView> {
    const changed = await inTenants(this.database, [tenant], async (tx) => {
      const invitation = await holdInvitation(tx, tenant, id);
      if (!invitation) throw notFound(id);
      await work(tx, invitation);
      return (await findInvitation(tx, [tenant], id))!;
    });
    this.hint.give();
    return invitationView(changed);
  }
}

/** Whose invitation it is. Throws `InvitationNotFound`. */
export const tenantOfInvitation: FindTenant = async (tx, tenants, id) => {
  const row = await findInvitation(tx, tenants, id);
  if (!row) throw notFound(id);
  return row.tenant;
};

function notFound(id: string): InvitationNotFound {
  return new InvitationNotFound(`There is no invitation ${id}, or you may not see it.`);
}
