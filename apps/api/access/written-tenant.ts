import type { FastifyRequest } from 'fastify';
import { isId } from '#libs/kernel';
import { readerOf, requirePermission, tenantsOf, type Actor, type Permission } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import { invalidId } from '../http/id.pipe.js';
import { TENANT_HEADER, type TenantSource } from './access.decorators.js';
import { TenantHeaderMissing } from './access.errors.js';
import { tenantNotFound } from './caller.js';

/** Finds out which tenant a call writes for. */
export class WrittenTenant {
  constructor(private readonly database: Database) {}

  /**
   * The tenant that the source says. From the header; without it a customer's own, and for people of the MSP the one that the thing in the address
   * belongs to. What the actor has no role for is not found; where it has one, that role must allow the `permission`.
   * Throws `TenantNotFound`, `TenantHeaderMissing`, `InvalidId`, the thing's not-found error or `PermissionDenied`.
   */
  async of(actor: Actor, permission: Permission, request: FastifyRequest, source: TenantSource): Promise<string> {
    // about oneself: a role anywhere is enough, whichever customers it is for
    if (source === 'self') return actor.home;
    const tenant = await this.namedBy(actor, request, source);
    requirePermission(actor, permission, tenant);
    return tenant;
  }

  private async namedBy(actor: Actor, request: FastifyRequest, source: Exclude<TenantSource, 'self'>): Promise<string> {
    if (source === 'home') return actor.home;
    const known = tenantsOf(actor);
    if (source === 'path') return namedInPath(known, request);
    const header = request.headers[TENANT_HEADER];
    if (typeof header === 'string' && header !== '') {
      if (!known.includes(header)) throw tenantNotFound(header);
      return header;
    }
    if (actor.kind === 'customer') return actor.home;
    if (source === 'header')
      throw new TenantHeaderMissing('Name the customer that you write for in the header Stellwerk-Tenant.');
    const { id } = request.params as { readonly id: string };
    if (!isId(id)) throw invalidId();
    return inTenants(this.database, known, (tx) => source(tx, known, id, readerOf(actor)));
  }
}

function namedInPath(known: readonly string[], { params }: FastifyRequest): string {
  const { tenant } = params as { readonly tenant: string };
  if (!known.includes(tenant)) throw tenantNotFound(tenant);
  return tenant;
}
