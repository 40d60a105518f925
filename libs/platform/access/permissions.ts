import { AppError } from '#libs/kernel';
import type { Actor, Role } from './actor.js';

export class PermissionDenied extends AppError {
  readonly code = 'access.denied';
  readonly title = 'This role may not do that';
  readonly kind = 'forbidden';
}

type Kind = Actor['kind'];
type Grant = `${Kind}:${Role}`;

const EVERYBODY: readonly Grant[] = [
  'msp:owner',
  'msp:operator',
  'msp:technician',
  'msp:auditor',
  'customer:customer_admin',
  'customer:approver',
  'customer:requester',
  'customer:auditor',
];

/** Role × action: the one place where it is decided who may do what. */
export const permissions = {
  'request.submit': ['msp:owner', 'msp:operator', 'customer:customer_admin', 'customer:requester'],
  'request.read': EVERYBODY,
  'plan.decide': ['msp:owner', 'msp:operator', 'customer:customer_admin', 'customer:approver'],
  'plan.confirm': ['msp:owner', 'msp:operator'],
  'run.read': EVERYBODY,
  /** To intervene at all; each act asks for more. */
  'act.give': [
    'msp:owner',
    'msp:operator',
    'msp:technician',
    'customer:customer_admin',
    'customer:approver',
    'customer:requester',
  ],
  'act.intervene': ['msp:owner', 'msp:operator'],
  'act.call_off': ['msp:owner', 'msp:operator', 'customer:customer_admin'],
  'act.complete': [
    'msp:owner',
    'msp:operator',
    'msp:technician',
    'customer:customer_admin',
    'customer:approver',
    'customer:requester',
  ],
  'act.lock_out': ['msp:owner', 'msp:operator', 'customer:customer_admin'],
  'run.reinstate': ['msp:owner', 'msp:operator', 'customer:customer_admin', 'customer:requester'],
  'template.read': EVERYBODY,
  'template.write': ['msp:owner', 'msp:operator', 'customer:customer_admin'],
  'settings.read': ['msp:owner', 'msp:operator', 'msp:auditor', 'customer:customer_admin', 'customer:auditor'],
  'settings.write': ['msp:owner', 'msp:operator'],
  'protected_account.read': ['msp:owner', 'msp:operator', 'msp:auditor', 'customer:customer_admin'],
  'protected_account.write': ['msp:owner', 'msp:operator'],
  'dead_letter.read': ['msp:owner', 'msp:operator', 'msp:auditor'],
  'dead_letter.replay': ['msp:owner', 'msp:operator'],
} as const satisfies Record<string, readonly Grant[]>;

export type Permission = keyof typeof permissions;

export function mayDo(actor: Actor, permission: Permission): boolean {
  return (permissions[permission] as readonly Grant[]).includes(`${actor.kind}:${actor.role}`);
}

/** Throws `PermissionDenied` unless the actor's role grants it. */
export function requirePermission(actor: Actor, permission: Permission): void {
  if (!mayDo(actor, permission))
    throw new PermissionDenied(`The role ${actor.role} may not do ${permission}. Ask somebody who may.`);
}
