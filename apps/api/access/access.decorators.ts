import { applyDecorators, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiBearerAuth, ApiCookieAuth, ApiHeader } from '@nestjs/swagger';
import { IssuerUnavailable, SecondFactorMissing, TokenInvalid } from '#libs/identity';
import { PermissionDenied, type Permission, type Reader } from '#libs/platform/access';
import { DatabaseUnavailable, type Transaction } from '#libs/platform/database';
import { ConcurrencyExceeded, RateExceeded } from '#libs/platform/limits';
import { CrossSiteRefused, SessionInvalid } from '../identity/session.errors.js';
import { AddressTooLong, InternalFault, RequestHeadTooLarge, RequestTooSlow } from '../http/http.errors.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { KeyInvalid, KeyMissing, TenantHeaderMissing, TenantNotFound, TenantSuspended } from './access.errors.js';

export const TENANT_HEADER = 'stellwerk-tenant';

const ACCESS = Symbol('access');
const WRITES = Symbol('writes for a tenant');

type Handler = Parameters<Reflector['get']>[1];

/** Finds whose a thing is, among `tenants`, by its id. Throws the thing's own not-found error, also when it is not shown to the reader. */
export type FindTenant = (tx: Transaction, tenants: readonly string[], id: string, reader: Reader) => Promise<string>;

/**
 * Where a route takes the tenant from: the header; the address, as `:tenant`; the caller's own (`self`: a role anywhere
 * is enough, because it is about nobody but the caller); or, when people of the MSP
 * name none in the header, the thing itself.
 */
export type TenantSource = 'header' | 'path' | 'home' | 'self' | FindTenant;

/** What the server says of itself before any route is reached. */
function MayAnswerAnywhere(): MethodDecorator {
  return MayAnswer(RequestTooSlow, AddressTooLong, RequestHeadTooLarge);
}

/** Declares what a caller must be allowed to do to reach this route. */
export function RequiresPermission(permission: Permission): MethodDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, permission),
    ApiBearerAuth(),
    ApiCookieAuth('session'),
    MayAnswer(KeyMissing, KeyInvalid, SessionInvalid, TokenInvalid, TenantSuspended, PermissionDenied),
    MayAnswer(CrossSiteRefused, SecondFactorMissing, IssuerUnavailable, DatabaseUnavailable, InternalFault),
    MayAnswer(RateExceeded, ConcurrencyExceeded),
    MayAnswerAnywhere(),
  );
}

/** Declares that a route is open to everybody, within the limits of its address. */
export function Public(): MethodDecorator {
  return applyDecorators(SetMetadata(ACCESS, 'public'), MayAnswer(RateExceeded), MayAnswerAnywhere());
}

/** Declares that a route writes for one tenant, which people of the MSP name in a header. */
export function WritesForTenant(): MethodDecorator {
  const description =
    'The customer that is written for. Obligatory with a key of the MSP; a customer’s key writes for its own.';
  return applyDecorators(
    SetMetadata(WRITES, 'header' satisfies TenantSource),
    ApiHeader({ name: 'Stellwerk-Tenant', required: false, description, schema: { type: 'string' } }),
    MayAnswer(TenantHeaderMissing, TenantNotFound),
  );
}

/** Declares that a route writes for the tenant that its address names as `:tenant`. */
export function WritesForTenantInPath(): MethodDecorator {
  return applyDecorators(SetMetadata(WRITES, 'path' satisfies TenantSource), MayAnswer(TenantNotFound));
}

/** Declares that a route writes for the tenant that the caller belongs to. */
export function WritesForHome(): MethodDecorator {
  return SetMetadata(WRITES, 'home' satisfies TenantSource);
}

/** Declares that a route writes about nobody but its caller. */
export function WritesAboutSelf(): MethodDecorator {
  return SetMetadata(WRITES, 'self' satisfies TenantSource);
}

/** Declares that a route writes for the tenant that the thing named by `:id` belongs to; the header may say so too. */
export function WritesForTenantOf(find: FindTenant): MethodDecorator {
  const description = 'The customer that this belongs to. May be left out; with another customer’s, this is not found.';
  return applyDecorators(
    SetMetadata(WRITES, find satisfies TenantSource),
    ApiHeader({ name: 'Stellwerk-Tenant', required: false, description, schema: { type: 'string' } }),
    MayAnswer(TenantNotFound),
  );
}

export function declaredAccess(reflector: Reflector, handler: Handler): Permission | 'public' | undefined {
  return reflector.get<Permission | 'public' | undefined>(ACCESS, handler);
}

/** Undefined where a route only reads. */
export function declaredTenant(reflector: Reflector, handler: Handler): TenantSource | undefined {
  return reflector.get<TenantSource | undefined>(WRITES, handler);
}
