import { sql } from 'kysely';
import { closeRounds } from '#libs/approvals';
import { json } from '#libs/platform/database';
import type { RunAct } from '#libs/process/model';
import { daysAway, type RequestBody } from '#libs/requests';
import { ActNotPossible } from './act.errors.js';
import type { ActPlace, GivenAct } from './act-place.js';

/**
 * Plans a request anew for another instant (UTC), because an approval binds to the time too. Confidentiality that ends
 * with the lock-out moves with it. Throws `ActNotPossible`.
 */
export async function planAnew(place: ActPlace, given: GivenAct, at: string): Promise<RunAct> {
  const { tx, tenant, request } = place;
  if (given.stepId) throw new ActNotPossible('Single steps can be moved once the plan is approved.');
  refuseLateStart(request.body, at, place.timeZone);
  await tx
    .updateTable('requests')
    .set({
      body: json(bodyAt(request.body, at, given.at!)),
      status: 'planning',
      plan_hash: null,
      waiting_for: null,
      escalation: null,
      updated_at: sql<Date>`now()`,
      ...(request.confidential_until_start ? { confidential_until: at } : {}),
    })
    .where('tenant_id', '=', tenant)
    .where('id', '=', request.id)
    .execute();
  await closeRounds(tx, { tenant, kind: 'plan', id: request.id }, 'superseded');
  return { act: 'reschedule', times: { startsAt: at, steps: {} } };
}

/** What ends on a day of its own ends after it began. */
function refuseLateStart(body: RequestBody, at: string, timeZone: string): void {
  if ('returnsAt' in body) {
    const latest = Math.max(0, ...Object.values(body.offsets));
    if (body.returnsAt <= daysAway(at, latest, timeZone))
      throw new ActNotPossible(`The absence ends at ${body.returnsAt}; a start after that is none.`);
  }
  const grants = 'grants' in body ? (body.grants ?? []) : [];
  const over = grants.find((grant) => grant.until <= at);
  if (over) throw new ActNotPossible(`The grant ${over.kind} ends at ${over.until}; a start after that is none.`);
}

/** The request with its new time, also where it says the time as it was sent. */
function bodyAt(body: RequestBody, startsAt: string, asSent: string): RequestBody {
  switch (body.type) {
    case 'offboarding':
      return { ...body, startsAt, lastWorkingAt: asSent };
    case 'onboarding':
      return { ...body, startsAt, firstDayAt: asSent };
    case 'mover':
      return { ...body, startsAt, effectiveAt: asSent };
    case 'absence':
      return { ...body, startsAt, from: asSent };
    case 'reinstatement':
      return { ...body, startsAt };
  }
}
