import { AppError } from '#libs/kernel';
import { tenantsOf, type Actor, type Role } from './actor.js';

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
  'approval.read': EVERYBODY,
  'approval_policy.read': EVERYBODY,
  'approval_policy.write': ['msp:owner', 'msp:operator', 'customer:customer_admin'],
  'delegation.read': EVERYBODY,
  /** To stand in, or have somebody stand in, at all. */
  'delegation.write': ['msp:owner', 'msp:operator', 'customer:customer_admin', 'customer:approver'],
  'delegation.write_for_others': ['msp:owner', 'msp:operator', 'customer:customer_admin'],
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
  'ticket.open': [
    'msp:owner',
    'msp:operator',
    'msp:technician',
    'customer:customer_admin',
    'customer:approver',
    'customer:requester',
  ],
  'ticket.read': EVERYBODY,
  /** Else only what one asked for or opened oneself. */
  'ticket.read_all': [
    'msp:owner',
    'msp:operator',
    'msp:technician',
    'msp:auditor',
    'customer:customer_admin',
    'customer:approver',
    'customer:auditor',
  ],
  'ticket.comment': [
    'msp:owner',
    'msp:operator',
    'msp:technician',
    'customer:customer_admin',
    'customer:approver',
    'customer:requester',
  ],
  'ticket.work': ['msp:owner', 'msp:operator', 'msp:technician'],
  'ticket_time.read': ['msp:owner', 'msp:operator', 'msp:technician', 'msp:auditor'],
  'ticket_priorities.read': EVERYBODY,
  'ticket_priorities.write': ['msp:owner', 'msp:operator', 'customer:customer_admin'],
  'ticket_mail.read': ['msp:owner', 'msp:operator', 'msp:technician', 'msp:auditor'],
  'ticket_mail.decide': ['msp:owner', 'msp:operator', 'msp:technician'],
  'ticket_mail.set_up': ['msp:owner', 'msp:operator'],
  'sla.preview': EVERYBODY,
  /** To propose a date for planned work, and to answer what the other side proposed. */
  'ticket.agree_date': [
    'msp:owner',
    'msp:operator',
    'msp:technician',
    'customer:customer_admin',
    'customer:approver',
    'customer:requester',
  ],
  'sla.read': EVERYBODY,
  'sla.write': ['msp:owner', 'msp:operator'],
  'sla.confirm_holidays': ['msp:owner', 'msp:operator'],
  'sla.what_if': ['msp:owner', 'msp:operator', 'msp:auditor'],
  'escalation.read': ['msp:owner', 'msp:operator', 'msp:technician', 'msp:auditor'],
  'escalation.work': ['msp:owner', 'msp:operator', 'msp:technician'],
  'escalation.configure': ['msp:owner', 'msp:operator'],
  'oncall.read': ['msp:owner', 'msp:operator', 'msp:technician', 'msp:auditor'],
  'oncall.write': ['msp:owner', 'msp:operator'],
  'oncall.take_part': ['msp:owner', 'msp:operator', 'msp:technician'],
  'tenant.read': EVERYBODY,
  'tenant.create': ['msp:owner'],
  'tenant.change': ['msp:owner', 'msp:operator'],
  'tenant.suspend': ['msp:owner'],
  'site.read': EVERYBODY,
  'site.write': ['msp:owner', 'msp:operator', 'customer:customer_admin'],
  'contact.read': [
    'msp:owner',
    'msp:operator',
    'msp:technician',
    'msp:auditor',
    'customer:customer_admin',
    'customer:auditor',
  ],
  'contact.write': ['msp:owner', 'msp:operator', 'customer:customer_admin'],
  'tenant_group.read': ['msp:owner', 'msp:operator', 'msp:technician', 'msp:auditor'],
  'tenant_group.write': ['msp:owner'],
  'agreement.read': ['msp:owner', 'msp:operator', 'msp:auditor', 'customer:customer_admin', 'customer:auditor'],
  'agreement.write': ['msp:owner'],
  'limits.read': ['msp:owner', 'msp:operator', 'msp:auditor', 'customer:customer_admin', 'customer:auditor'],
  'limits.write': ['msp:owner'],
  'retention.read': ['msp:owner', 'msp:operator', 'msp:auditor', 'customer:customer_admin', 'customer:auditor'],
  'retention.write': ['msp:owner'],
  'tenant_export.read': ['msp:owner', 'msp:auditor', 'customer:customer_admin', 'customer:auditor'],
  'tenant_export.request': ['msp:owner'],
  'tenant_export.release': ['msp:owner', 'customer:customer_admin'],
  'tenant_export.download': ['customer:customer_admin'],
  'tenant_offboarding.read': ['msp:owner', 'msp:auditor', 'customer:customer_admin', 'customer:auditor'],
  'tenant_offboarding.decide': ['msp:owner'],
  'tenant_offboarding.prove': ['msp:owner', 'msp:operator'],
  'tenant_erasure.read': ['msp:owner', 'msp:auditor'],
  'person_data.export': ['msp:owner', 'customer:customer_admin'],
  'person_data.erase': ['msp:owner', 'customer:customer_admin'],
  'legal_hold.read': ['msp:owner', 'msp:auditor', 'customer:customer_admin', 'customer:auditor'],
  'legal_hold.set': ['msp:owner', 'customer:customer_admin'],
  'protected_account.read': ['msp:owner', 'msp:operator', 'msp:auditor', 'customer:customer_admin'],
  'protected_account.write': ['msp:owner', 'msp:operator'],
  'secret.read_names': ['msp:owner', 'msp:operator', 'customer:customer_admin'],
  'secret.write': ['msp:owner', 'msp:operator', 'customer:customer_admin'],
  'api_key.read': ['msp:owner', 'msp:auditor', 'customer:customer_admin', 'customer:auditor'],
  'api_key.write': ['msp:owner', 'customer:customer_admin'],
  'person.read': ['msp:owner', 'msp:operator', 'msp:auditor', 'customer:customer_admin', 'customer:auditor'],
  'person.write': ['msp:owner', 'customer:customer_admin'],
  'person.close': ['msp:owner', 'customer:customer_admin'],
  'alarm.read': ['msp:owner', 'msp:auditor'],
  'alarm.acknowledge': ['msp:owner'],
  'audit.read': ['msp:owner', 'msp:auditor', 'customer:customer_admin', 'customer:auditor'],
  'outgoing.read': ['msp:owner', 'msp:operator', 'msp:technician', 'msp:auditor', 'customer:customer_admin'],
  'outgoing.write': ['msp:owner', 'msp:operator'],
  'host_key.read': ['msp:owner', 'msp:operator', 'msp:technician', 'msp:auditor', 'customer:customer_admin'],
  'host_key.write': ['msp:owner', 'msp:operator'],
  'webhook.read': [
    'msp:owner',
    'msp:operator',
    'msp:technician',
    'msp:auditor',
    'customer:customer_admin',
    'customer:auditor',
  ],
  'webhook.write': ['msp:owner', 'msp:operator', 'customer:customer_admin'],
  /** One's own account: who am I, my sessions, signing out. */
  'account.own': EVERYBODY,
  'session.read': ['msp:owner', 'msp:auditor', 'customer:customer_admin'],
  'session.revoke': ['msp:owner', 'customer:customer_admin'],
  'identity_provider.read': ['msp:owner', 'msp:auditor', 'customer:customer_admin'],
  'identity_provider.write': ['msp:owner'],
  'machine_client.read': ['msp:owner', 'msp:auditor', 'customer:customer_admin'],
  'machine_client.write': ['msp:owner', 'customer:customer_admin'],
  'codec.decode': ['msp:owner', 'msp:operator'],
  'dead_letter.read': ['msp:owner', 'msp:operator', 'msp:auditor'],
  'dead_letter.replay': ['msp:owner', 'msp:operator'],
} as const satisfies Record<string, readonly Grant[]>;

