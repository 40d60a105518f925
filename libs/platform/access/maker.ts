import type { Actor, Role, RoleGrant } from './actor.js';
import { FOR_PEOPLE_ONLY, permissions, permissionsOf, type Permission } from './permissions.js';

/** What whoever made a key, or entered a machine client, may do now (`rights_of_maker`). Null: a command made it. */
export type Maker = {
  readonly state: 'active' | 'locked' | 'closed' | 'unknown' | 'machine';
  readonly rights: readonly Pick<Actor, 'kind' | 'grants' | 'scopes'>[];
} | null;

/** Why a key does less than it was made for, or nothing. */
export const HELD = [
  'maker_locked',
  'maker_closed',
  'maker_unknown',
  'maker_may_less',
  'made_by_machine',
  'holder_locked',
] as const;
export type Held = (typeof HELD)[number];

/** What a key was made for. */
export type Made = Pick<Actor, 'kind' | 'grants' | 'scopes'>;

/**
 * The key's grants in the tenants where its maker may still do all that it may; none, where there is no such tenant.
 * What only people do is not asked of the maker: no machine does it.
 */
export function withinMaker({ kind, grants, scopes }: Made, maker: Maker): readonly RoleGrant[] {
  if (maker === null) return grants;
  return grants.map(({ role, tenants }) => {
    const wanted = permissionsOf(kind, role).filter(
      (one) => !FOR_PEOPLE_ONLY.includes(one) && (scopes === null || scopes.includes(one)),
    );
    const may = tenantsWithAll(maker.rights, wanted);
    return { role, tenants: tenants.filter((tenant) => may.has(tenant)) };
  });
}

/** Whether nothing is left of what a key was made for. */
export function isHeld(made: readonly RoleGrant[], left: readonly RoleGrant[]): boolean {
  return count(left) === 0 && count(made) > 0;
}

/** Why some of it is not left; null: all of it is. */
export function heldBecause(made: Made, maker: Maker): Held | null {
  if (maker === null || count(withinMaker(made, maker)) === count(made.grants)) return null;
  switch (maker.state) {
    case 'active':
      return 'maker_may_less';
    case 'machine':
      return 'made_by_machine';
    case 'locked':
    case 'closed':
    case 'unknown':
      return `maker_${maker.state}`;
  }
}

type Rights = NonNullable<Maker>['rights'];

/** The tenants in which one of these rights has a role at all, and roles for everything wanted. */
function tenantsWithAll(rights: Rights, wanted: readonly Permission[]): ReadonlySet<string> {
  return new Set(rights.flatMap((one) => tenantsOfOne(one, wanted)));
}

function tenantsOfOne({ kind, grants, scopes }: Rights[number], wanted: readonly Permission[]): string[] {
  if (scopes !== null && !wanted.every((one) => scopes.includes(one))) return [];
  const rolesIn = new Map<string, Role[]>();
  for (const { role, tenants } of grants)
    for (const tenant of tenants) rolesIn.set(tenant, [...(rolesIn.get(tenant) ?? []), role]);
  // somebody has a handful of combinations of roles, in hundreds of tenants
  const judged = new Map<string, boolean>();
  const isEnough = (roles: readonly Role[]): boolean => {
    const combination = roles.join();
    if (!judged.has(combination))
      judged.set(
        combination,
        wanted.every((one) => isAllowed(kind, roles, one)),
      );
    return judged.get(combination)!;
  };
  return [...rolesIn].filter(([, roles]) => isEnough(roles)).map(([tenant]) => tenant);
}

function isAllowed(kind: Actor['kind'], roles: readonly Role[], permission: Permission): boolean {
  const allowed: readonly string[] = permissions[permission];
  return roles.some((role) => allowed.includes(`${kind}:${role}`));
}

function count(grants: readonly RoleGrant[]): number {
  return grants.reduce((sum, { tenants }) => sum + tenants.length, 0);
}
