import { Temporal } from 'temporal-polyfill';
import { laidOver, ON_CALL_WEEKDAYS, type Layer, type OnCallSchedule, type Shift } from './schedule.model.js';

// Not part of the model's index: time zones depend on the machine, so workflows must not import this (design, rule 4).

/**
 * Who is on call between two instants (epoch milliseconds), in their order and apart. A handover is at its local time on
 * each day: of an hour that the clock shows twice at the first, over an hour that it skips at its end.
 */
export function shiftsBetween(schedule: OnCallSchedule, from: number, to: number): Shift[] {
  const layers = schedule.layers.map((layer) => layerShifts(layer, schedule.timezone, from, to));
  const overrides = schedule.overrides
    .filter((one) => one.from < to && one.to > from)
    .map(({ id, person, ...span }) => [clipped({ person, source: id, ...span }, from, to)]);
  return [...layers, ...overrides].reduce<Shift[]>((below, above) => laidOver(below, above), []);
}

/** Who is on call at an instant, and who comes next within `horizonDays`. */
export function onCallAt(
  schedule: OnCallSchedule,
  at: number,
  horizonDays = 60,
): { readonly now: Shift | null; readonly next: Shift | null } {
  const shifts = shiftsBetween(schedule, at, at + horizonDays * 86_400_000);
  const now = shifts.find((shift) => shift.from <= at && at < shift.to) ?? null;
  const next = shifts.find((shift) => shift.from > at && shift.person !== now?.person) ?? null;
  return { now, next };
}

function clipped(shift: Shift, from: number, to: number): Shift {
  return { ...shift, from: Math.max(shift.from, from), to: Math.min(shift.to, to) };
}

function layerShifts(layer: Layer, timezone: string, from: number, to: number): Shift[] {
  const shifts: Shift[] = [];
  for (const turn of turnsBetween(layer, timezone, from, to))
    for (const span of withinHours(turn, layer, timezone)) {
      const shift = clipped({ person: turn.person, source: layer.id, ...span }, from, to);
      if (shift.from < shift.to) shifts.push(shift);
    }
  return laidOver([], shifts);
}

interface Turn {
  readonly person: string;
  readonly from: number;
  readonly to: number;
}

function* turnsBetween(layer: Layer, timezone: string, from: number, to: number): Generator<Turn> {
  const first = Temporal.PlainDate.from(layer.startsOn);
  const begin = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timezone).toPlainDate();
  // a turn before, because it may reach into the span
  const start = Math.max(0, Math.floor(first.until(begin).days / layer.turnDays) - 1);
  const end = layer.endsOn === null ? Infinity : startOf(Temporal.PlainDate.from(layer.endsOn), layer, timezone);
  for (let turn = start; ; turn += 1) {
    const day = first.add({ days: turn * layer.turnDays });
    const span = {
      from: startOf(day, layer, timezone),
      to: Math.min(end, startOf(day.add({ days: layer.turnDays }), layer, timezone)),
    };
    if (span.from >= to || span.from >= end) return;
    yield { person: layer.people[turn % layer.people.length]!, ...span };
  }
}

function startOf(day: Temporal.PlainDate, { handoverAt }: Layer, timezone: string): number {
  return instantOf(day, handoverAt, timezone);
}

function instantOf(day: Temporal.PlainDate, time: string, timezone: string): number {
  const local = time === '24:00' ? day.add({ days: 1 }).toPlainDateTime('00:00') : day.toPlainDateTime(time);
  return local.toZonedDateTime(timezone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/** The parts of a turn that the layer is for. */
function* withinHours({ from, to }: Turn, { hours }: Layer, timezone: string): Generator<{ from: number; to: number }> {
  if (hours === null) {
    yield { from, to };
    return;
  }
  const last = dayAt(to, timezone);
  for (let day = dayAt(from, timezone); Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    for (const [opens, closes] of hours[ON_CALL_WEEKDAYS[day.dayOfWeek - 1]!] ?? []) {
      const span = {
        from: Math.max(from, instantOf(day, opens, timezone)),
        to: Math.min(to, instantOf(day, closes, timezone)),
      };
      if (span.from < span.to) yield span;
    }
  }
}

function dayAt(at: number, timezone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone).toPlainDate();
}
