import { sql } from 'kysely';
import { AppError } from '#libs/kernel';
import type { Database } from '../database/index.js';
import { OUTBOX_CHANNEL } from './outbox-hint.js';

/** From `from` (included) to `to` (not included), by the time of the events' commit; of one topic when it is named. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
  readonly topic?: string;
}

/** The period cannot be published again. */
export class PeriodInvalid extends AppError {
  readonly code = 'outbox.period_invalid';
  readonly title = 'This period cannot be published again';
  readonly kind = 'invalid';
}

/**
 * Has the relay publish a period of the outbox once more, e.g. after a topic was deleted. The events keep their ids and
 * sequences: readers that know them pass them over. Takes the bridge's role. Gives how many events will be sent again.
 * Throws
 * `PeriodInvalid` for a period that ends before it begins.
 */
export async function republish(database: Database, { from, to, topic }: Period): Promise<number> {
  if (!(from < to)) throw new PeriodInvalid(`The period ends (${to.toISOString()}) before it begins.`);
  const { rows } = await sql<{ count: number }>`
    WITH again AS (
      UPDATE outbox SET sent_at = NULL
      WHERE created_at >= ${from} AND created_at < ${to} AND sent_at IS NOT NULL
        AND (${topic ?? null}::text IS NULL OR topic = ${topic ?? null})
      RETURNING 1
    )
    SELECT count(*) AS count FROM again`.execute(database);
  await sql`SELECT pg_notify(${OUTBOX_CHANNEL}, '')`.execute(database);
  return rows[0]!.count;
}