export type Permission = keyof typeof permissions;

type Holder = Pick<Actor, 'kind' | 'grants' | 'scopes' | 'machine'>;

/**
 * What only people do, in their own name: no key, machine client or machine's token, whoever made it. Whoever makes a
 * machine's key would else be two, or could not be shut out; and somebody has to answer for what cannot be taken back.
 */
export const FOR_PEOPLE_ONLY: readonly Permission[] = [
  'plan.decide',
  'plan.confirm',
  'tenant_export.release',
  'tenant_export.download',
  'tenant_offboarding.decide',
  // somebody's word that our access is gone
  'tenant_offboarding.prove',
  'alarm.acknowledge',
  // whoever can let others in, or make keys, outlives what is taken from them
  'api_key.write',
  'machine_client.write',
  'identity_provider.write',
  'person.write',
  // who is in a group is whom a grant covers
  'tenant_group.write',
  // whoever can shut others out is alone with what they took over
  'person.close',
  'session.revoke',
  // who has to approve, who votes for whom, and when one person is not enough
  'approval_policy.write',
  'delegation.write',
  'delegation.write_for_others',
  'settings.write',
  'protected_account.write',
  // a person confirms each year
  'sla.confirm_holidays',
  // a customer's consent is a person's
  'ticket.agree_date',
  // trust in a server is a person's
  'host_key.write',
  // nothing brings it back, or nothing could be erased
  'person_data.erase',
  'legal_hold.set',
];

