import type { ReceivedRecord } from '#libs/platform/kafka';
import { mayLieInTheCall } from '#libs/platform/temporal';

const TRIES = 30;

/**
 * Finds the event on which Temporal fails inside (and not because it is away) while other calls succeed: after thirty
 * tries, about a minute, the fault is in the event, which must not hold its partition for ever.
 */
export class Suspects {
  private successes = 0;
  private readonly failing = new Map<string, { failures: number; readonly successesBefore: number }>();

  succeeded(record?: ReceivedRecord): void {
    this.successes += 1;
    if (record) this.failing.delete(placeOf(record));
  }

  /** Counts a failure. True when the record itself is to blame. */
  failed(record: ReceivedRecord, error: unknown): boolean {
    if (!mayLieInTheCall(error)) return false;
    const place = placeOf(record);
    const suspect = this.failing.get(place) ?? { failures: 0, successesBefore: this.successes };
    suspect.failures += 1;
    this.failing.set(place, suspect);
    const convicted = suspect.failures >= TRIES && this.successes > suspect.successesBefore;
    if (convicted) this.failing.delete(place);
    return convicted;
  }
}

function placeOf({ topic, partition, offset }: ReceivedRecord): string {
  return `${topic}/${partition}/${offset}`;
}
