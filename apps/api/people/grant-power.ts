import {
  CUSTOMER_ROLES,
  customersAlone,
  MSP_ROLES,
  permissionsOf,
  tenantsOf,
  tenantsWith,
  type Actor,
  type Permission,
  type Role,
} from '#libs/platform/access';
import type { Transaction } from '#libs/platform/database';
import { RequestInvalid } from '../http/http.errors.js';
import type { NewGrantDto } from './person.dto.js';
import { GrantTooPowerful } from './person.errors.js';
import { hasAdministrator, isKnownGroup, kindOf, membersOfGroup, whoEndedAdministrators } from './person.store.js';
import type { GrantRow, PersonRow } from './person.store.js';
import { isSecondOwner } from './second-owner.js';

/** A role, and for which tenants it is to hold. */
export type WantedGrant = Pick<NewGrantDto, 'role' | 'covers' | 'coversId'>;

/** Whom a grant is for; who is invited may have an invitation already, which is sent again. */
export type GrantedTo = Pick<PersonRow, 'tenant_id'> & { readonly invitation?: string | null };

/**
 * Makes sure that a grant makes sense for whom it is for, and that nobody hands out more than they have, but for a customer's
 * first administrator: somebody has to make that one. Throws `RequestInvalid` or `GrantTooPowerful`.
 */
export async function requireGrantable(
  tx: Transaction,
  actor: Actor,
  person: GrantedTo,
  kind: Actor['kind'],
  wish: WantedGrant,
): Promise<void> {
  requireSense(kind, wish);
  await requireMayGive(tx, actor, person, kind, { ...wish, coversId: wish.coversId ?? null });
}

/** As `requireGrantable`, for a grant that makes sense. Throws `RequestInvalid` or `GrantTooPowerful`. */
export async function requireMayGive(
  tx: Transaction,
  actor: Actor,
  person: GrantedTo,
  kind: Actor['kind'],
  wish: Pick<WantedGrant, 'role' | 'covers'> & { readonly coversId: string | null },
): Promise<void> {
  const covered = await coveredBy(tx, actor, person.tenant_id, wish);
  const exempt = (await isForFirstAdministrator(tx, actor, person, kind, wish)) ? customersAlone() : [];
  requirePower(actor, kind, wish.role, covered, exempt);
}

/**
 * An owner at the MSP lets in the first administrator of a customer; who comes later is let in by that one. Where the last one's
 * role was ended, it takes another owner than whoever ended it: nobody puts one of their own in the place of the customer's.
 */
async function isForFirstAdministrator(
  tx: Transaction,
  actor: Actor,
  { tenant_id: tenant, invitation = null }: GrantedTo,
  kind: Actor['kind'],
  { role }: Pick<WantedGrant, 'role'>,
): Promise<boolean> {
  if (kind !== 'customer' || role !== 'customer_admin' || actor.kind !== 'msp') return false;
  if (!isOwnerOver(actor, tenant) || (await hasAdministrator(tx, tenant, invitation))) return false;
  for (const ended of await whoEndedAdministrators(tx, tenant))
    if (!(await isSecondOwner(tx, { ...ended, home: actor.home, tenant }, actor.subject))) return false;
  return true;
}

/**
 * Makes sure that nobody gets hold of an account that may do more than they may. Throws `GrantTooPowerful`.
 */
export async function requirePowerOver(
  tx: Transaction,
  actor: Actor,
  kind: Actor['kind'],
  grants: readonly GrantRow[],
  exempt: readonly Permission[] = [],
): Promise<void> {
  for (const { tenant_id: home, role, covers, covers_id: coversId } of grants) {
    const group = covers === 'group' ? await membersOfGroup(tx, home, coversId!) : [];
    const covered = covers === 'tenant' ? [coversId!] : [home, ...group];
    requirePower(actor, kind, role as Role, covered, exempt);
  }
}

/**
 * Makes sure that nobody shuts out, or lets in again, whoever may do more than they may; but an owner at the MSP may for any
 * customer: what a customer alone has comes into nobody else's hands by it. Throws `GrantTooPowerful`.
 */
export async function requirePowerToChange(
  tx: Transaction,
  actor: Actor,
  { tenant_id: tenant }: Pick<PersonRow, 'tenant_id'>,
  grants: readonly GrantRow[],
): Promise<void> {
  const exempt = isOwnerOver(actor, tenant) ? customersAlone() : [];
  await requirePowerOver(tx, actor, await kindOf(tx, tenant), grants, exempt);
}

function isOwnerOver(actor: Actor, tenant: string): boolean {
  return actor.kind === 'msp' && actor.grants.some(({ role, tenants }) => role === 'owner' && tenants.includes(tenant));
}

function requirePower(
  actor: Actor,
  kind: Actor['kind'],
  role: Role,
  covered: readonly string[],
  exempt: readonly Permission[] = [],
): void {
  const missing = permissionsOf(kind, role).filter(
    (permission) =>
      !exempt.includes(permission) && !covered.every((tenant) => tenantsWith(actor, permission).includes(tenant)),
  );
  if (missing.length > 0)
    throw new GrantTooPowerful(
      `You may not do this yourself, or not everywhere: ${missing.join(', ')}. Ask somebody with a larger role${
        role === 'customer_admin' ? ', or, if the customer has lost its last administrator, another owner' : ''
      }.`,
    );
}

function requireSense(kind: Actor['kind'], { role, covers, coversId }: WantedGrant): void {
  const roles: readonly Role[] = kind === 'msp' ? MSP_ROLES : CUSTOMER_ROLES;
  const who = kind === 'msp' ? 'the MSP' : 'a customer';
  if (!roles.includes(role)) throw invalid('role', 'not_in', `role must be one that ${who} has: ${roles.join(', ')}.`);
  if ((kind === 'customer') !== (covers === 'home'))
    throw invalid(
      'covers',
      'not_in',
      kind === 'customer' ? 'covers must be home.' : 'covers must be all, group or tenant.',
    );
  const needsId = covers === 'group' || covers === 'tenant';
  if (needsId !== (coversId !== undefined))
    throw invalid(
      'coversId',
      needsId ? 'missing' : 'not_allowed',
      `coversId belongs to the covers group and tenant only.`,
    );
}

/** The tenants that the grant would hold for. Whoever is granted all is granted the MSP itself, and so is who hands that out. */
async function coveredBy(
  tx: Transaction,
  actor: Actor,
  home: string,
  { covers, coversId }: Pick<WantedGrant, 'covers'> & { readonly coversId: string | null },
): Promise<readonly string[]> {
  if (covers === 'home' || covers === 'all') return [home];
  if (covers === 'tenant') {
    if (!tenantsOf(actor).includes(coversId!))
      throw invalid('coversId', 'unknown', 'coversId must be a customer that you see.');
    return [coversId!];
  }
  if (!(await isKnownGroup(tx, home, coversId!)))
    throw invalid('coversId', 'unknown', 'coversId must be the id of a group of customers.');
  // a group grows by others' acts: who hands it out has to hold the MSP itself
  return [home, ...(await membersOfGroup(tx, home, coversId!))];
}

function invalid(path: string, code: string, message: string): RequestInvalid {
  return new RequestInvalid(message, { errors: [{ path, code, message }] });
}
