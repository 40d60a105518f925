import type { HolidayRegion } from './named-calendar.model.js';

/** What a place has besides its state, or has not. Names are compared without case and umlauts’ spelling. */
interface LocalRule {
  readonly country: string;
  readonly state: string;
  readonly places: readonly string[];
  readonly adds?: LocalHoliday;
  /** `MM-DD` of a holiday of the state that does not hold there. */
  readonly lacks?: string;
  readonly source: string;
}

/** A holiday by its date of each year, or by days after Easter Sunday. */
export interface LocalHoliday {
  readonly name: string;
  readonly on: { readonly monthAndDay: string } | { readonly daysAfterEaster: number };
}

const CORPUS_CHRISTI: LocalHoliday = { name: 'Fronleichnam', on: { daysAfterEaster: 60 } };

/** Assumption Day holds where more Catholics than Protestants live: in 1,704 of Bavaria's 2,056 municipalities (census 2011). */
const BAVARIA = 'Bayerisches Feiertagsgesetz (FTG), Art. 1; Bayerisches Landesamt für Statistik, Mariä Himmelfahrt';

export const LOCAL_RULES: readonly LocalRule[] = [
  {
    ...{ country: 'DE', state: 'BY', source: 'Bayerisches Feiertagsgesetz (FTG), Art. 1 Abs. 2' },
    places: ['Augsburg'],
    adds: { name: 'Augsburger Friedensfest', on: { monthAndDay: '08-08' } },
  },
  {
    ...{ country: 'DE', state: 'BY', source: BAVARIA },
    places: ['Nürnberg', 'Fürth', 'Erlangen', 'Ansbach', 'Bayreuth', 'Coburg', 'Hof'],
    lacks: '08-15',
  },
  {
    ...{
      country: 'DE',
      state: 'SN',
      source: 'Fronleichnamsverordnung (Sachsen) vom 4. Mai 1993; whole municipalities only',
    },
    places: [
      ...['Crostwitz', 'Nebelschütz', 'Panschwitz-Kuckau', 'Puschwitz', 'Räckelwitz', 'Radibor'],
      ...['Ralbitz-Rosenthal', 'Wittichenau'],
    ],
    adds: CORPUS_CHRISTI,
  },
  {
    ...{
      country: 'DE',
      state: 'TH',
      source: 'Thüringer Feier- und Gedenktagsgesetz, § 2: Landkreis Eichsfeld; Geisa, Buttlar, Schleid, Zella/Rhön',
    },
    places: [
      ...['Heilbad Heiligenstadt', 'Leinefelde-Worbis', 'Dingelstädt', 'Eichsfeld'],
      ...['Geisa', 'Buttlar', 'Schleid', 'Zella/Rhön'],
    ],
    adds: CORPUS_CHRISTI,
  },
];

/** The rules for a place. */
export function localRulesFor({ country, state, place }: HolidayRegion): readonly LocalRule[] {
  if (place === null) return [];
  return LOCAL_RULES.filter(
    (rule) =>
      rule.country === country && rule.state === state && rule.places.some((name) => spelled(name) === spelled(place)),
  );
}

/** What a person has to look at themselves, because the region alone does not say it. */
export function openQuestions({ country, state, place }: HolidayRegion): readonly string[] {
  if (country !== 'DE') return [];
  const isKnown = localRulesFor({ country, state, place }).length > 0;
  if (state === null) return ['Holidays differ between the states. Name one.'];
  if (state === 'BY' && !isKnown)
    return ['15 August holds only where more Catholics than Protestants live. Ask the place.'];
  if ((state === 'SN' || state === 'TH') && !isKnown)
    return ['Corpus Christi holds in some municipalities. Ask the place.'];
  return [];
}

function spelled(name: string): string {
  const folded = name.toLowerCase().replace(/ä/g, 'ae').replace(/ö/g, 'oe').replace(/ü/g, 'ue').replace(/ß/g, 'ss');
  return folded.replace(/[^a-z]/g, '');
}
