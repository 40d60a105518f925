import { SpanInvalid } from '#libs/oncall';
import type { SpanDto } from './schedule.dto.js';

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 92;

/** A span as two instants. Throws `SpanInvalid` when it ends before it begins, or is longer than 92 days. */
export function spanOf({ from, to }: SpanDto, path = ''): { readonly from: Date; readonly to: Date } {
  const span = { from: new Date(from), to: new Date(to) };
  if (span.to <= span.from)
    throw refused(`${path}to`, 'before_start', `It ends at ${to}, before it begins at ${from}.`);
  if (span.to.getTime() - span.from.getTime() > LONGEST_DAYS * DAY_MS)
    throw refused(`${path}to`, 'too_long', `A span is ${LONGEST_DAYS} days at most. Take several.`);
  return span;
}

function refused(path: string, code: string, message: string): SpanInvalid {
  return new SpanInvalid(message, { errors: [{ path, code, message }] });
}
