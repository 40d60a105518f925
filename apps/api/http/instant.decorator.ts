import { Rule } from './text.decorators.js';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** An instant of RFC 3339 since 1970, with `Z` or an offset; seconds may be left out. */
export function IsInstant(): PropertyDecorator {
  const isValid = (value: unknown): boolean =>
    typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value)) && Date.parse(value) >= 0;
  return Rule('isInstant', isValid, 'must be an instant with its zone, e.g. 2026-11-22T09:30:00Z');
}
