import type { EventDefinition } from '#libs/events';
import { newId, type JsonObject } from '#libs/kernel';
import type { Database, Transaction } from '#libs/platform/database';
import { openCall, type CallKey, type OpenCall } from '#libs/platform/idempotency';
import { prepareEvent, type OutboxHint } from '#libs/platform/outbox';
import { insertRequest, type RequestBody } from '../store/request.store.js';

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

/** What a request is drawn from, apart from the caller's wish: read in the transaction that accepts it. */
export interface KnownAtAcceptance {
  /** The transaction's time: business time is compared with this. */
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
}

/** Draws a request: a pure function of its process. What it throws is the caller's answer, and the key is not used up. */
export type DrawRequest = (known: KnownAtAcceptance) => RequestDraft;

/** Takes requests of every type in: request, event and kept answer commit together (design, rule 1). */
export class AcceptRequests {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /**
   * Throws what `draw` throws, `IdempotencyInProgress` or `IdempotencyKeyReused`; then nothing is committed and the key is
   * not used up.
   */
  async accept(call: CallKey, requestedBy: string, type: RequestBody['type'], draw: DrawRequest): Promise<Accepted> {
    const accepted = await this.database.transaction().execute(async (tx) => {
      const opened = await openCall(tx, call);
      if (opened.firstAnswer) return opened.firstAnswer as unknown as Accepted;
      return this.write(tx, call, opened, requestedBy, draw(await knownAtAcceptance(tx, call.tenant, type, opened)));
    });
    this.hint.give();
    return accepted;
  }

  private async write(
    tx: Transaction,
    call: CallKey,
    { at }: OpenCall,
    requestedBy: string,
    { subject, body, submitted, eventData }: RequestDraft,
  ): Promise<Accepted> {
    const { tenant } = call;
    const id = newId();
    const answer: Accepted = { id, status: 'planning' };
    const origin = { tenant, aggregate: `request/${id}`, correlationId: id, causationId: null, at };
    const event = prepareEvent(submitted, origin, { requestId: id, ...eventData });
    await insertRequest(tx, { tenant, id, subject, body, requestedBy }, event, {
      call,
      status: 202,
      answer: { ...answer },
    });
    return answer;
  }
}

/** The one place that reads what a draft needs; no type of request has templates yet. */
async function knownAtAcceptance(
  _tx: Transaction,
  _tenant: string,
  _type: RequestBody['type'],
  { at, timeZone }: OpenCall,
): Promise<KnownAtAcceptance> {
  return Promise.resolve({ at, timeZone, template: null });
}
