import type { Weekday, WallInterval } from './service-calendar.model.js';
import type { TargetKind } from './ticket-facts.model.js';

/** Whom a step tells. Teams and schedules are the MSP's, by id; a channel is one of the MSP's by name. */
export type Receiver =
  | { readonly kind: 'person'; readonly subject: string }
  | { readonly kind: 'schedule'; readonly id: string }
  | { readonly kind: 'team'; readonly id: string }
  | { readonly kind: 'channel'; readonly name: string };

/** Local hours of weekdays; outside of them a step waits for them to begin, or is left out. */
export interface Within {
  /** IANA name. */
  readonly timezone: string;
  readonly weekly: Readonly<Partial<Record<Weekday, readonly WallInterval[]>>>;
  readonly outside: 'wait' | 'skip';
}

/** What a chain does, in its order. */
export type ChainStep =
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'notify'; readonly receivers: readonly Receiver[]; readonly within?: Within }
  /** By one, or to what is named where that is higher. */
  | { readonly kind: 'raise_priority'; readonly to?: 'critical' | 'high' | 'medium'; readonly within?: Within }
  /** To another team, another technician, or both. */
  | { readonly kind: 'reassign'; readonly team?: string; readonly technician?: string; readonly within?: Within }
  /** A link made from the MSP's template; those who are told afterwards get it, too. */
  | { readonly kind: 'conference'; readonly within?: Within };

export interface Chain {
  readonly steps: readonly ChainStep[];
  /** How often it begins anew after its last step. */
  readonly repeat: number;
  /** After how many minutes an acknowledgement expires; null: never. */
  readonly acknowledgementMinutes: number | null;
}

export const MOST_STEPS = 50;
export const MOST_REPEATS = 10;
export const MOST_RECEIVERS = 20;
/** 30 days. */
export const LONGEST_WAIT_MINUTES = 43_200;

/** What starts a chain. A clock's mark, for tickets of some priorities; or an alert of a severity. */
export type Trigger =
  | {
      readonly on: 'warning' | 'breach';
      readonly clock: TargetKind;
      /** Left out: of every priority. */
      readonly priorities?: readonly string[];
      readonly chain: string;
    }
  | { readonly on: 'alert'; readonly severity: string; readonly chain: string };

/** The chains that a mark of a ticket starts, in the order of the triggers and each once. */
export function chainsFor(
  triggers: readonly Trigger[],
  mark: { readonly mark: 'warning' | 'breach'; readonly clock: TargetKind },
  priority: string,
): readonly string[] {
  const found = triggers.filter(
    (one) =>
      one.on === mark.mark &&
      one.clock === mark.clock &&
      (one.priorities === undefined || one.priorities.includes(priority)),
  );
  return [...new Set(found.map(({ chain }) => chain))];
}
