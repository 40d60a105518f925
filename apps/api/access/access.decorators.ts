import { applyDecorators, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiBearerAuth, ApiHeader } from '@nestjs/swagger';
import { PermissionDenied, type Permission } from '#libs/platform/access';
import { DatabaseUnavailable } from '#libs/platform/database';
import { InternalFault } from '../http/http.errors.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { KeyInvalid, KeyMissing, TenantHeaderMissing, TenantNotFound } from './access.errors.js';

export const TENANT_HEADER = 'stellwerk-tenant';

const ACCESS = Symbol('access');
const WRITES = Symbol('writes for a tenant');

type Handler = Parameters<Reflector['get']>[1];

/** Declares what a caller must be allowed to do to reach this route. */
export function RequiresPermission(permission: Permission): MethodDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, permission),
    ApiBearerAuth(),
    MayAnswer(KeyMissing, KeyInvalid, PermissionDenied, DatabaseUnavailable, InternalFault),
  );
}

/** Declares that a route is open to everybody. */
export function Public(): MethodDecorator {
  return SetMetadata(ACCESS, 'public');
}

/** Declares that a route writes for one tenant, which people of the MSP name in a header. */
export function WritesForTenant(): MethodDecorator {
  const description =
    'The customer that is written for. Obligatory with a key of the MSP; a customer’s key writes for its own.';
  return applyDecorators(
    SetMetadata(WRITES, true),
    ApiHeader({ name: 'Stellwerk-Tenant', required: false, description, schema: { type: 'string' } }),
    MayAnswer(TenantHeaderMissing, TenantNotFound),
  );
}

export function declaredAccess(reflector: Reflector, handler: Handler): Permission | 'public' | undefined {
  return reflector.get<Permission | 'public' | undefined>(ACCESS, handler);
}

export function writesForTenant(reflector: Reflector, handler: Handler): boolean {
  return reflector.get<boolean | undefined>(WRITES, handler) ?? false;
}
