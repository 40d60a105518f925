import {
  calendarError,
  calendarFaults,
  EndBeforeStart,
  isZone,
  readClock,
  type ClockLife,
  type Pause,
  type ServiceCalendar,
} from '#libs/sla';
import type { CalendarDto, PauseDto, PreviewDto } from './preview.dto.js';
import type { PreviewView } from './preview.view.js';

/**
 * Reads a clock that stands in no ticket. Throws one of `CALENDAR_ERRORS`, `EndBeforeStart`, `ProportionalWithoutTarget` or
 * `TargetOutOfReach`.
 */
export function previewSla(body: PreviewDto): PreviewView {
  const life: ClockLife = {
    calendar: calendarOf(body.calendar),
    targetMinutes: body.targetMinutes,
    startedAt: Date.parse(body.startedAt),
    pauses: (body.pauses ?? []).map(pauseOf),
    changes: (body.changes ?? []).map((change) => ({ ...change, at: Date.parse(change.at) })),
  };
  const reading = readClock(life, Date.parse(body.now));
  return {
    dueAt: written(reading.dueAt),
    elapsedMinutes: reading.elapsedMinutes,
    remainingMinutes: reading.remainingMinutes,
    breached: reading.breached,
    breachedAt: written(reading.breachedAt),
    warnAt: written(reading.warnAt),
  };
}

function calendarOf({ timezone, weekly, holidays, dates }: CalendarDto): ServiceCalendar {
  // null is taken for what is left out, as in every body
  const calendar = { timezone, weekly, holidays: holidays ?? [], dates: dates ?? {} };
  const faults = calendarFaults(calendar, isZone);
  if (faults.length > 0) throw calendarError(faults, 'calendar.');
  return calendar;
}

function pauseOf({ from, to = null }: PauseDto, index: number): Pause {
  const pause = { from: Date.parse(from), to: to === null ? null : Date.parse(to) };
  if (pause.to !== null && pause.to < pause.from) {
    const message = `The pause ends at ${to}, before it begins at ${from}.`;
    throw new EndBeforeStart(message, { errors: [{ path: `pauses.${index}.to`, code: 'before_start', message }] });
  }
  return pause;
}

/** As RFC 3339 in UTC, without a fraction where there is none. */
function written(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z');
}
