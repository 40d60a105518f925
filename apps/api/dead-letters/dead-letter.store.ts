import { sql } from 'kysely';
import { appendAudit } from '#libs/platform/audit';
import type { Row, Transaction } from '#libs/platform/database';
import type { Place } from '../http/cursor.js';

/** A letter as a list shows it: `value` may be only the first bytes of it. */
export interface ListedLetter extends Omit<Row<'dead_letters'>, 'content_hash'> {
  readonly value_bytes: number | null;
  readonly place: number;
}

export interface LetterFilter {
  readonly tenants: readonly string[];
  readonly after: Place | null;
  readonly limit: number;
  /** Bytes of a value to give at most; null gives all. */
  readonly valueBytes: number | null;
}

const REST = [
  'tenant_id',
  'id',
  'topic',
  'partition',
  'kafka_offset',
  'key',
  'headers',
  'code',
  'reason',
  'arrived_at',
  'replayed_at',
  'replayed_by',
] as const;

/** Dead letters, the newest first. */
export async function listLetters(
  tx: Transaction,
  { tenants, after, limit, valueBytes }: LetterFilter,
): Promise<ListedLetter[]> {
  return tx
    .selectFrom('dead_letters')
    .select([
      ...REST,
      sql<Buffer | null>`substring(value FROM 1 FOR ${valueBytes ?? 2 ** 30})`.as('value'),
      sql<number | null>`octet_length(value)`.as('value_bytes'),
      sql<number>`(extract(epoch FROM arrived_at) * 1000000)::bigint`.as('place'),
    ])
    .where('tenant_id', 'in', tenants)
    .$if(after !== null, (query) =>
      query.where(
        sql<boolean>`(arrived_at, id) < (timestamptz 'epoch' + ${after!.at}::float8 * interval '1 microsecond', ${after!.id}::uuid)`,
      ),
    )
    .orderBy('arrived_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** Marks a letter as replayed unless it is. Gives it, or undefined: it is not there or was replayed before. */
export async function takeLetter(
  tx: Transaction,
  tenant: string,
  id: string,
  by: string,
): Promise<Row<'dead_letters'> | undefined> {
  const letter = await tx
    .updateTable('dead_letters')
    .set({ replayed_at: sql<Date>`now()`, replayed_by: by })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('replayed_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (letter) {
    const { topic, code } = letter;
    const object = { kind: 'dead_letter', id };
    await appendAudit(tx, tenant, { action: 'dead_letter.replayed', actor: by, object, after: { topic, code } });
  }
  return letter;
}

/** Whose a letter is, among `tenants`; undefined when it is not there. */
export async function findLetterTenant(
  tx: Transaction,
  tenants: readonly string[],
  id: string,
): Promise<string | undefined> {
  const found = await tx
    .selectFrom('dead_letters')
    .select('tenant_id')
    .where('tenant_id', 'in', tenants)
    .where('id', '=', id)
    .executeTakeFirst();
  return found?.tenant_id;
}
