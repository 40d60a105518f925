import type { FastifyRequest } from 'fastify';
import { isId } from '#libs/kernel';
import { readerOf, type Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import { invalidId } from '../http/id.pipe.js';
import { TENANT_HEADER, type TenantSource } from './access.decorators.js';
import { TenantHeaderMissing } from './access.errors.js';
import { tenantNotFound } from './caller.js';

/** Finds out which tenant a call writes for. */
export class WrittenTenant {
  constructor(private readonly database: Database) {}

  /**
   * The tenant in the header; without it a customer's own, and for people of the MSP the one that the thing in the address
   * belongs to. Throws `TenantNotFound`, `TenantHeaderMissing`, `InvalidId` or the thing's not-found error.
   */
  async of(actor: Actor, request: FastifyRequest, source: TenantSource): Promise<string> {
    const header = request.headers[TENANT_HEADER];
    if (typeof header === 'string' && header !== '') {
      if (!actor.sees.includes(header)) throw tenantNotFound(header);
      return header;
    }
    if (actor.kind === 'customer') return actor.home;
    if (source === 'header')
      throw new TenantHeaderMissing('Name the customer that you write for in the header Stellwerk-Tenant.');
    const { id } = request.params as { readonly id: string };
    if (!isId(id)) throw invalidId();
    return inTenants(this.database, actor.sees, (tx) => source(tx, actor.sees, id, readerOf(actor)));
  }
}
