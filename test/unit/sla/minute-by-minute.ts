import { WEEKDAYS, type ClockLife, type ServiceCalendar } from '#libs/sla';

const MINUTE_MS = 60_000;

interface WallReading {
  readonly date: string;
  readonly weekday: (typeof WEEKDAYS)[number];
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The machine takes its time for each reading, and lives of one place ask for the same minutes. */
const readings = new Map<string, WallReading>();

function wallReading(timeZone: string, at: number): WallReading {
  const key = `${timeZone} ${at}`;
  const reading = readings.get(key) ?? readWall(timeZone, at);
  readings.set(key, reading);
  return reading;
}

/** What a wall clock shows, by the machine's own calendar: nothing of the code under test is used. */
function readWall(timeZone: string, at: number): WallReading {
  const format = formats.get(timeZone) ?? formatOf(timeZone);
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
    weekday: parts['weekday']!.slice(0, 3).toLowerCase() as WallReading['weekday'],
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', weekday: 'short', year: 'numeric', month: '2-digit' },
    ...{ day: '2-digit', hour: '2-digit', minute: '2-digit' },
  });
  formats.set(timeZone, format);
  return format;
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

export function isOpen(calendar: ServiceCalendar, at: number): boolean {
  const { date, weekday, minute } = wallReading(calendar.timezone, at);
  const closed = calendar.holidays.includes(date) ? [] : (calendar.weekly[weekday] ?? []);
  const intervals = calendar.dates?.[date] ?? closed;
  return intervals.some(([start, end]) => minuteOf(start) <= minute && minute < minuteOf(end));
}

interface Counted {
  readonly elapsedMinutes: number;
  readonly dueAt: number | null;
  readonly warnAt: number | null;
}

/**
 * The clock as the definitions say it, one minute after the other: for lives whose instants all lie on whole minutes.
 * `horizon` is where it gives up looking for the target.
 */
export function countMinuteByMinute(life: ClockLife, now: number, horizon: number): Counted {
  const pauses = life.pauses.filter(({ from }) => from <= now);
  const isPaused = (at: number): boolean =>
    pauses.some(({ from, to }) => from <= at && (to === null || to > now || at < to));
  const changes = life.changes.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);

  let target = life.targetMinutes;
  let counter = 0;
  // the counter at the end of each minute that it ran, by the instant at which that minute began
  let past = new Map<number, { readonly from: number; readonly to: number }>();
  let next = 0;
  const apply = (at: number): void => {
    for (; next < changes.length && changes[next]!.at <= at; next += 1) {
      const change = changes[next]!;
      if (change.policy === 'reset') [counter, past] = [0, new Map()];
      if (change.policy === 'proportional') {
        const factor = change.targetMinutes / target;
        counter *= factor;
        past = new Map([...past].map(([key, { from, to }]) => [key, { from: from * factor, to: to * factor }]));
      }
      target = change.targetMinutes;
    }
  };
  let elapsedMinutes = 0;
  for (let at = life.startedAt; at < Math.max(horizon, now); at += MINUTE_MS) {
    apply(at);
    if (at === now) elapsedMinutes = counter;
    if (!isOpen(life.calendar, at) || isPaused(at)) continue;
    past.set(at, { from: counter, to: counter + 1 });
    counter += 1;
  }
  return { elapsedMinutes, dueAt: reached(past, target), warnAt: reached(past, target * 0.75) };
}

function reached(past: ReadonlyMap<number, { readonly from: number; readonly to: number }>, minutes: number) {
  for (const [at, { from, to }] of past)
    if (to >= minutes - 1e-9)
      return Math.round(at + Math.min(1, Math.max(0, (minutes - from) / (to - from))) * MINUTE_MS);
  return null;
}
