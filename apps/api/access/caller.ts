import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '#libs/platform/access';
import { TenantNotFound } from './access.errors.js';

/** Who calls, put at the request by the guard. */
export interface Caller {
  readonly actor: Actor;
  /** The one tenant that is written for; null where the route only reads. */
  readonly tenant: string | null;
}

const callers = new WeakMap<FastifyRequest, Caller>();

export function rememberCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** The caller, once the guard has let the request in. */
export function callerOf(request: FastifyRequest): Caller | undefined {
  return callers.get(request);
}

/** Who calls and for which tenant. */
export interface Writer {
  readonly actor: Actor;
  readonly tenant: string;
}

function knownCaller(context: ExecutionContext): Caller {
  const caller = callerOf(context.switchToHttp().getRequest<FastifyRequest>());
  if (!caller) throw new Error('A controller asked for its caller on a route that is public.');
  return caller;
}

/** Parameter: who calls. */
export const CurrentActor = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Actor => knownCaller(context).actor,
);

/** Parameter: who calls and for which tenant, on a route that writes. */
export const CurrentWriter = createParamDecorator((_data: unknown, context: ExecutionContext): Writer => {
  const { actor, tenant } = knownCaller(context);
  if (tenant === null)
    throw new Error('A controller writes on a route without @WritesForTenant() or @WritesForTenantOf().');
  return { actor, tenant };
});

/** The tenants that a list is about: the one asked for, else all that are seen. Throws `TenantNotFound`. */
export function listedTenants(actor: Actor, asked: string | undefined): readonly string[] {
  if (asked === undefined) return actor.sees;
  if (!actor.sees.includes(asked)) throw tenantNotFound(asked);
  return [asked];
}

export function tenantNotFound(tenant: string): TenantNotFound {
  return new TenantNotFound(`There is no tenant ${tenant}, or you may not see it.`);
}
