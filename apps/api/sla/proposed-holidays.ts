import { HolidayRegionUnknown, proposeHolidays } from '#libs/sla';
import type { HolidayProposalView, HolidaysQuery } from './holidays.dto.js';

/** Throws `HolidayRegionUnknown`. */
export async function proposedHolidays({ country, state, place, year }: HolidaysQuery): Promise<HolidayProposalView> {
  const proposal = await proposeHolidays({ country, state: state ?? null, place: place ?? null }, year);
  if (proposal) return proposal;
  const region = state === undefined ? country : `${country}/${state}`;
  throw new HolidayRegionUnknown(`No holidays of ${region} are known. Take ISO codes, e.g. DE and BY.`);
}
