import type Holidays from 'date-holidays';
import type { HolidayRegion } from '../model/index.js';
import { localRulesFor, openQuestions, type LocalHoliday } from '../model/local-holidays.model.js';

/** A public holiday that is proposed. */
export interface ProposedHoliday {
  /** Local date, `YYYY-MM-DD`. */
  readonly date: string;
  /** In the country’s language. */
  readonly name: string;
  /** Of the place alone. */
  readonly local: boolean;
}

export interface HolidayProposal {
  readonly holidays: readonly ProposedHoliday[];
  /** What a person has to look at themselves. */
  readonly questions: readonly string[];
}

const DAY_MS = 86_400_000;
/** Its data has Bavaria without Assumption Day, which it keeps apart for places with a Catholic majority: most. */
const LIST_OF: Readonly<Record<string, string>> = { 'DE/BY': 'KATH' };

/**
 * The public holidays of a region in a year, as a proposal: only a person's confirmation makes them count. Null when the
 * region is not known.
 */
export async function proposeHolidays(region: HolidayRegion, year: number): Promise<HolidayProposal | null> {
  // twelve megabytes that only who plans a year needs
  const { default: Source } = await import('date-holidays');
  const { country, state } = region;
  const known = new Source();
  const states = known.getStates(country) as Record<string, string> | undefined;
  if (!(country in known.getCountries()) || (state !== null && !(states && state in states))) return null;
  const usual = publicHolidays(Source, country, state, year);
  const rules = localRulesFor(region);
  const lacking = new Set(rules.flatMap(({ lacks }) => (lacks === undefined ? [] : [`${year}-${lacks}`])));
  const added = rules.flatMap(({ adds }) => (adds ? [localHoliday(Source, adds, year)] : []));
  const holidays = [...usual.filter(({ date }) => !lacking.has(date)), ...added];
  return { holidays: holidays.sort((a, b) => (a.date < b.date ? -1 : 1)), questions: openQuestions(region) };
}

/** Its dates only: whether an instant is one it judges by the machine's own zone. */
function publicHolidays(
  Source: typeof Holidays,
  country: string,
  state: string | null,
  year: number,
): ProposedHoliday[] {
  const list = state === null ? undefined : LIST_OF[`${country}/${state}`];
  const source = list ? new Source(country, state!, list) : state ? new Source(country, state) : new Source(country);
  const found = source.getHolidays(year).filter(({ type }) => type === 'public');
  return found.flatMap(({ date, name, start, end }) => {
    const days = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS));
    const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
    return Array.from({ length: days }, (_, day) => ({
      ...{ date: new Date(first + day * DAY_MS).toISOString().slice(0, 10), name, local: false },
    }));
  });
}

function localHoliday(Source: typeof Holidays, { name, on }: LocalHoliday, year: number): ProposedHoliday {
  if ('monthAndDay' in on) return { date: `${year}-${on.monthAndDay}`, name, local: true };
  return {
    date: new Date(easterSunday(Source, year) + on.daysAfterEaster * DAY_MS).toISOString().slice(0, 10),
    name,
    local: true,
  };
}

/** Easter Monday stands in Germany's own list. */
function easterSunday(Source: typeof Holidays, year: number): number {
  const monday = new Source('DE').getHolidays(year).find(({ rule }) => rule === 'easter 1')!;
  return Date.parse(`${monday.date.slice(0, 10)}T00:00:00Z`) - DAY_MS;
}
