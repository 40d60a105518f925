import { grantsOf, type GrantWish } from './grants-body.js';
import { lastWorkingInstant } from './last-working-at.model.js';
import {
  ACCESS_CRITICAL_STEPS,
  DEFAULT_DEADLINE_MINUTES,
  DEFAULT_OFFBOARDING_STEPS,
  OFFBOARDING_STEPS,
  type OffboardingBody,
  type OffboardingStep,
} from './offboarding-steps.js';
import type { Offsets } from './offsets.js';
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
import type { ProcessTemplate } from './template-schema.js';

/** What a customer asks for; what is absent is as the template or the process has it. */
export interface OffboardingWish {
  readonly user: string;
  readonly lastWorkingAt: string;
  readonly steps?: readonly OffboardingStep[] | undefined;
  readonly offsets?: Offsets | undefined;
  readonly manualSteps?: readonly ManualStepWish[] | undefined;
  readonly grants?: readonly GrantWish[] | undefined;
  readonly reference?: string | undefined;
  readonly notify?: Notify | undefined;
}

/**
 * The request that a wish and the customer's template make. Throws `NoStepSelected`, `LastWorkingAtNonexistent`,
 * `LastWorkingAtPast`, `LastWorkingAtTooFar`, `AgainstTemplate`, `OffsetNotAllowed` and what `grantsOf` throws.
 */
export function offboardingBody(asked: OffboardingWish, known: Known): OffboardingBody {
  const template = templateOf(known);
  const wish = withFieldRules(asked, template);
  const steps = selectedSteps(wish.steps, template, OFFBOARDING_STEPS, DEFAULT_OFFBOARDING_STEPS);
  if (steps.length === 0)
    throw new NoStepSelected('Select at least one step, or leave `steps` out for the usual ones.');
  const { at, timeZone } = known;
  const { user, lastWorkingAt, reference, notify } = wish;
  const startsAt = lastWorkingInstant(lastWorkingAt, timeZone, at).toISOString();
  return {
    type: 'offboarding',
    user,
    lastWorkingAt,
    startsAt,
    steps,
    reference: reference ?? null,
    notify: notify ?? null,
    timeZone,
    offsets: chosenOffsets(wish.offsets, template, steps),
    deadlineMinutes: deadlines(steps, template),
    manualSteps: chosenManualSteps(wish.manualSteps, template),
    grants: grantsOf(wish.grants, { user, startsAt }, known),
  };
}

function deadlines(steps: readonly OffboardingStep[], { steps: rules = {} }: ProcessTemplate) {
  const critical = ACCESS_CRITICAL_STEPS.filter((id) => (steps as readonly string[]).includes(id));
  return Object.fromEntries(critical.map((id) => [id, rules[id]?.deadlineMinutes ?? DEFAULT_DEADLINE_MINUTES]));
}