/** Everything that a role may do. */
export function permissionsOf(kind: Kind, role: Role): readonly Permission[] {
  const all = Object.entries(permissions) as [Permission, readonly Grant[]][];
  return all.filter(([, roles]) => roles.includes(`${kind}:${role}`)).map(([permission]) => permission);
}

/** What no role at the MSP may do, whoever it is. */
export function customersAlone(): readonly Permission[] {
  const all = Object.entries(permissions) as [Permission, readonly Grant[]][];
  return all.filter(([, roles]) => roles.every((role) => role.startsWith('customer:'))).map(([name]) => name);
}

/** The tenants in which the actor may do this. */
export function tenantsWith(actor: Holder, permission: Permission): readonly string[] {
  if (actor.scopes !== null && !actor.scopes.includes(permission)) return [];
  if (actor.machine && FOR_PEOPLE_ONLY.includes(permission)) return [];
  const roles: readonly Grant[] = permissions[permission];
  return tenantsOf({ grants: actor.grants.filter(({ role }) => roles.includes(`${actor.kind}:${role}`)) });
}

/** Whether one of the actor's roles in this tenant allows it. */
export function mayDo(actor: Holder, permission: Permission, tenant: string): boolean {
  return tenantsWith(actor, permission).includes(tenant);
}

/** Throws `PermissionDenied` unless one of the actor's roles in this tenant allows it. */
export function requirePermission(actor: Holder, permission: Permission, tenant: string): void {
  if (!mayDo(actor, permission, tenant)) throw permissionDenied(actor, permission, tenant);
}

/** The actor with the tenants in which it may do this. Throws `PermissionDenied` when there is none. */
export function actorFor(actor: Omit<Actor, 'sees'>, permission: Permission): Actor {
  const sees = tenantsWith(actor, permission);
  if (sees.length === 0) throw permissionDenied(actor, permission);
  return { ...actor, sees };
}

function permissionDenied(
  { grants, scopes, machine }: Holder,
  permission: Permission,
  tenant?: string,
): PermissionDenied {
  if (scopes !== null && !scopes.includes(permission))
    return new PermissionDenied(`This key or token is limited and may not do ${permission}. Take one that may.`);
  if (machine && FOR_PEOPLE_ONLY.includes(permission))
    return new PermissionDenied(`A machine may not do ${permission}. A person has to, in their own name.`);
  const held = grants.filter(({ tenants }) => tenant === undefined || tenants.includes(tenant));
  const roles = [...new Set(held.map(({ role }) => role))].sort();
  if (roles.length === 0)
    return new PermissionDenied(`You have no role that may do ${permission}. Ask an administrator.`);
  const who = roles.length === 1 ? `The role ${roles[0]}` : `None of the roles ${roles.join(', ')}`;
  return new PermissionDenied(`${who} may${roles.length === 1 ? ' not' : ''} do ${permission}. Ask somebody who may.`);
}
