import { newId, type AppError } from '#libs/kernel';
import { json, type Database } from '#libs/platform/database';
import type { ReceivedRecord } from '#libs/platform/kafka';

export interface Burial {
  readonly record: ReceivedRecord;
  readonly tenant: string;
  readonly error: AppError;
}

const LONGEST_REASON = 4_000;

/** The dead-letter desk: what could not be delivered, with its bytes, its place and the reason. */
export class DeadLetterStore {
  constructor(private readonly database: Database) {}

  /** Keeps these records. Safe to repeat: a record's place in the log is unique. */
  async bury(burials: readonly Burial[]): Promise<void> {
    if (burials.length === 0) return;
    await this.database
      .insertInto('dead_letters')
      .values(
        burials.map(({ record, tenant, error }) => ({
          tenant_id: tenant,
          id: newId(),
          topic: record.topic,
          partition: record.partition,
          kafka_offset: Number(record.offset),
          key: record.key,
          value: record.value,
          headers: json(storableHeaders(record)),
          code: error.code,
          reason: storable(error.message).slice(0, LONGEST_REASON),
        })),
      )
      .onConflict((conflict) => conflict.constraint('dead_letters_place').doNothing())
      .execute();
  }
}

/**
 * Headers as JSON that PostgreSQL takes. The bytes of a value that is no UTF-8 or holds a NUL stand in base64 beside it,
 * under `<name>;base64`, so that nothing of the record is lost.
 */
export function storableHeaders(record: Pick<ReceivedRecord, 'headers' | 'undecodable'>): Record<string, string> {
  const headers = Object.entries(record.headers).flatMap(([name, text]): [string, string][] => {
    const kept = storable(text);
    const bytes = record.undecodable[name] ?? (kept === text ? null : Buffer.from(text));
    return bytes === null
      ? [[storable(name), kept]]
      : [
          [storable(name), kept],
          [`${storable(name)};base64`, bytes.toString('base64')],
        ];
  });
  return Object.fromEntries(headers);
}

/** Text without what PostgreSQL refuses: NUL and halves of surrogate pairs become U+FFFD. */
function storable(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '\ufffd');
}
