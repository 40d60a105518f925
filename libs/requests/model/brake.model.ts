import type { ConfirmationReason } from './second-person.model.js';

/** So many accounts or devices of a customer may be touched within an hour without a second person, unless it is set. */
export const DEFAULT_ACCOUNTS_PER_HOUR = 10;

const HOUR_MS = 3_600_000;

/** What a run touches, and when it begins to (epoch milliseconds). */
export interface Touch {
  readonly at: number;
  /** Accounts and devices, each by a name that is its own, as `touchedBy` gives them. */
  readonly touches: readonly string[];
}

/** What a plan touches, by name: a lock-out counts before the directory has told an identity. */
export function touchedBy({
  subject,
}: {
  readonly subject: { readonly kind: string; readonly name: string };
}): string[] {
  return [`${subject.kind}:${subject.name.toLowerCase()}`];
}

/**
 * How many different accounts and devices are touched within the fullest hour that `own` lies in, `own` among them. An
 * hour is any span of 60 minutes, not one of the clock: two bursts beside a full hour are one.
 */
export function touchedInBusiestHour(own: Touch, others: readonly Touch[]): number {
  const all = [own, ...others].filter(({ at }) => Math.abs(at - own.at) < HOUR_MS).sort((a, b) => a.at - b.at);
  const counts = new Map<string, number>();
  let busiest = 0;
  let first = 0;
  for (const touch of all) {
    for (const name of touch.touches) counts.set(name, (counts.get(name) ?? 0) + 1);
    for (; touch.at - all[first]!.at >= HOUR_MS; first += 1) forget(counts, all[first]!);
    const holdsOwn = all[first]!.at <= own.at && own.at <= touch.at;
    if (holdsOwn) busiest = Math.max(busiest, counts.size);
  }
  return busiest;
}

function forget(counts: Map<string, number>, { touches }: Touch): void {
  for (const name of touches) {
    const left = counts.get(name)! - 1;
    if (left === 0) counts.delete(name);
    else counts.set(name, left);
  }
}

/** The limit that counts for a decision: whoever set it is held to the usual one, so that nobody lets themselves through. */
export function limitFor(
  settings: { readonly accountsPerHour: number; readonly setBy: string | null },
  decidedBy: string | null,
): number {
  const isOwn = decidedBy !== null && settings.setBy?.toLowerCase() === decidedBy.toLowerCase();
  return isOwn ? Math.min(settings.accountsPerHour, DEFAULT_ACCOUNTS_PER_HOUR) : settings.accountsPerHour;
}

/** The brake's reason, or null while the limit holds. */
export function brakeReason(touched: number, limit: number): ConfirmationReason | null {
  if (touched <= limit) return null;
  const text = `With this, ${touched} accounts or devices of the customer are touched within an hour; ${limit} need no second person.`;
  return { code: 'request.brake', text };
}
