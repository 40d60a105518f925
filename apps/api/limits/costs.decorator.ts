import { SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { CallClass } from '#libs/platform/limits';

const COSTS = Symbol('costs');

/** Declares that a route costs more than its method tells: an import, an export, a certificate. */
export function Costs(callClass: CallClass): MethodDecorator {
  return SetMetadata(COSTS, callClass);
}

/** What a call of this route costs: as declared, else a read for GET and HEAD, and a write. */
export function costOf(reflector: Reflector, handler: Parameters<Reflector['get']>[1], method: string): CallClass {
  const declared = reflector.get<CallClass | undefined>(COSTS, handler);
  return declared ?? (method === 'GET' || method === 'HEAD' ? 'read' : 'write');
}
