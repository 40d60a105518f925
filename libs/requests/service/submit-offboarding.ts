import { offboardingSubmitted } from '#libs/events';
import type { CallKey } from '#libs/platform/idempotency';
import { lastWorkingInstant } from '../model/last-working-at.model.js';
import { DEFAULT_OFFBOARDING_STEPS, type Notify, type OffboardingStep } from '../model/offboarding-steps.js';
import { NoStepSelected } from '../model/request.errors.js';
import type { Accepted, AcceptRequests, KnownAtAcceptance, RequestDraft } from './accept-requests.js';

/** What a customer asks for; `steps` absent means the usual ones. */
export interface OffboardingWish {
  readonly user: string;
  readonly lastWorkingAt: string;
  readonly steps: readonly OffboardingStep[] | null;
  readonly reference: string | null;
  readonly notify: Notify | null;
}

/** Takes a leaver's off-boarding in. */
export class SubmitOffboarding {
  constructor(private readonly requests: AcceptRequests) {}

  /** Throws what `draftOffboarding` and `AcceptRequests.accept` throw; then nothing is committed. */
  execute(call: CallKey, requestedBy: string, wish: OffboardingWish): Promise<Accepted> {
    return this.requests.accept(call, requestedBy, 'offboarding', (known) => draftOffboarding(wish, known));
  }
}

/** Throws `NoStepSelected`, `LastWorkingAtNonexistent`, `LastWorkingAtPast` or `LastWorkingAtTooFar`. */
export function draftOffboarding(wish: OffboardingWish, { at, timeZone }: KnownAtAcceptance): RequestDraft {
  const steps = wish.steps ?? DEFAULT_OFFBOARDING_STEPS;
  if (steps.length === 0)
    throw new NoStepSelected('Select at least one step, or leave `steps` out for the usual ones.');
  const startsAt = lastWorkingInstant(wish.lastWorkingAt, timeZone, at).toISOString();
  const { user, lastWorkingAt, reference, notify } = wish;
  return {
    subject: user,
    body: { type: 'offboarding', user, lastWorkingAt, startsAt, steps, reference, notify },
    submitted: offboardingSubmitted,
    templateVersion: null,
  };
}
