import { pino } from 'pino';
import { topics } from '#libs/events';
import { createKafkaEventLog, type EventLog } from '#libs/platform/kafka';
import type { World } from './world.js';

const GROUP = 'stellwerk-bridge';
const LOOK_MS = 20;

interface Row {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly value: Buffer;
}

/** The world's Kafka topics: events are put there without the bridge, and its place in them is watched. */
export class WaitingEvents {
  private readonly eventLog: EventLog;
  private readonly producer;

  constructor(private readonly world: World) {
    const config = { brokers: world.servers.kafkaBrokers, prefix: `${world.name}.` };
    this.eventLog = createKafkaEventLog(config, pino({ level: 'silent' }));
    this.producer = this.eventLog.createProducer();
  }

  /** Sends what lies unsent in the outbox, and notes it as sent, as the relay does. Gives how many there were. */
  async publish(): Promise<number> {
    const { rows } = await this.world.database.query<Row>(
      'SELECT id, topic, key, headers, value FROM outbox WHERE sent_at IS NULL ORDER BY id',
    );
    await this.producer.send(rows);
    await this.world.database.query('UPDATE outbox SET sent_at = now() WHERE id = ANY ($1::bigint[])', [
      rows.map((row) => row.id),
    ]);
    return rows.length;
  }

  /** How many events the bridge has not committed yet. */
  async lag(): Promise<number> {
    const places = await this.eventLog.places(GROUP, topics);
    return places.reduce((sum, { next, end }) => sum + Number(end - (next < 0n ? 0n : next)), 0);
  }

  /** Resolves when the last offset is committed. */
  async untilCommitted(): Promise<void> {
    while ((await this.lag()) > 0) await new Promise((resume) => setTimeout(resume, LOOK_MS));
  }

  stop(): Promise<void> {
    return this.eventLog.stop();
  }
}
