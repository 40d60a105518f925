import { absenceSubmitted, moverSubmitted, offboardingSubmitted, onboardingSubmitted } from '#libs/events';
import type { Reader } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { absenceBody, type AbsenceWish } from '../model/absence-body.js';
import { confidentialityOf, type ConfidentialWish } from '../model/confidential.model.js';
import { moverBody, type MoverWish } from '../model/mover-body.js';
import { offboardingBody, type OffboardingWish } from '../model/offboarding-body.js';
import { onboardingBody, type OnboardingWish } from '../model/onboarding-body.js';
import type { Accepted, AcceptRequests, KnownAtAcceptance, RequestDraft } from './accept-requests.js';

/** What a customer asks for, by the type of request. */
export type Submission = (
  | { readonly type: 'onboarding'; readonly wish: OnboardingWish }
  | { readonly type: 'offboarding'; readonly wish: OffboardingWish }
  | { readonly type: 'mover'; readonly wish: MoverWish }
  | { readonly type: 'absence'; readonly wish: AbsenceWish }
) & {
  /** Absent: whoever may read requests sees it. */
  readonly confidential?: ConfidentialWish | undefined;
  /** The ticket that it is made for. */
  readonly ticketId?: string | undefined;
};

/** Takes a customer's request in. */
export class SubmitRequest {
  constructor(private readonly requests: AcceptRequests) {}

  /** Throws what `draftOf` and `AcceptRequests.accept` throw; then nothing is committed. */
  execute(call: CallKey, requester: Reader, submission: Submission): Promise<Accepted> {
    return this.requests.accept(call, requester, submission.type, (known) => draftOf(submission, known));
  }
}

/**
 * The request that a submission and the customer's template make. Throws what the body of its type throws,
 * `ConfidentialUntilPast` and `ConfidentialUntilTooFar`.
 */
export function draftOf(submission: Submission, known: KnownAtAcceptance): RequestDraft {
  const { drawn, onlyOne } = drawnBy(submission, known);
  const { confidential: wish, ticketId = null } = submission;
  return {
    subject: drawn.body.user,
    ...drawn,
    templateVersion: known.template?.version ?? null,
    onlyOne,
    ticketId,
    confidential: wish ? confidentialityOf(wish, drawn.body.startsAt, known.at) : null,
  };
}

type Drawn = Pick<RequestDraft, 'body' | 'submitted'>;

function drawnBy(
  submission: Submission,
  known: KnownAtAcceptance,
): { readonly drawn: Drawn; readonly onlyOne: string | null } {
  switch (submission.type) {
    case 'onboarding':
      return { drawn: { body: onboardingBody(submission.wish, known), submitted: onboardingSubmitted }, onlyOne: null };
    case 'offboarding': {
      const body = offboardingBody(submission.wish, known);
      // directories compare login names without regard to capitals
      const onlyOne = `offboarding:${body.user.toLowerCase()}`;
      return { drawn: { body, submitted: offboardingSubmitted }, onlyOne };
    }
    case 'mover':
      return { drawn: { body: moverBody(submission.wish, known), submitted: moverSubmitted }, onlyOne: null };
    case 'absence':
      return { drawn: { body: absenceBody(submission.wish, known), submitted: absenceSubmitted }, onlyOne: null };
  }
}
