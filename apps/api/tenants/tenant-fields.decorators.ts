import { Rule } from '../http/text.decorators.js';

/** An IANA time zone that this machine's calendar knows, e.g. `Europe/Berlin`. */
export function IsTimeZone(): PropertyDecorator {
  return Rule('isTimeZone', isTimeZone, 'must be an IANA time zone, e.g. Europe/Berlin');
}

/** A phone number as people write it: digits with separators, at most one leading plus. */
export function IsPhone(): PropertyDecorator {
  const isPhone = (value: unknown): boolean => typeof value === 'string' && /^\+?[0-9][0-9 ()/.-]{2,38}$/.test(value);
  return Rule('isPhone', isPhone, 'must be a phone number of 3 to 40 characters');
}

/** Ids in other systems: up to 20 names, each with one line of text. */
export function IsReferences(): PropertyDecorator {
  return Rule('isReferences', isReferences, 'must have up to 20 names, each with one line of text');
}

function isTimeZone(value: unknown): boolean {
  // offsets such as +02:00 are no zones: they know no summer time
  if (typeof value !== 'string' || !/^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

const NAME = /^[a-z][a-z0-9_-]{0,39}$/i;
const LINE = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

function isReferences(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= 20 && entries.every(([name, id]) => NAME.test(name) && typeof id === 'string' && LINE.test(id))
  );
}
