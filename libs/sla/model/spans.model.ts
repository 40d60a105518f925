import type { Pause } from './sla-clock.model.js';

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The pauses as they are known at `now` (epoch milliseconds), joined: in their order, apart from each other. One that has
 * begun and not ended goes on for ever, as far as anybody knows.
 */
export function knownPauses(pauses: readonly Pause[], now: number): Span[] {
  const known = pauses
    .filter(({ from }) => from <= now)
    .map(({ from, to }) => ({ from, to: to === null || to > now ? Infinity : to }))
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from);
  const joined: Span[] = [];
  for (const pause of known) {
    const last = joined.at(-1);
    if (last && pause.from <= last.to) joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, pause.to) };
    else joined.push(pause);
  }
  return joined;
}

/** The parts of a span outside the pauses, which are in their order and apart. */
export function without(span: Span, pauses: readonly Span[]): Span[] {
  const parts: Span[] = [];
  let { from } = span;
  for (const pause of pauses) {
    if (pause.to <= from) continue;
    if (pause.from >= span.to) break;
    if (pause.from > from) parts.push({ from, to: pause.from });
    from = Math.max(from, pause.to);
  }
  if (from < span.to) parts.push({ from, to: span.to });
  return parts;
}
