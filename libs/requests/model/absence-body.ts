import { ABSENCE_STEPS, DEFAULT_ABSENCE_STEPS, type AbsenceBody, type AbsenceStep } from './absence-steps.js';
import { grantsOf, type GrantWish } from './grants-body.js';
import { requestedInstant } from './offsets-local-time.js';
import { daysAway, type Offsets } from './offsets.js';
import { TimesInDisorder } from './onboarding.errors.js';
import type { Notify } from './process-steps.js';
import { NoStepSelected } from './request.errors.js';
import {
  chosenManualSteps,
  chosenOffsets,
  selectedSteps,
  withFieldRules,
  type ManualStepWish,
} from './template-apply.js';
import { templateOf, type Known } from './template-known.js';

/** What a customer asks for. */
export interface AbsenceWish {
  readonly user: string;
  readonly from: string;
  readonly until: string;
  readonly steps?: readonly AbsenceStep[] | undefined;
  readonly offsets?: Offsets | undefined;
  readonly grants?: readonly GrantWish[] | undefined;
  readonly manualSteps?: readonly ManualStepWish[] | undefined;
  readonly reference?: string | undefined;
  readonly notify?: Notify | undefined;
}

/**
 * The request that a wish and the customer's template make. Throws `NoStepSelected`, `TimesInDisorder`,
 * `AgainstTemplate`, `OffsetNotAllowed`, and what `requestedInstant` and `grantsOf` throw.
 */
export function absenceBody(asked: AbsenceWish, known: Known): AbsenceBody {
  const template = templateOf(known);
  const wish = withFieldRules(asked, template);
  const steps = selectedSteps(wish.steps, template, ABSENCE_STEPS, DEFAULT_ABSENCE_STEPS);
  if (steps.length === 0)
    throw new NoStepSelected('Select at least one step, or leave `steps` out for the usual ones.');
  const { user, from, until, reference, notify } = wish;
  const startsAt = requestedInstant(from, 'from', known);
  const returnsAt = requestedInstant(until, 'until', known);
  const offsets = chosenOffsets(wish.offsets, template, steps);
  refuseDisorder(startsAt, returnsAt, offsets, known.timeZone);
  return {
    type: 'absence',
    user,
    from,
    until,
    startsAt,
    returnsAt,
    timeZone: known.timeZone,
    steps,
    offsets,
    grants: grantsOf(wish.grants, { user, startsAt }, known),
    manualSteps: chosenManualSteps(wish.manualSteps, template),
    reference: reference ?? null,
    notify: notify ?? null,
  };
}

/** Nobody comes back before the last step of the suspension. */
function refuseDisorder(startsAt: string, returnsAt: string, offsets: Offsets, timeZone: string): void {
  const latest = Math.max(0, ...Object.values(offsets));
  if (returnsAt > daysAway(startsAt, latest, timeZone)) return;
  throw new TimesInDisorder('The return does not come after the suspension and all of its steps.', {
    errors: [{ path: 'until', code: 'too_early', message: 'Name a later return.' }],
  });
}
