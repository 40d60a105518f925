import { describe, expect, it } from '@jest/globals';
import { proposeHolidays } from '#libs/sla';

const proposal = async (state: string | null, place: string | null = null, country = 'DE') =>
  (await proposeHolidays({ country, state, place }, 2027))!;
const dates = async (...of: Parameters<typeof proposal>) => (await proposal(...of)).holidays.map(({ date }) => date);

describe('public holidays of a place', () => {
  it.each([
    ['15 August in Munich', 'BY', 'München', '2027-08-15', true],
    ['15 August in Nuremberg', 'BY', 'Nürnberg', '2027-08-15', false],
    ['15 August in Nuremberg, spelled otherwise', 'BY', 'NUERNBERG', '2027-08-15', false],
    ['15 August in Augsburg', 'BY', 'Augsburg', '2027-08-15', true],
    ['8 August in Augsburg', 'BY', 'Augsburg', '2027-08-08', true],
    ['8 August in Munich', 'BY', 'München', '2027-08-08', false],
    ['Corpus Christi in Crostwitz', 'SN', 'Crostwitz', '2027-05-27', true],
    ['Corpus Christi in Dresden', 'SN', 'Dresden', '2027-05-27', false],
    ['Corpus Christi in Heilbad Heiligenstadt', 'TH', 'Heilbad Heiligenstadt', '2027-05-27', true],
    ['Corpus Christi in Erfurt', 'TH', 'Erfurt', '2027-05-27', false],
    ['Corpus Christi in Munich', 'BY', 'München', '2027-05-27', true],
    ['Buß- und Bettag in Saxony', 'SN', null, '2027-11-17', true],
    ['Buß- und Bettag in Bavaria', 'BY', null, '2027-11-17', false],
    ['Christmas Eve', 'BY', null, '2027-12-24', false],
    ['New Year’s Eve', 'SN', null, '2027-12-31', false],
  ] as const)('%s', async (_what, state, place, date, holds) => {
    expect((await dates(state, place)).includes(date)).toBe(holds);
  });

  it('are one day each, also where the clock changes on them', async () => {
    // Reformation Day 2027 is the day on which summer time ends, and has 25 hours
    expect(
      (await dates('SN')).filter((date) => date.startsWith('2027-10-31') || date.startsWith('2027-11-01')),
    ).toEqual(['2027-10-31']);
    const list = await dates('ZH', null, 'CH');
    expect(list).toContain('2027-03-28');
    expect(new Set(list).size).toBe(list.length);
  });

  it('ask for what a region does not say, and are none of a region that nobody knows', async () => {
    expect((await proposal('BY', 'Passau')).questions).toHaveLength(1);
    expect((await proposal('BY', 'Augsburg')).questions).toEqual([]);
    expect((await proposal(null)).questions).toHaveLength(1);
    expect(await proposeHolidays({ country: 'XX', state: null, place: null }, 2027)).toBeNull();
    expect(await proposeHolidays({ country: 'DE', state: 'ZZ', place: null }, 2027)).toBeNull();
  });
});
