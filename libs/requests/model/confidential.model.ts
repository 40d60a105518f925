import { ConfidentialUntilPast, ConfidentialUntilTooFar } from './second-person.errors.js';

/** How a caller asks for a request to be confidential. */
export interface ConfidentialWish {
  /** An instant with an offset (RFC 3339); absent: when the run begins, e.g. a leaver's lock-out. */
  readonly until?: string | undefined;
  /** Subjects at the MSP that see it besides the requester and the customer's approvers. */
  readonly technicians?: readonly string[] | undefined;
}

/** Until when a request is confidential (UTC), and who is named in it, in lower case. */
export interface Confidentiality {
  readonly until: string;
  /** Nobody named a date: it is the start of the run, and moves with it. */
  readonly untilStart?: boolean;
  readonly confidants: readonly string[];
}

const ADDRESSING: readonly string[] = ['from', 'replyTo', 'to', 'cc', 'bcc'];
const FURTHEST_DAYS = 400;
const DAY_MS = 86_400_000;

/**
 * The confidentiality of a request that begins at `startsAt`, judged at the instant `at`. Throws `ConfidentialUntilPast`
 * or `ConfidentialUntilTooFar` (more than 400 days).
 */
export function confidentialityOf(wish: ConfidentialWish, startsAt: string, at: Date): Confidentiality {
  const until = Date.parse(wish.until ?? startsAt);
  if (wish.until !== undefined && until <= at.getTime())
    throw new ConfidentialUntilPast('Give an instant that is still to come, or leave it out for the start of the run.');
  if (until > at.getTime() + FURTHEST_DAYS * DAY_MS)
    throw new ConfidentialUntilTooFar(`A request is confidential for ${FURTHEST_DAYS} days at most.`);
  const confidants = [...new Set((wish.technicians ?? []).map((subject) => subject.toLowerCase()))];
  return { until: new Date(until).toISOString(), untilStart: wish.until === undefined, confidants };
}

/** A message to somebody outside: what of a step matters here. */
export interface Telling {
  readonly block: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Not before this instant (UTC); null: when the run begins. */
  readonly notBefore: string | null;
}

/**
 * The step as it may be told while its request is confidential: a mail or a call that may go out before `until` names the
 * request by its id only, and nobody else.
 */
export function withoutNames<Step extends Telling>(
  step: Step,
  request: { readonly id: string; readonly startsAt: string; readonly confidentialUntil: string | null },
): Step {
  const { id, startsAt, confidentialUntil } = request;
  if (confidentialUntil === null || Date.parse(confidentialUntil) <= Date.parse(step.notBefore ?? startsAt))
    return step;
  switch (step.block) {
    case 'mail.send':
      return { ...step, input: { ...withoutContent(step.input), subject: `Request ${id}`, text: mailText(id) } };
    case 'password.hand-over':
      return { ...step, input: { ...step.input, userName: `Request ${id}` } };
    case 'http.call':
      return 'body' in step.input
        ? { ...step, input: { ...step.input, body: { event: 'run.ran', requestId: id } } }
        : step;
    default:
      return step;
  }
}

/** A mail's input without what its text says: the sender and the recipients stay. */
function withoutContent(input: Telling['input']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([field]) => ADDRESSING.includes(field)));
}

function mailText(id: string): string {
  return `Steps of the request ${id} have run. It is confidential: sign in to see it.\n\nSchritte der Anfrage ${id} sind gelaufen. Sie ist vertraulich: nach der Anmeldung ist sie zu sehen.\n`;
}
