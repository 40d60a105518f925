import { sql } from 'kysely';
import type { Json, JsonObject } from '#libs/kernel';
import { json, type Database, type Transaction } from '#libs/platform/database';
import { lockNameOf, type CallKey, type KeptAnswer } from '#libs/platform/idempotency';
import type { OutboxRecord } from '#libs/platform/outbox';
import type { NewRequest } from './request.store.js';
import { refusedForTenant } from './tenant-refusal.js';

/** A new request with its event and the answer that is kept under its caller's key; null where another keeps it for all. */
export interface AcceptedRequest {
  readonly request: NewRequest;
  readonly event: OutboxRecord;
  readonly kept: { readonly call: CallKey; readonly status: number; readonly answer: Json } | null;
}

/** What the requests of one moment are drawn from. */
export interface AcceptanceBasis {
  readonly at: Date;
  /** IANA zone of the tenant. */
  readonly timeZone: string;
  /** The newest template of each type that has one. */
  readonly templates: readonly {
    readonly process: string;
    readonly version: number;
    readonly content: JsonObject;
  }[];
}

/** Reads what requests of some types are drawn from, in a transaction of its own. */
export async function readAcceptanceBasis(
  database: Database,
  tenant: string,
  types: readonly string[],
): Promise<AcceptanceBasis> {
  const { rows } = await sql<{ at: Date; time_zone: string; templates: AcceptanceBasis['templates'] }>`
    SELECT * FROM known_at_acceptance(${tenant}, ${types}::text[])`.execute(database);
  const [found] = rows;
  if (!found) throw new Error(`There is no tenant ${tenant}.`);
  return { at: found.at, timeZone: found.time_zone, templates: found.templates };
}

/** How a call was met: it is new and its request was written, its key is locked by somebody else, or was used. */
export type CallEntry = 'new' | 'in_progress' | KeptAnswer;

/**
 * Takes calls of one tenant in, in one statement, so that all of it commits or nothing: their keys are locked without
 * waiting, earlier answers are looked up, and the requests of new calls are written. `drawn` has a request, or null, for
 * each call. The calls' keys must differ. Gives the entries in the order of the calls.
 */
export async function takeCalls(
  database: Database,
  tenant: string,
  calls: readonly CallKey[],
  drawn: readonly (AcceptedRequest | null)[],
): Promise<readonly CallEntry[]> {
  const asked = calls.map((call) => ({ lock: lockNameOf(call), caller: call.caller, key: call.key }));
  const requests = drawn.flatMap((one, place) => (one ? [{ place, ...rowOf(one) }] : []));
  const { rows } = await sql<{ ours: boolean[]; kept: (KeptAnswer & { place: number })[] }>`
    SELECT ours, kept FROM accept_requests(${tenant}, ${json(asked)}, ${json(requests)})`
    .execute(database)
    .catch(refusedForTenant(tenant));
  const { ours, kept } = rows[0]!;
  const answers = new Map(kept.map((one) => [one.place, one]));
  return calls.map((_, place) => (ours[place] ? (answers.get(place) ?? 'new') : 'in_progress'));
}

/**
 * Writes new requests of one tenant, each with its event and its kept answer: one statement, so that all of it commits or
 * nothing. The requests' ids must be new and differ.
 */
export async function insertRequests(
  tx: Transaction,
  tenant: string,
  accepted: readonly AcceptedRequest[],
): Promise<void> {
  await sql`SELECT insert_requests(${tenant}, ${json(accepted.map(rowOf))})`
    .execute(tx)
    .catch(refusedForTenant(tenant));
}

function rowOf({ request, event, kept }: AcceptedRequest) {
  const { id, body, subject, requestedBy, confidential } = request;
  const { event_id, shard, topic, key, headers, value } = event;
  return {
    id,
    type: body.type,
    subject,
    body,
    requested_by: requestedBy,
    template_version: request.templateVersion ?? null,
    only_one: request.onlyOne ?? null,
    confidential_until: confidential?.until ?? null,
    confidential_until_start: confidential?.untilStart ?? false,
    confidants: confidential?.confidants ?? [],
    ticket_id: request.ticketId ?? null,
    caller: kept?.call.caller ?? null,
    idempotency_key: kept?.call.key ?? null,
    fingerprint: kept?.call.fingerprint.toString('hex') ?? null,
    status: kept?.status ?? null,
    answer: kept?.answer ?? null,
    event_id,
    shard,
    topic,
    key,
    headers,
    value: value.toString('utf8'),
  };
}
