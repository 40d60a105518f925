import { readSteps } from '#libs/process';
import type { Plan, RunAct } from '#libs/process/model';
import { listProtectedAccounts, protectionsOf, readPlan, toProtectedAccount } from '#libs/requests';
import { ActNotPossible } from './act.errors.js';
import { openRun, refuseBraked, type ActPlace } from './act-place.js';

/**
 * Locks a leaver out at once: what locks out begins now, whatever was planned; before the approval too, and the rest waits
 * for it. An account that needs a second person needs one here as well.
 */
export async function lockOut(place: ActPlace): Promise<RunAct> {
  const { tx, tenant, request } = place;
  if (request.type !== 'offboarding') throw new ActNotPossible('Only a leaver can be locked out.');
  if (await isOrdered(place))
    throw new ActNotPossible('The lock-out was ordered already; its history shows how far it is.');
  if (place.run) await refuseDone(place);
  else if (!['planning', 'awaiting_approval', 'approved'].includes(request.status))
    throw new ActNotPossible(`The request is ${request.status}.`);
  else await refuseUnconfirmed(place);
  const stored = await readPlan<Plan>(tx, { tenant, requestId: request.id }, request.plan_revision);
  if (stored && !stored.plan.steps.some((step) => step.accessCritical))
    throw new ActNotPossible('None of the steps that were asked for locks anybody out. Ask for one that does.');
  await refuseBraked(place, place.now.toISOString());
  return { act: 'lock_out' };
}

async function isOrdered({ tx, tenant, request }: ActPlace): Promise<boolean> {
  const found = await tx
    .selectFrom('acts')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('request_id', '=', request.id)
    .where('act', '=', 'lock_out')
    .executeTakeFirst();
  return found !== undefined;
}

async function refuseDone(place: ActPlace): Promise<void> {
  const run = openRun(place);
  const critical = new Set(run.plan.steps.filter((step) => step.accessCritical).map((step) => step.id));
  const steps = await readSteps(place.tx, place.tenant, run.id);
  if (steps.every((step) => !critical.has(step.step_id) || step.status === 'ended'))
    throw new ActNotPossible('Every step that locks out has ended already.');
}

async function refuseUnconfirmed({ tx, tenant, request }: ActPlace): Promise<void> {
  const accounts = (await listProtectedAccounts(tx, [tenant])).map(toProtectedAccount);
  const isProtected = protectionsOf(accounts, { name: request.subject, identity: null }).length > 0;
  if (!request.needs_second_person && !isProtected) return;
  const confirmed = await tx
    .selectFrom('confirmations')
    .select('confirmed_by')
    .where('tenant_id', '=', tenant)
    .where('request_id', '=', request.id)
    .where('revision', '=', request.plan_revision)
    .executeTakeFirst();
  if (!confirmed)
    throw new ActNotPossible(
      'This account needs a second person at the MSP: have the plan confirmed first, then lock out.',
    );
}
