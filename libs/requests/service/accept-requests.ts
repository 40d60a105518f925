import { setTimeout as pause } from 'node:timers/promises';
import type { EventDefinition } from '#libs/events';
import { newId, type JsonObject } from '#libs/kernel';
import type { Reader } from '#libs/platform/access';
import {
  inTenants,
  isDatabaseUnavailable,
  isUniqueViolation,
  TenantGatherings,
  type Database,
  type Reply,
  type Transaction,
} from '#libs/platform/database';
import {
  firstAnswerTo,
  IdempotencyInProgress,
  inProgress,
  placeOf,
  type CallKey,
  type KeptAnswer,
} from '#libs/platform/idempotency';
import { prepareEvent, type OutboxHint } from '#libs/platform/outbox';
import {
  readAcceptanceBasis,
  takeCalls,
  type AcceptanceBasis,
  type AcceptedRequest,
  type CallEntry,
} from '../store/accepted-request.store.js';
import type { Confidentiality } from '../model/confidential.model.js';
import { AlreadyOpen, RequestNotTaken } from '../model/onboarding.errors.js';
import { TenantNotLive, TenantTakesNoRequests } from '../model/request.errors.js';
import { findOpenRequest, ONLY_ONE_INDEX, type RequestBody } from '../store/request.store.js';

const ATTEMPTS = 10;
const PAUSE_MS = 20;

/** The answer to a submission: the request is committed and a run will take it to an end. */
export interface Accepted {
  readonly id: string;
  readonly status: 'planning';
}

/** A customer's template of a process, as it stands now. */
export interface StoredTemplate {
  readonly version: number;
  readonly content: JsonObject;
}

/** What a request is drawn from, apart from the caller's wish: read right before it is accepted. */
export interface KnownAtAcceptance {
  /** PostgreSQL's time: business time is compared with this. */
  readonly at: Date;
  /** IANA zone of the tenant that is written for. */
  readonly timeZone: string;
  /** The tenant's template of this type of request; null where it has none. */
  readonly template: StoredTemplate | null;
}

/** A request before it has an id. */
export interface RequestDraft {
  /** Whom it is about. */
  readonly subject: string;
  readonly body: RequestBody;
  /** The event that tells of it; its data are `{requestId}` and `eventData`. */
  readonly submitted: EventDefinition;
  readonly eventData?: JsonObject;
  /** The template's version that it was drawn from, kept for the run; null without a template. */
  readonly templateVersion: number | null;
  /** What only one open request may be about, e.g. `offboarding:eva.beck`; null: there may be any number. */
  readonly onlyOne?: string | null;
  /** Absent or null: whoever may read requests sees it. */
  readonly confidential?: Confidentiality | null;
  /** The ticket of the same customer that it is made for; its end is told there. */
  readonly ticketId?: string | null;
}

/** Draws a request: a pure function of its process. What it throws is the caller's answer, and the key is not used up. */
export type DrawRequest = (known: KnownAtAcceptance) => RequestDraft;

/** One call that asks for a request. */
interface Submission {
  readonly call: CallKey;
  readonly requester: Reader;
  readonly type: RequestBody['type'];
  readonly draw: DrawRequest;
}

/** More in one trip would make the first wait for the last; fewer would not be worth a second one beside it. */
const TOGETHER = { most: 64, crowd: 12 };

/**
 * Takes requests of every type in: request, event and kept answer commit together (design, rule 1). Calls of one tenant
 * that arrive together share a transaction, because round trips and commits are what accepting costs; each has its own
 * answer, and none fails for another's fault.
 */
export class AcceptRequests {
  private readonly gatherings: TenantGatherings<Submission, Accepted>;

  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {
    this.gatherings = new TenantGatherings(TOGETHER, (tenant, submissions) => this.take(tenant, submissions));
  }

  /**
   * Throws what `draw` throws, `AlreadyOpen`, `RequestNotTaken`, `IdempotencyInProgress` or `IdempotencyKeyReused`; then
   * nothing is committed and the key is not used up.
   */
  accept(call: CallKey, requester: Reader, type: RequestBody['type'], draw: DrawRequest): Promise<Accepted> {
    return this.gatherings.ask(call.tenant, { call, requester, type, draw });
  }

  /** A call whose key another one of the same trip has comes again in the next: there it finds the answer, or its turn. */
  private async take(tenant: string, all: readonly Submission[]): Promise<Reply<Accepted>[]> {
    const leading = new Map<string, Submission>();
    for (const one of all) if (!leading.has(placeOf(one.call))) leading.set(placeOf(one.call), one);
    const submissions = [...leading.values()];
    const replies = await this.commit(tenant, submissions).catch(async (error: unknown) => {
      if (isDatabaseUnavailable(error) || isAboutTenant(error)) throw error;
      if (submissions.length === 1) throw await this.openInstead(tenant, submissions[0]!.requester, error);
      return this.commitEach(tenant, submissions);
    });
    this.hint.give();
    const replyOf = new Map(submissions.map((one, index) => [one, replies[index]!]));
    return all.map((one) => replyOf.get(one) ?? 'again');
  }

