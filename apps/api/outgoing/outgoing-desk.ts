import { isId } from '#libs/kernel';
import type { Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import {
  canonicalHost,
  forgetHostKey,
  listHostKeys,
  listPolicies,
  putPolicy,
  readPlace,
  tenantOfHostKey,
  trustHostKey,
} from '#libs/platform/outgoing';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { invalidCursor, readCursor, writeCursor } from '../http/cursor.js';
import type { ListQuery } from '../http/page.query.js';
import type { OutgoingPolicyDto, TrustHostKeyDto } from './outgoing.dto.js';
import { HostKeyNotFound } from './outgoing.errors.js';
import {
  hostKeyView,
  policyView,
  type HostKeyPageView,
  type HostKeyView,
  type OutgoingPolicyPageView,
  type OutgoingPolicyView,
} from './outgoing.view.js';

const POLICIES = 'outgoing-policies';
const HOST_KEYS = 'ssh-host-keys';
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** What customers' connections may reach, and whose SSH servers' keys are trusted. */
export class OutgoingDesk {
  constructor(private readonly database: Database) {}

  /** The policy of every tenant that somebody sees, by the tenant's id. Throws `TenantNotFound` or `InvalidCursor`. */
  async listPolicies(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<OutgoingPolicyPageView> {
    const [after] = placeIn(POLICIES, cursor, 1);
    const tenants = [...listedTenants(actor, tenant)].sort().filter((id) => id > after!);
    const page = tenants.slice(0, limit);
    if (page.length === 0) return { items: [], nextCursor: null };
    const policies = await inTenants(this.database, page, (tx) => listPolicies(tx, page));
    const nextCursor = tenants.length > page.length ? writeCursor([POLICIES, page.at(-1)!]) : null;
    return { items: policies.map(policyView), nextCursor };
  }

  /** Replaces a tenant's policy. It holds from the next connection on. */
  putPolicy(
    { actor, tenant }: Writer,
    { publicAddresses, allowances }: OutgoingPolicyDto,
  ): Promise<OutgoingPolicyView> {
    const wish = allowances.map(({ to, ports = null, protocols, reason }) => ({
      ...readPlace(to)!,
      ...{ ports, protocols, reason },
    }));
    return inTenants(this.database, [tenant], async (tx) =>
      policyView(await putPolicy(tx, tenant, { publicAddresses, allowances: wish }, actor.subject)),
    );
  }

  /** By tenant, the oldest first. Throws `TenantNotFound` or `InvalidCursor`. */
  async listHostKeys(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<HostKeyPageView> {
    const tenants = listedTenants(actor, tenant);
    const [after, id] = placeIn(HOST_KEYS, cursor, 2);
    if (id !== '' && !isId(id!)) throw invalidCursor();
    const rows = await inTenants(this.database, tenants, (tx) =>
      listHostKeys(tx, tenants, [after!, id || NO_ID], limit + 1),
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = rows.length > limit && last ? writeCursor([HOST_KEYS, last.tenant_id, last.id]) : null;
    return { items: page.map(hostKeyView), nextCursor };
  }

  trust({ actor, tenant }: Writer, { host, port, fingerprint, reason }: TrustHostKeyDto): Promise<HostKeyView> {
    const trust = { host: canonicalHost(host), port, fingerprint, reason };
    return inTenants(this.database, [tenant], async (tx) =>
      hostKeyView(await trustHostKey(tx, tenant, trust, actor.subject)),
    );
  }

  /** Throws `HostKeyNotFound`. */
  async forget({ actor, tenant }: Writer, id: string): Promise<void> {
    const existed = await inTenants(this.database, [tenant], (tx) => forgetHostKey(tx, tenant, id, actor.subject));
    if (!existed) throw hostKeyNotFound(id);
  }
}

/** Whose a key is. Throws `HostKeyNotFound`. */
export const tenantOfKey: FindTenant = async (tx, tenants, id) => {
  const tenant = await tenantOfHostKey(tx, tenants, id);
  if (tenant === undefined) throw hostKeyNotFound(id);
  return tenant;
};

function hostKeyNotFound(id: string): HostKeyNotFound {
  return new HostKeyNotFound(`There is no key ${id}, or you may not see it.`);
}

/** The texts behind a cursor of this list, empty ones for none. Throws `InvalidCursor`. */
function placeIn(list: string, cursor: string | undefined, length: number): readonly string[] {
  if (cursor === undefined) return Array.from({ length }, () => '');
  const [name, ...place] = readCursor(cursor);
  const isOurs = name === list && place.length === length && place.every((part) => typeof part === 'string');
  if (!isOurs) throw invalidCursor();
  return place;
}
