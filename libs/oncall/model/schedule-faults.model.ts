import type { FieldProblem } from '#libs/kernel';
import { ON_CALL_WEEKDAYS, type Layer, type OnCallSchedule } from './schedule.model.js';

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const END = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** What is wrong with a schedule, field by field. Gaps are no fault: they are told as warnings. */
export function scheduleFaults(schedule: OnCallSchedule, isZone: (name: string) => boolean): FieldProblem[] {
  return [
    ...(isZone(schedule.timezone) ? [] : [fault('timezone', 'zone_unknown', 'Name a time zone of the IANA list.')]),
    ...(schedule.layers.length > 0 ? [] : [fault('layers', 'too_few', 'Name at least one layer of people.')]),
    ...schedule.layers.flatMap((layer, index) => layerFaults(layer, `layers.${index}`)),
    ...schedule.overrides.flatMap(({ from, to }, index) =>
      from < to ? [] : [fault(`overrides.${index}.to`, 'before_start', 'It ends before it begins.')],
    ),
  ];
}

function layerFaults(layer: Layer, path: string): FieldProblem[] {
  const isEndFirst = layer.endsOn !== null && layer.endsOn <= layer.startsOn;
  return [
    ...(layer.people.length > 0 ? [] : [fault(`${path}.people`, 'too_few', 'Name at least one person.')]),
    ...(isDate(layer.startsOn) ? [] : [fault(`${path}.startsOn`, 'not_a_date', 'Write a date as YYYY-MM-DD.')]),
    ...(layer.endsOn === null || isDate(layer.endsOn)
      ? []
      : [fault(`${path}.endsOn`, 'not_a_date', 'Write a date as YYYY-MM-DD.')]),
    ...(isEndFirst ? [fault(`${path}.endsOn`, 'before_start', 'It ends before it begins.')] : []),
    ...(TIME.test(layer.handoverAt) ? [] : [fault(`${path}.handoverAt`, 'not_a_time', 'Write a time as HH:MM.')]),
    ...(Number.isInteger(layer.turnDays) && layer.turnDays >= 1 && layer.turnDays <= 366
      ? []
      : [fault(`${path}.turnDays`, 'not_days', 'A turn is 1 to 366 whole days.')]),
    ...hoursFaults(layer, path),
  ];
}

function hoursFaults({ hours }: Layer, path: string): FieldProblem[] {
  if (hours === null) return [];
  return ON_CALL_WEEKDAYS.flatMap((day) =>
    (hours[day] ?? []).flatMap(([from, to], index) =>
      TIME.test(from) && END.test(to) && from < to
        ? []
        : [fault(`${path}.hours.${day}.${index}`, 'not_hours', 'Write [from, to] of one day; across midnight is two.')],
    ),
  );
}

function isDate(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return DATE.test(text) && !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text;
}

function fault(path: string, code: string, message: string): FieldProblem {
  return { path, code, message };
}
