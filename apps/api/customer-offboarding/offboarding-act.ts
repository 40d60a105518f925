import type { Json } from '#libs/kernel';
import { PermissionDenied, type Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import type { Database, Transaction } from '#libs/platform/database';
import {
  accessList,
  lockTenant,
  OffboardingStateWrong,
  presentOffboarding,
  SecondOwnerNeeded,
  type OffboardingRow,
} from '#libs/tenancy';
import { isEmergencyAccount, isSecondOwner } from '../people/second-owner.js';
import { writeFor } from '../tenants/tenancy-record.js';
import { offboardingView, type OffboardingView } from './offboarding.view.js';

/** One act on the off-boarding that is under way, in one transaction; gives how it stands then. */
export function actOn(
  database: Database,
  tenant: string,
  work: (tx: Transaction, row: OffboardingRow) => Promise<void>,
): Promise<OffboardingView> {
  return writeFor(database, tenant, async (tx) => {
    await work(tx, await heldOffboarding(tx, tenant));
    return viewOf(tx, await presentOffboarding(tx, tenant));
  });
}

/** The off-boarding, with the customer’s row locked: acts on it come one after the other. */
export async function heldOffboarding(tx: Transaction, tenant: string): Promise<OffboardingRow> {
  await lockTenant(tx, tenant);
  return presentOffboarding(tx, tenant);
}

export function requireState(row: OffboardingRow, states: readonly OffboardingRow['status'][]): void {
  if (!states.includes(row.status)) throw stateWrong(row);
}

export function stateWrong({ status }: OffboardingRow): OffboardingStateWrong {
  return new OffboardingStateWrong(`The off-boarding is ${status}; this is for another state of it.`, {
    context: { status },
  });
}

/**
 * Whoever has its key from the safe is one of the owners, nobody knows which: it neither asks nor confirms, or one person were two.
 * Throws `PermissionDenied`.
 */
export async function refuseEmergencyAccount(tx: Transaction, tenant: string, { subject, home }: Actor): Promise<void> {
  if (!(await isEmergencyAccount(tx, { home, tenant }, subject))) return;
  throw new PermissionDenied(
    'An emergency account neither asks for this nor confirms it. Two owners do, in their own names.',
  );
}

/** Throws `SecondOwnerNeeded` for the first one, and for a second account or helper of theirs. */
export async function requireAnother(
  tx: Transaction,
  { tenant_id: tenant }: OffboardingRow,
  first: { readonly by: string; readonly at: Date },
  { subject, home }: Actor,
): Promise<void> {
  if (first.by.toLowerCase() === subject.toLowerCase())
    throw new SecondOwnerNeeded('You asked for it yourself. Another owner has to confirm it.');
  if (await isEmergencyAccount(tx, { home, tenant }, first.by))
    throw new SecondOwnerNeeded(
      `${first.by}, an emergency account, asked for it. Take it back, and ask anew in your name.`,
    );
  if (await isSecondOwner(tx, { ...first, home, tenant }, subject)) return;
  throw new SecondOwnerNeeded(
    'Another owner has to confirm it: a person who was an owner before it was asked for, whom neither the first one nor, of late, an emergency account invited, granted the role or linked; nor may one have let the first in.',
  );
}

export function refOf({ tenant_id: tenant, id }: OffboardingRow) {
  return { tenant, id };
}

export async function viewOf(tx: Transaction, row: OffboardingRow): Promise<OffboardingView> {
  return offboardingView(row, await accessList(tx, refOf(row)));
}

export function record(
  tx: Transaction,
  { tenant_id: tenant, id }: OffboardingRow,
  what: string,
  { subject }: Actor,
  told: { readonly reason?: string; readonly before?: Json; readonly after?: Json },
): Promise<void> {
  const object = { kind: 'tenant_offboarding', id };
  return appendAudit(tx, tenant, { action: `tenant_offboarding.${what}`, actor: subject, object, ...told });
}