  /** One of them is refused by the database, and with it the statement of all: alone, each meets its own fate. */
  private commitEach(tenant: string, submissions: readonly Submission[]): Promise<Reply<Accepted>[]> {
    return Promise.all(
      submissions.map((one) =>
        this.commitAlone(tenant, one).then(
          (reply) => reply,
          async (error: unknown) => ({ error: await this.openInstead(tenant, one.requester, error) }),
        ),
      ),
    );
  }

  /** PostgreSQL tells of an error before it lets go of the failed transaction's locks: a key may be ours for a moment still. */
  private async commitAlone(tenant: string, submission: Submission): Promise<Reply<Accepted>> {
    for (let attempt = 1; ; attempt += 1) {
      const [reply] = await this.commit(tenant, [submission]);
      if (attempt === ATTEMPTS || !isInProgress(reply!)) return reply!;
      await pause(PAUSE_MS);
    }
  }

  /** The database keeps a second open request out: whoever may see the open one is told which. Any other error is given back. */
  private async openInstead(tenant: string, requester: Reader, error: unknown): Promise<unknown> {
    if (!(error instanceof OnlyOneTaken)) return error;
    const find = (tx: Transaction) => findOpenRequest(tx, requester, tenant, error.onlyOne);
    const open = await inTenants(this.database, [tenant], find);
    // closed in this very moment
    if (!open) return new RequestNotTaken('It came at a bad moment. Send it again.');
    if (!open.isShown) return notTaken();
    const context = { requestId: open.id };
    return new AlreadyOpen(`The request ${open.id} is open. Wait for its end, or cancel it.`, { context });
  }

  private async commit(tenant: string, submissions: readonly Submission[]): Promise<Reply<Accepted>[]> {
    const types = [...new Set(submissions.map(({ type }) => type))];
    const basis = await readAcceptanceBasis(this.database, tenant, types);
    const drawn = submissions.map((submission) => drawnFrom(submission, basis));
    const requests = drawn.map((one) => ('error' in one ? null : one));
    const calls = submissions.map(({ call }) => call);
    const entries = await takeCalls(this.database, tenant, calls, requests).catch((error: unknown) =>
      refused(error, requests),
    );
    return submissions.map(({ call }, index) => replyOf(call, entries[index]!, drawn[index]!));
  }
}

function isInProgress(reply: Reply<Accepted>): boolean {
  return reply !== 'again' && 'error' in reply && reply.error instanceof IdempotencyInProgress;
}

/** An earlier answer counts before what the drawing threw: a repeat may come when its first call would be too late. */
function replyOf(call: CallKey, entry: CallEntry, drawn: Drawn): Reply<Accepted> {
  if (entry === 'in_progress') return { error: inProgress() };
  if (entry !== 'new') return firstReply(call, entry);
  return 'error' in drawn ? drawn : { answer: drawn.kept!.answer as unknown as Accepted };
}

function firstReply(call: CallKey, kept: KeptAnswer): Reply<Accepted> {
  try {
    return { answer: firstAnswerTo(call, kept) as unknown as Accepted };
  } catch (error) {
    return { error };
  }
}

/** The request with event and answer, or what its process refused it for. */
type Drawn = AcceptedRequest | { readonly error: unknown };

function drawnFrom(submission: Submission, { at, timeZone, templates }: AcceptanceBasis): Drawn {
  const template = templates.find((one) => one.process === submission.type) ?? null;
  try {
    return requestFrom(submission, submission.draw({ at, timeZone, template }), at);
  } catch (error) {
    return { error };
  }
}

function requestFrom({ call, requester }: Submission, draft: RequestDraft, at: Date): AcceptedRequest {
  const { tenant } = call;
  const {
    subject,
    body,
    submitted,
    eventData,
    templateVersion,
    onlyOne = null,
    confidential = null,
    ticketId = null,
  } = draft;
  const id = newId();
  const answer: Accepted = { id, status: 'planning' };
  const origin = { tenant, aggregate: `request/${id}`, correlationId: id, causationId: null, at };
  const event = prepareEvent(submitted, origin, { requestId: id, ...eventData });
  return {
    request: {
      tenant,
      id,
      subject,
      body,
      requestedBy: requester.subject,
      templateVersion,
      onlyOne,
      confidential,
      ticketId,
    },
    event,
    kept: { call, status: 202, answer: { ...answer } },
  };
}

/** Says nothing of why, because the reason is not for this caller. */
export function notTaken(): RequestNotTaken {
  return new RequestNotTaken('A request for this user cannot be taken now. Ask those who approve at the customer.');
}

/** The one open request of its kind was there already. */
class OnlyOneTaken extends Error {
  constructor(
    readonly onlyOne: string,
    cause: unknown,
  ) {
    super('an open request has this already', { cause });
  }
}

/** Several together are tried again one by one, and then each knows which it was. */
function refused(error: unknown, requests: readonly (AcceptedRequest | null)[]): never {
  const onlyOne = requests[0]?.request.onlyOne ?? null;
  if (requests.length > 1 || onlyOne === null || !isUniqueViolation(error, ONLY_ONE_INDEX)) throw error;
  throw new OnlyOneTaken(onlyOne, error);
}

/** What holds for all requests of a customer is every one's answer. */
function isAboutTenant(error: unknown): boolean {
  return error instanceof TenantNotLive || error instanceof TenantTakesNoRequests;
}
