import { sql } from 'kysely';
import type { Database } from '../database/index.js';

export const OUTBOX_CHANNEL = 'stellwerk_outbox';
const SHORTEST_GAP_MS = 20;

/**
 * Tells the relay that something was committed, at most once per 20 ms. Only a hint: the relay also looks by itself.
 * Sent after the commit, because NOTIFY inside a transaction serialises commits.
 */
export class OutboxHint {
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly database: Database) {}

  give(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      void sql`SELECT pg_notify(${OUTBOX_CHANNEL}, '')`.execute(this.database).catch(() => undefined);
    }, SHORTEST_GAP_MS);
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
  }
}
