import { ticketClocks } from './ticket-clocks.model.js';
import type { TargetKind, TicketFact } from './ticket-facts.model.js';
import { readTicketClock } from './ticket-readings.js';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

/** A closed ticket, as its verdict keeps it. */
export interface PastTicket {
  readonly type: string;
  readonly priority: string;
  readonly facts: readonly TicketFact[];
}

/** How a target was, and would have been, kept. Of updates each counts. */
export interface WhatIfShare {
  readonly type: string;
  readonly priority: string;
  readonly kind: TargetKind;
  /** Clocks that were counted. */
  readonly clocks: number;
  readonly metBefore: number;
  readonly metThen: number;
}

/**
 * What proposed targets (business minutes) would have made of past tickets: every clock that had a target in minutes is
 * read again with the proposed one in all of its settings; calendar, pauses and everything else stay what they were.
 */
export function whatIf(
  past: readonly PastTicket[],
  proposed: Readonly<Partial<Record<TargetKind, number>>>,
): WhatIfShare[] {
  const shares = new Map<string, WhatIfShare>();
  for (const { type, priority, facts } of past) {
    const before = metClocks(facts);
    const then = new Map(metClocks(facts.map((fact) => withTargets(fact, proposed))).map((one) => [one.key, one.met]));
    for (const { key, kind, met } of before) {
      if (proposed[kind] === undefined) continue;
      const place = JSON.stringify([type, priority, kind]);
      const share = shares.get(place) ?? { type, priority, kind, clocks: 0, metBefore: 0, metThen: 0 };
      shares.set(place, {
        ...share,
        clocks: share.clocks + 1,
        metBefore: share.metBefore + (met ? 1 : 0),
        metThen: share.metThen + (then.get(key) === true ? 1 : 0),
      });
    }
  }
  return [...shares.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, share]) => share);
}

function metClocks(
  facts: readonly TicketFact[],
): { readonly key: string; readonly kind: TargetKind; readonly met: boolean }[] {
  const end = facts.at(-1)?.at;
  if (end === undefined) return [];
  return ticketClocks(facts)
    .filter(({ measure }) => measure.kind === 'counter')
    .map((clock) => {
      const { kind, startedAt, breached } = readTicketClock(clock, end);
      return { key: `${kind} ${startedAt}`, kind, met: !breached };
    });
}

function withTargets(fact: TicketFact, proposed: Readonly<Partial<Record<TargetKind, number>>>): TicketFact {
  if (fact.kind !== 'opened' && fact.kind !== 'targets') return fact;
  const targets = Object.fromEntries(
    Object.entries(fact.targets).map(([kind, target]) => {
      const minutes = proposed[kind as TargetKind];
      return [kind, target?.kind === 'minutes' && minutes !== undefined ? { ...target, minutes } : target];
    }),
  ) as unknown as typeof fact.targets;
  return { ...fact, targets };
}
