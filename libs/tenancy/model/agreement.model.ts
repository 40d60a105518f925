import { AgreementInvalid } from './tenant.errors.js';

export interface SubProcessor {
  readonly name: string;
  /** What it does for us, e.g. `hosting`. */
  readonly service: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

export interface DataLocation {
  readonly place: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly purpose: string;
}

/** A data processing agreement (GDPR Art. 28) as both sides signed it. */
export interface Agreement {
  /** The day by the customer's calendar, `YYYY-MM-DD`. */
  readonly signedOn: string;
  /** Who signed for the customer. */
  readonly signedBy: string;
  readonly signedForUsBy: string;
  /** Where the signed document lies, e.g. a file number. */
  readonly documentReference: string;
  /** SHA-256 of the signed document, in hex. */
  readonly documentSha256: string;
  readonly subProcessors: readonly SubProcessor[];
  readonly dataLocations: readonly DataLocation[];
  /** Whose data are processed, e.g. `employees`. */
  readonly subjectCategories: readonly string[];
  readonly dataCategories: readonly string[];
  /** Where the technical and organisational measures are laid down (Art. 32). */
  readonly measuresReference: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Whether a text is a day of the calendar, `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
}

/** Throws `AgreementInvalid` when it was signed on a day that has not come: `today` is the customer's. */
export function requireSigned({ signedOn }: Agreement, today: string): void {
  if (signedOn <= today) return;
  const message = 'signedOn must not lie ahead: record the agreement once it is signed.';
  throw new AgreementInvalid(message, { errors: [{ path: 'signedOn', code: 'too_late', message }] });
}

// European Economic Area, and Switzerland by its adequacy decision apart: the rest needs a safeguard (GDPR Art. 44 ff.)
const EEA = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(' ');

/** The countries outside the European Economic Area that data go to, in alphabetical order. */
export function thirdCountries({
  subProcessors,
  dataLocations,
}: Pick<Agreement, 'subProcessors' | 'dataLocations'>): string[] {
  const all = [...subProcessors, ...dataLocations].map(({ country }) => country);
  return [...new Set(all)].filter((country) => !EEA.includes(country)).sort();
}
