import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { requirePermission, type Actor } from '#libs/platform/access';
import { TENANT_HEADER, declaredAccess, writesForTenant } from './access.decorators.js';
import { TenantHeaderMissing } from './access.errors.js';
import { Actors } from './actors.js';
import { rememberCaller, tenantNotFound } from './caller.js';

/** Lets a call in when its key is known and its role grants what the route declares. A route that declares nothing is shut. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly actors: Actors,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const handler = context.getHandler();
    const access = declaredAccess(this.reflector, handler);
    if (access === 'public') return true;
    if (access === undefined) throw new Error(`${context.getClass().name}.${handler.name} declares no permission.`);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const actor = await this.actors.holderOf(request.headers.authorization);
    requirePermission(actor, access);
    const tenant = writesForTenant(this.reflector, handler)
      ? writtenTenant(actor, request.headers[TENANT_HEADER])
      : null;
    rememberCaller(request, { actor, tenant });
    return true;
  }
}

/** The tenant that is written for: a customer's own, or the one that the MSP's person names. */
function writtenTenant(actor: Actor, header: string | string[] | undefined): string {
  if (typeof header !== 'string' || header === '') {
    if (actor.kind === 'customer') return actor.home;
    throw new TenantHeaderMissing('Name the customer that you write for in the header Stellwerk-Tenant.');
  }
  if (!actor.sees.includes(header)) throw tenantNotFound(header);
  return header;
}
