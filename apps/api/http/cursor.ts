import { isId } from '#libs/kernel';
import { InvalidCursor } from './http.errors.js';

/** The place of a row in a list: its instant in microseconds since 1970, and its id. */
export interface Place {
  readonly at: number;
  readonly id: string;
}

/** A page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Give it back as `cursor` for the next page; null on the last. */
  readonly nextCursor: string | null;
}

// Year 2096: far enough, and what PostgreSQL adds up exactly
const LATEST = 4e15;

/** Makes a page of rows that were read with one more than `limit`: that one says that there are more. */
export function toPage<Row, Item>(
  list: string,
  rows: readonly Row[],
  limit: number,
  placeOf: (row: Row) => Place,
  view: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor =
    rows.length > limit && last !== undefined ? writeCursor([list, placeOf(last).at, placeOf(last).id]) : null;
  return { items: shown.map(view), nextCursor };
}

/** The place behind a cursor of this list; null when there is none. Throws `InvalidCursor`. */
export function readPlace(list: string, cursor: string | undefined): Place | null {
  if (cursor === undefined) return null;
  const [name, at, id, ...rest] = readCursor(cursor);
  const isOurs = name === list && Number.isSafeInteger(at) && typeof id === 'string' && isId(id) && rest.length === 0;
  if (!isOurs || (at as number) < 0 || (at as number) > LATEST) throw invalidCursor();
  return { at: at as number, id };
}

export function writeCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts of a cursor. Throws `InvalidCursor` unless it is written exactly as `writeCursor` does. */
export function readCursor(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && writeCursor(parts as (string | number)[]) === cursor) return parts;
  } catch {
    // not even JSON
  }
  throw invalidCursor();
}

export function invalidCursor(): InvalidCursor {
  return new InvalidCursor(
    'Take the cursor from the nextCursor of the page before, or leave it out for the first page.',
  );
}
