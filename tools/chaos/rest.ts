import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { topics } from '#libs/events';
import type { Database } from '#libs/platform/database';
import type { EventLog } from '#libs/platform/kafka';
import type { Watch } from './watch.js';

/** What has to be over after so long. */
export const REST_WITHIN_MS = 300_000;
const BRIDGE_GROUP = 'stellwerk-bridge';
const LOOK_MS = 250;

/**
 * Waits until nothing is under way: no open request, no unsent row, no record that the bridge has not read. Gives what is
 * left over when that is not reached in time; nothing when it is.
 */
export async function untilRest(
  { database, eventLog, watch }: { database: Database; eventLog: EventLog; watch: Watch },
  withinMs = REST_WITHIN_MS,
): Promise<string[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const open = watch.unfinished.map(({ id, status }) => `request ${id} is still ${status}`);
    const left =
      open.length > 0 ? open : await unreadOrUnsent(database, eventLog).catch((error: Error) => [error.message]);
    if (left.length === 0 || performance.now() > deadline) return left;
    await pause(LOOK_MS);
  }
}

async function unreadOrUnsent(database: Database, eventLog: EventLog): Promise<string[]> {
  const { rows } = await sql<{ unsent: number }>`SELECT count(*) AS unsent FROM outbox WHERE sent_at IS NULL`.execute(
    database,
  );
  const unsent = rows[0]!.unsent;
  const lag = (await eventLog.places(BRIDGE_GROUP, topics)).filter(({ next, end }) => next < end);
  return [
    ...(unsent > 0 ? [`${unsent} rows of the outbox are not sent`] : []),
    ...lag.map(({ topic, partition, next, end }) => `${topic}/${partition}: read up to ${next} of ${end}`),
  ];
}
