import { Temporal } from 'temporal-polyfill';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

/** A span of instants (epoch milliseconds, end excluded) in which a zone keeps one offset from UTC (milliseconds, east is positive). */
export interface OffsetSpan {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/** Whether this machine knows the IANA zone. Offsets such as `+02:00` are none: they have no summer time. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** The spans of a zone from `from` on, in their order; the first contains `from`, and the last has no end. */
export function* offsetSpans(timeZone: string, from: number): Generator<OffsetSpan> {
  for (let at = from; ;) {
    const span = spanAt(timeZone, at);
    yield span;
    if (span.to === Infinity) return;
    at = span.to;
  }
}

/** Asking the zone's rules costs a thousand times what a comparison does, and clocks ask for the same years. */
const known = new Map<string, OffsetSpan[]>();

function spanAt(timeZone: string, at: number): OffsetSpan {
  const spans = known.get(timeZone) ?? [];
  const found = spans.find(({ from, to }) => from <= at && at < to);
  if (found) return found;
  const span = lookUp(timeZone, at);
  known.set(timeZone, [...spans, span]);
  return span;
}

function lookUp(timeZone: string, at: number): OffsetSpan {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  const next = local.getTimeZoneTransition('next');
  // the transition before, seen from a moment later: `at` itself may be one
  const last = local.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
  return {
    from: last?.epochMilliseconds ?? -Infinity,
    to: next?.epochMilliseconds ?? Infinity,
    offset: local.offsetNanoseconds / 1_000_000,
  };
}
