import { createHash } from 'node:crypto';
import { sql, type RawBuilder } from 'kysely';
import { toHeaders, type EventData, type EventDefinition } from '#libs/events';
import { AppError, newId } from '#libs/kernel';
import type { Transaction } from '../database/index.js';

/** Over 256 KB: large content goes by reference. */
export class EventTooLarge extends AppError {
  readonly code = 'event.too_large';
  readonly title = 'An event is larger than 256 KB';
  readonly kind = 'too_large';
}

const LIMIT_BYTES = 256 * 1024;
/** SQL: the transaction's time as an event tells it. The business's clock is PostgreSQL's. */
export const EVENT_TIME = sql`to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
export const OUTBOX_SHARDS = 16;

export interface EventOrigin {
  readonly tenant: string;
  /** `<noun>/<id>`: events of one aggregate keep their order. */
  readonly aggregate: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  /** Given where the event must have the same id at a repeat. */
  readonly id?: string;
  /** When it happened, where that was before this transaction; else PostgreSQL's time of the transaction. */
  readonly at?: Date;
}

/** An event ready for the outbox; `insertEvents` and hand-written statements write it. */
export interface OutboxRecord {
  readonly tenant_id: string;
  readonly event_id: string;
  readonly shard: number;
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
}

/** Which of the relay's shards a key belongs to: all events of a key share one, hence one sender at a time. */
export function shardOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt16BE(0) % OUTBOX_SHARDS;
}

/** Makes an event ready for the outbox. Throws `EventTooLarge`. */
export function prepareEvent<Definition extends EventDefinition>(
  definition: Definition,
  origin: EventOrigin,
  data: EventData<Definition>,
): OutboxRecord {
  const value = Buffer.from(JSON.stringify(data));
  if (value.length > LIMIT_BYTES)
    throw new EventTooLarge(`${definition.type} has ${value.length} bytes; send a reference instead.`);
  const key = `${origin.tenant}/${origin.aggregate}`;
  const id = origin.id ?? newId();
  const headers = toHeaders({
    id,
    source: `/stellwerk/${definition.topic.split('.')[1]}`,
    type: definition.type,
    ...(origin.at ? { time: origin.at.toISOString() } : {}),
    partitionkey: key,
    tenantid: origin.tenant,
    correlationid: origin.correlationId,
    causationid: origin.causationId,
  });
  return { tenant_id: origin.tenant, event_id: id, shard: shardOf(key), topic: definition.topic, key, headers, value };
}

/**
 * Appends an event in the transaction that changes the state it tells of (transactional outbox). The row of the key is
 * locked first, so that sequences follow commits. Gives the event's id.
 */
export async function appendEvent<Definition extends EventDefinition>(
  tx: Transaction,
  definition: Definition,
  origin: EventOrigin,
  data: EventData<Definition>,
): Promise<string> {
  const record = prepareEvent(definition, origin, data);
  await insertRecord(tx, record);
  return record.event_id;
}

/**
 * Writes a prepared record, giving it its key's next sequence. `alongside` are further writing statements that run in
 * the same round trip.
 */
export async function insertRecord(
  tx: Transaction,
  record: OutboxRecord,
  alongside: readonly RawBuilder<unknown>[] = [],
): Promise<void> {
  const headers = sql`jsonb_build_object('ce_time', ${EVENT_TIME})
    || ${JSON.stringify(record.headers)}::jsonb || jsonb_build_object('ce_sequence', sequence::text)`;
  await insertWithHeaders(tx, record, headers, alongside);
}

/** Writes a record whose headers, a sequence among them, are final: something that is sent again. */
export async function insertRecordAsItIs(tx: Transaction, record: OutboxRecord): Promise<void> {
  await insertWithHeaders(tx, record, sql`${JSON.stringify(record.headers)}::jsonb`, []);
}

async function insertWithHeaders(
  tx: Transaction,
  record: OutboxRecord,
  headers: RawBuilder<unknown>,
  alongside: readonly RawBuilder<unknown>[],
): Promise<void> {
  const others = alongside.map((statement, index) => sql`${sql.ref(`other_${index}`)} AS (${statement}), `);
  await sql`
    WITH ${sql.join(others, sql``)} next AS (
      INSERT INTO event_keys (tenant_id, key, sequence) VALUES (${record.tenant_id}, ${record.key}, 1)
      ON CONFLICT (tenant_id, key) DO UPDATE SET sequence = event_keys.sequence + 1
      RETURNING sequence
    )
    INSERT INTO outbox (tenant_id, event_id, shard, topic, key, sequence, headers, value)
    SELECT ${record.tenant_id}, ${record.event_id}, ${record.shard}, ${record.topic}, ${record.key}, sequence, ${headers}, ${record.value}
    FROM next`.execute(tx);
}
