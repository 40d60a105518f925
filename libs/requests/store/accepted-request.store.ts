import { sql } from 'kysely';
import type { Json } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import { EVENT_TIME, type OutboxRecord } from '#libs/platform/outbox';
import type { NewRequest } from './request.store.js';

/** A new request with its event and the answer that is kept under its caller's key; null where another keeps it for all. */
export interface AcceptedRequest {
  readonly request: NewRequest;
  readonly event: OutboxRecord;
  readonly kept: { readonly call: CallKey; readonly status: number; readonly answer: Json } | null;
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
  await sql`
    WITH new AS MATERIALIZED (
      SELECT * FROM json_to_recordset(${JSON.stringify(accepted.map(rowOf))}) AS n (
        id uuid, type text, subject text, body jsonb, requested_by text,
        template_version int, only_one text, confidential_until timestamptz, confidants jsonb,
        caller text, idempotency_key text, fingerprint text, status int, answer jsonb,
        event_id uuid, shard smallint, topic text, key text, headers jsonb, value text)
    ), request AS (
      INSERT INTO requests (tenant_id, id, type, status, subject, body, requested_by, submitted_event_id,
        template_version, only_one, confidential_until, confidants)
      SELECT ${tenant}, id, type, 'planning', subject, body, requested_by, event_id, template_version, only_one,
        confidential_until, ARRAY(SELECT jsonb_array_elements_text(confidants)) FROM new
    ), answer AS (
      INSERT INTO idempotency_keys (tenant_id, caller, key, fingerprint, status, answer)
      SELECT ${tenant}, caller, idempotency_key, decode(fingerprint, 'hex'), status, answer FROM new
      WHERE idempotency_key IS NOT NULL
    ), next AS (
      INSERT INTO event_keys (tenant_id, key, sequence) SELECT ${tenant}, key, 1 FROM new
      ON CONFLICT (tenant_id, key) DO UPDATE SET sequence = event_keys.sequence + 1
      RETURNING key, sequence
    )
    INSERT INTO outbox (tenant_id, event_id, shard, topic, key, sequence, headers, value)
    SELECT ${tenant}, event_id, shard, topic, key, sequence,
      jsonb_build_object('ce_time', ${EVENT_TIME}) || headers || jsonb_build_object('ce_sequence', sequence::text), convert_to(value, 'UTF8')
    FROM new JOIN next USING (key)`.execute(tx);
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
    confidants: confidential?.confidants ?? [],
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
