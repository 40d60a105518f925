import { tenantChanged, tenantCreated, tenantResumed, tenantSuspended } from '#libs/events';
import type { Actor } from '#libs/platform/access';
import { inTenants, isUniqueViolation, setTenants, type Database, type Transaction } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import {
  changeTenant,
  findTenant,
  insertCustomer,
  listTenants,
  lockTenant,
  requireNewTenantId,
  setTenantStatus,
  TenantIdTaken,
  TenantStateWrong,
  type TenantRow,
} from '#libs/tenancy';
import { listedTenants, tenantNotFound, type Writer } from '../access/caller.js';
import { invalidCursor, readCursor, writeCursor } from '../http/cursor.js';
import type { CursorQuery } from '../http/page.query.js';
import { createOnce, tell, writeFor } from './tenancy-record.js';
import { tenantView, type TenantPageView, type TenantView } from './tenant.view.js';
import type { TenantChangeDto, TenantDto } from './tenant.dto.js';

const LIST = 'tenants';

/** The MSP's customers: created, changed, suspended and resumed. */
export class TenantDesk {
  constructor(private readonly database: Database) {}

  /** Those that somebody sees, by id. Throws `InvalidCursor`. */
  async list(actor: Actor, { cursor, limit }: CursorQuery): Promise<TenantPageView> {
    const after = readPlace(cursor);
    const rows = await inTenants(this.database, actor.sees, (tx) => listTenants(tx, actor.sees, after, limit + 1));
    const page = rows.slice(0, limit);
    const nextCursor = rows.length > limit ? writeCursor([LIST, page.at(-1)!.id]) : null;
    return { items: page.map(tenantView), nextCursor };
  }

  /** Throws `TenantNotFound`. */
  async show(actor: Actor, tenant: string): Promise<TenantView> {
    const seen = listedTenants(actor, tenant);
    const row = await inTenants(this.database, seen, (tx) => findTenant(tx, tenant));
    if (!row) throw tenantNotFound(tenant);
    return tenantView(row);
  }

  /** Creates a customer, which is not live yet. Throws `TenantIdInvalid` or `TenantIdTaken`. */
  create({ actor, tenant: home }: Writer, call: CallKey, wish: TenantDto): Promise<TenantView> {
    requireNewTenantId(wish.id);
    return createOnce(this.database, call, async (tx) => {
      // the new customer's rows are written for it, the kept answer for the MSP
      await setTenants(tx, [wish.id]);
      await insertCustomer(tx, wish).catch((error: unknown) => {
        throw isUniqueViolation(error) ? idTaken(wish.id) : error;
      });
      const { id, name, timeZone } = wish;
      const entry = { ...acted('tenant.created', actor, id), after: { name, timeZone } };
      await tell(tx, id, entry, tenantCreated, { tenant: id });
      const view = tenantView((await findTenant(tx, id))!);
      await setTenants(tx, [home]);
      return view;
    });
  }

  /** Throws `ChangedMeanwhile`. */
  change({ actor, tenant }: Writer, { version, name, timeZone }: TenantChangeDto): Promise<TenantView> {
    return writeFor(this.database, tenant, async (tx) => {
      const before = await lockTenant(tx, tenant);
      const row = await changeTenant(tx, tenant, version, { name, timeZone });
      const entry = {
        ...acted('tenant.changed', actor, tenant),
        before: { name: before.name, timeZone: before.time_zone },
        after: { name, timeZone },
      };
      await tell(tx, tenant, entry, tenantChanged, { tenant });
      return tenantView(row);
    });
  }

  /** Keeps a customer's people and keys out, at once. What was approved goes on. Throws `TenantStateWrong`. */
  suspend(writer: Writer, reason: string): Promise<TenantView> {
    return this.move(writer, 'active', 'suspended', reason);
  }

  /** Throws `TenantStateWrong`. */
  resume(writer: Writer, reason: string): Promise<TenantView> {
    return this.move(writer, 'suspended', 'active', reason);
  }

  private move(
    { actor, tenant }: Writer,
    from: 'active' | 'suspended',
    to: 'active' | 'suspended',
    reason: string,
  ): Promise<TenantView> {
    return writeFor(this.database, tenant, async (tx) => {
      await requireCustomerIn(tx, tenant, from);
      const row = await setTenantStatus(tx, tenant, to, { reason, by: actor.subject });
      const isSuspension = to === 'suspended';
      const action = isSuspension ? 'tenant.suspended' : 'tenant.resumed';
      const entry = { ...acted(action, actor, tenant), reason, before: { status: from }, after: { status: to } };
      await tell(tx, tenant, entry, isSuspension ? tenantSuspended : tenantResumed, { tenant });
      return tenantView(row);
    });
  }
}

/** The customer's row, locked. Throws `TenantStateWrong` unless it is a customer in this state. */
export async function requireCustomerIn(
  tx: Transaction,
  tenant: string,
  state: TenantRow['status'],
): Promise<TenantRow> {
  const row = await lockTenant(tx, tenant);
  if (row.kind === 'customer' && row.status === state) return row;
  const context = { status: row.status };
  if (row.kind === 'msp') throw new TenantStateWrong('This is for customers only.', { context });
  throw new TenantStateWrong(`${tenant} is ${row.status}; this is for customers that are ${state}.`, { context });
}

/** The customer's row, locked. Throws `TenantStateWrong` when it is the MSP or was erased. */
export async function requireCustomer(tx: Transaction, tenant: string): Promise<TenantRow> {
  const row = await lockTenant(tx, tenant);
  if (row.kind === 'customer' && row.status !== 'erased') return row;
  throw new TenantStateWrong('This is for customers only.', { context: { status: row.status } });
}

/** An act on a customer, as the audit names it. */
export function acted(action: string, { subject }: Pick<Actor, 'subject'>, tenant: string) {
  return { action, actor: subject, object: { kind: 'tenant', id: tenant } };
}

function idTaken(id: string): TenantIdTaken {
  return new TenantIdTaken(`The id ${id} was given before. Ids are never given again: take another.`);
}

function readPlace(cursor: string | undefined): string {
  if (cursor === undefined) return '';
  const [name, id, ...rest] = readCursor(cursor);
  if (name !== LIST || typeof id !== 'string' || rest.length > 0) throw invalidCursor();
  return id;
}
