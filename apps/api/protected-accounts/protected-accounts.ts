import type { Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import {
  deleteProtectedAccount,
  listProtectedAccountsPage,
  ProtectedAccountNotFound,
  putProtectedAccount,
  type ProtectedKind,
  type ProtectionRule,
} from '#libs/requests';
import { listedTenants, type Writer } from '../access/caller.js';
import { invalidCursor, readCursor, writeCursor } from '../http/cursor.js';
import type { ListQuery } from '../http/page.query.js';
import {
  protectedAccountView,
  type ProtectedAccountPageView,
  type ProtectedAccountView,
} from './protected-account.view.js';

const LIST = 'protected-accounts';

export interface Protection {
  readonly kind: ProtectedKind;
  readonly rule: ProtectionRule;
  readonly note?: string | undefined;
}

/** The customers' accounts that processes leave alone, or touch with a second person only. */
export class ProtectedAccounts {
  constructor(private readonly database: Database) {}

  /** By customer and login name. Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<ProtectedAccountPageView> {
    const tenants = listedTenants(actor, tenant);
    const after = readPlace(cursor);
    const rows = await inTenants(this.database, tenants, (tx) =>
      listProtectedAccountsPage(tx, tenants, after, limit + 1),
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = rows.length > limit && last ? writeCursor([LIST, last.tenant_id, last.user_name]) : null;
    return { items: page.map(protectedAccountView), nextCursor };
  }

  /** Protects an account, or changes how it is protected; it holds for every plan and decision from now on. */
  async put({ actor, tenant }: Writer, userName: string, wish: Protection): Promise<ProtectedAccountView> {
    const { kind, rule, note = null } = wish;
    return inTenants(this.database, [tenant], async (tx) =>
      protectedAccountView(await putProtectedAccount(tx, tenant, { userName, kind, rule, note, setBy: actor.subject })),
    );
  }

  /** Throws `ProtectedAccountNotFound`. */
  async remove({ actor, tenant }: Writer, userName: string): Promise<void> {
    const existed = await inTenants(this.database, [tenant], (tx) =>
      deleteProtectedAccount(tx, tenant, userName, actor.subject),
    );
    if (!existed) throw new ProtectedAccountNotFound(`${tenant} has no protected account ${userName}.`);
  }
}

function readPlace(cursor: string | undefined): readonly [tenant: string, userName: string] {
  if (cursor === undefined) return ['', ''];
  const [name, tenant, userName, ...rest] = readCursor(cursor);
  const isOurs = name === LIST && typeof tenant === 'string' && typeof userName === 'string';
  if (!isOurs || rest.length > 0) throw invalidCursor();
  return [tenant, userName];
}
