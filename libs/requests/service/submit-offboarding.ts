import { offboardingSubmitted } from '#libs/events';
import type { CallKey } from '#libs/platform/idempotency';
import { offboardingBody, type OffboardingWish } from '../model/offboarding-body.js';
import type { Accepted, AcceptRequests, KnownAtAcceptance, RequestDraft } from './accept-requests.js';

/** Takes a leaver's off-boarding in. */
export class SubmitOffboarding {
  constructor(private readonly requests: AcceptRequests) {}

  /** Throws what `draftOffboarding` and `AcceptRequests.accept` throw; then nothing is committed. */
  execute(call: CallKey, requestedBy: string, wish: OffboardingWish): Promise<Accepted> {
    return this.requests.accept(call, requestedBy, 'offboarding', (known) => draftOffboarding(wish, known));
  }
}

/** Throws what `offboardingBody` throws. */
export function draftOffboarding(wish: OffboardingWish, known: KnownAtAcceptance): RequestDraft {
  const body = offboardingBody(wish, known);
  return {
    subject: body.user,
    body,
    submitted: offboardingSubmitted,
    templateVersion: known.template?.version ?? null,
  };
}
