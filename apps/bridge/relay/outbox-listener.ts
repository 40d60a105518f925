import pg from 'pg';
import type { Logger } from '#libs/platform/observability';
import { OUTBOX_CHANNEL } from '#libs/platform/outbox';
import { Periodic } from '../periodic.js';
import { RELAY_LOCK } from './lease.store.js';

/**
 * Hears the outbox's hints on a connection of its own, which a pool cannot give, and tells the other relays by a shared
 * lock on it and a word each second that this one is there. It may be down: the relay also looks by itself.
 */
export class OutboxListener {
  private readonly connecting: Periodic;
  private client: pg.Client | null = null;

  constructor(
    private readonly url: string,
    private readonly onHint: () => void,
    logger: Logger,
  ) {
    this.connecting = new Periodic({
      name: 'listening to the outbox',
      everyMs: 1_000,
      logger,
      work: () => (this.client ? this.speak(this.client) : this.connect()),
    });
  }

  start(): void {
    this.connecting.start();
  }

  async stop(): Promise<void> {
    await this.connecting.stop();
    await this.client?.end().catch(() => undefined);
  }

  /** Finds out besides whether the server still answers: a connection that only listens would never learn it. */
  private async speak(client: pg.Client): Promise<void> {
    try {
      await client.query('SELECT 1');
    } catch (error) {
      this.client = null;
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'stellwerk-bridge-listener',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    });
    const lost = (): void => {
      if (this.client === client) this.client = null;
    };
    client.on('error', lost).on('end', lost).on('notification', this.onHint);
    try {
      await client.connect();
      await client.query('SELECT pg_advisory_lock_shared($1, $2)', [RELAY_LOCK.class, RELAY_LOCK.object]);
      await client.query(`LISTEN ${OUTBOX_CHANNEL}`);
      this.client = client;
      // what was committed before we listened
      this.onHint();
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }
}
