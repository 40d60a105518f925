import type { ServiceCalendar } from './service-calendar.model.js';
import type { ChangePolicy } from './sla-clock.model.js';

/** What a ticket is measured by. */
export const TARGET_KINDS = ['first_response', 'update', 'resolution'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** A target in business minutes, or an agreed date (epoch milliseconds) that no pause moves. */
export type Target =
  | { readonly kind: 'minutes'; readonly minutes: number; readonly calendar: ServiceCalendar }
  | { readonly kind: 'date'; readonly at: number };

/** What holds for a ticket; null is an explicit "no SLA". */
export type Targets = Readonly<Record<TargetKind, Target | null>>;

/** What a policy says beyond its targets. */
export interface ClockRules {
  /** How a change of target or calendar treats what was consumed. */
  readonly onChange: ChangePolicy;
  /** Whether a reopened ticket's resolution goes on, without the time it was resolved, or begins anew. */
  readonly onReopen: 'continue' | 'reset';
  /** Whether taking a ticket into work counts as its first response. */
  readonly statusIsResponse: boolean;
  readonly pausingStatuses: readonly TicketStatus[];
}

export const TICKET_STATUSES = [
  'new',
  'assigned',
  'in_progress',
  'waiting_for_customer',
  'waiting_for_third_party',
  'on_hold',
  'resolved',
  'closed',
] as const;
export type TicketStatus = (typeof TICKET_STATUSES)[number];

/** Statuses that need a reason, and that stop the clock unless the policy says otherwise. */
export const WAITING_STATUSES = ['waiting_for_customer', 'waiting_for_third_party', 'on_hold'] as const;

interface Fact {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Who did it, and why: shown where the fact moves a deadline. */
  readonly by?: string;
  readonly reason?: string;
}

/** What happened to a ticket, as far as its clocks care. A ticket's first fact is `opened`. */
export type TicketFact =
  | (Fact & { readonly kind: 'opened'; readonly targets: Targets; readonly rules: ClockRules })
  /** A public answer by a person at the MSP; an automatic confirmation is none. */
  | (Fact & { readonly kind: 'answered' })
  | (Fact & { readonly kind: 'status'; readonly status: TicketStatus })
  /** Priority, type, tier, calendar or agreed date have changed, and with them the targets. */
  | (Fact & { readonly kind: 'targets'; readonly targets: Targets; readonly rules: ClockRules });
