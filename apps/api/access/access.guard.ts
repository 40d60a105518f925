import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { actorFor } from '#libs/platform/access';
import { CallLimits } from '../limits/call-limits.js';
import { costOf } from '../limits/costs.decorator.js';
import { declaredAccess, declaredTenant } from './access.decorators.js';
import { Actors } from './actors.js';
import { rememberCaller } from './caller.js';
import { rememberAttempt } from './identified.js';
import { WrittenTenant } from './written-tenant.js';

/** Lets a call in when its caller is known and one of its roles grants what the route declares. A route that declares nothing is shut. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly actors: Actors,
    private readonly writtenTenant: WrittenTenant,
    private readonly limits: CallLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const handler = context.getHandler();
    const access = declaredAccess(this.reflector, handler);
    if (access === undefined) throw new Error(`${context.getClass().name}.${handler.name} declares no permission.`);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (access === 'public') {
      await this.limits.admitOpen(request, reply, costOf(this.reflector, handler, request.method));
      return true;
    }
    const caller = await this.limits.identify(request, () => this.actors.callerOf(request));
    await this.limits.admit(request, reply, caller, costOf(this.reflector, handler, request.method));
    rememberAttempt(request, { ...caller, permission: access });
    const actor = actorFor(caller, access);
    const source = declaredTenant(this.reflector, handler);
    const tenant = source === undefined ? null : await this.writtenTenant.of(actor, access, request, source);
    rememberCaller(request, { actor, tenant });
    return true;
  }
}
