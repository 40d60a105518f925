import type { Shift } from '#libs/oncall';

/** A shift as a calendar shows it. */
export interface CalendarEntry extends Shift {
  /** Of the schedule; with the begin it makes the entry’s id, so that a program finds it again. */
  readonly schedule: string;
  readonly summary: string;
}

const LONGEST_LINE = 75;

/** Entries as iCalendar (RFC 5545), all times in UTC; `madeAt` is epoch milliseconds. */
export function calendarText(name: string, entries: readonly CalendarEntry[], madeAt: number): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Stellwerk//On call//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escaped(name)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    ...entries.flatMap((entry) => entryLines(entry, madeAt)),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

function entryLines({ schedule, person, from, to, summary }: CalendarEntry, madeAt: number): string[] {
  return [
    'BEGIN:VEVENT',
    `UID:${schedule}-${from}-${Buffer.from(person).toString('hex').slice(0, 24)}@stellwerk`,
    `DTSTAMP:${inUtc(madeAt)}`,
    `DTSTART:${inUtc(from)}`,
    `DTEND:${inUtc(to)}`,
    `SUMMARY:${escaped(summary)}`,
    // nobody’s other meetings are in the way of it
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ];
}

function inUtc(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** RFC 5545, 3.3.11. */
function escaped(text: string): string {
  return text.replace(/[\\;,]/g, (sign) => `\\${sign}`).replace(/\r?\n/g, '\\n');
}

/** RFC 5545, 3.1: no line has more than 75 octets, and no sign is cut in two. */
function folded(line: string): string {
  const parts: string[] = [];
  let part = '';
  for (const sign of line) {
    const isFirst = parts.length === 0;
    if (Buffer.byteLength(part + sign) > LONGEST_LINE - (isFirst ? 0 : 1)) {
      parts.push(part);
      part = '';
    }
    part += sign;
  }
  return [...parts, part].join('\r\n ');
}
