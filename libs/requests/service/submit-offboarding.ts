import { offboardingSubmitted } from '#libs/events';
import { newId } from '#libs/kernel';
import type { Database, Transaction } from '#libs/platform/database';
import { openCall, type CallKey, type OpenCall } from '#libs/platform/idempotency';
import { prepareEvent, type OutboxHint } from '#libs/platform/outbox';
import { lastWorkingInstant } from '../model/last-working-at.model.js';
import {
  DEFAULT_OFFBOARDING_STEPS,
  type Notify,
  type OffboardingBody,
  type OffboardingStep,
} from '../model/offboarding-steps.js';
import { NoStepSelected } from '../model/request.errors.js';
import { insertRequest } from '../store/request.store.js';

/** What a customer asks for; `steps` absent means the usual ones. */
export interface OffboardingWish {
  readonly user: string;
  readonly lastWorkingAt: string;
  readonly steps: readonly OffboardingStep[] | null;
  readonly reference: string | null;
  readonly notify: Notify | null;
}

/** The answer to a submission: the request is committed and a run will take it to an end. */
export interface Accepted {
  readonly id: string;
  readonly status: 'planning';
}

/** Takes a leaver's off-boarding in: request, event and kept answer commit together (design, rule 1). */
export class SubmitOffboarding {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /**
   * Throws `NoStepSelected`, `LastWorkingAtNonexistent`, `LastWorkingAtPast`, `LastWorkingAtTooFar`,
   * `IdempotencyInProgress` or `IdempotencyKeyReused`; then nothing is committed and the key is not used up.
   */
  async execute(call: CallKey, requestedBy: string, wish: OffboardingWish): Promise<Accepted> {
    const accepted = await this.database.transaction().execute(async (tx) => {
      const opened = await openCall(tx, call);
      return (opened.firstAnswer as Accepted | null) ?? this.accept(tx, call, opened, requestedBy, wish);
    });
    this.hint.give();
    return accepted;
  }

  private async accept(
    tx: Transaction,
    call: CallKey,
    opened: OpenCall,
    requestedBy: string,
    wish: OffboardingWish,
  ): Promise<Accepted> {
    const body = offboardingBody(wish, opened);
    const { tenant } = call;
    const id = newId();
    const answer: Accepted = { id, status: 'planning' };
    const origin = { tenant, aggregate: `request/${id}`, correlationId: id, causationId: null, at: opened.at };
    const event = prepareEvent(offboardingSubmitted, origin, { requestId: id });
    await insertRequest(tx, { tenant, id, subject: body.user, body, requestedBy }, event, {
      call,
      status: 202,
      answer: { ...answer },
    });
    return answer;
  }
}

function offboardingBody(wish: OffboardingWish, { timeZone, at }: OpenCall): OffboardingBody {
  const steps = wish.steps ?? DEFAULT_OFFBOARDING_STEPS;
  if (steps.length === 0)
    throw new NoStepSelected('Select at least one step, or leave `steps` out for the usual ones.');
  const startsAt = lastWorkingInstant(wish.lastWorkingAt, timeZone, at).toISOString();
  const { user, lastWorkingAt, reference, notify } = wish;
  return { type: 'offboarding', user, lastWorkingAt, startsAt, steps, reference, notify };
}
