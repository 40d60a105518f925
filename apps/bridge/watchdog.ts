import type { EventLogConsumer, PartitionPlace } from '#libs/platform/kafka';
import type { Logger } from '#libs/platform/observability';

export interface WatchdogParts {
  readonly consumer: Pick<EventLogConsumer, 'isJoined' | 'holds'>;
  readonly logger: Logger;
  /** Seconds without progress after which the consumer counts as stuck. */
  readonly limitSeconds: number;
  places(): Promise<readonly PartitionPlace[]>;
  /** Resolves when Temporal and PostgreSQL answer. */
  othersAnswer(): Promise<void>;
  onStuck(error: Error): void;
}

interface Stall {
  readonly next: bigint;
  readonly seconds: number;
}

/**
 * Sees a consumer that has stopped without saying so: a partition has records, and its place does not move. Only time in
 * which Temporal, PostgreSQL and Kafka answered counts, for the consumer is meant to wait for them.
 */
export class Watchdog {
  private stalls = new Map<string, Stall>();
  private lookedAt: number | null = null;

  constructor(private readonly parts: WatchdogParts) {}

  /** One look. `now` is in seconds, from any origin. Rejects when a server does not answer; that time does not count. */
  async look(now: number): Promise<void> {
    const since = this.lookedAt;
    this.lookedAt = null;
    const [places] = await Promise.all([this.parts.places(), this.parts.othersAnswer()]);
    this.lookedAt = now;
    this.compare(places, since === null ? 0 : now - since);
  }

  private compare(places: readonly PartitionPlace[], seconds: number): void {
    const stalls = new Map<string, Stall>();
    for (const { topic, partition, next, end } of places.filter(
      (place) => this.isOurs(place) && place.end > place.next,
    )) {
      const name = `${topic}/${partition}`;
      const before = this.stalls.get(name);
      const stall = { next, seconds: before?.next === next ? before.seconds + seconds : 0 };
      stalls.set(name, stall);
      if (stall.seconds < this.parts.limitSeconds) continue;
      this.parts.logger.fatal(
        { topic, partition, next: Number(next), end: Number(end), seconds: stall.seconds },
        'the consumer is stuck',
      );
      this.parts.onStuck(new Error(`The consumer made no progress in ${name} for ${Math.round(stall.seconds)} s.`));
    }
    this.stalls = stalls;
  }

  /** A process that is no member of the group at all answers for every partition: nobody else may be there. */
  private isOurs({ topic, partition }: PartitionPlace): boolean {
    return !this.parts.consumer.isJoined() || this.parts.consumer.holds(topic, partition);
  }
}
