import { invalidCursor, readCursor, writeCursor } from '../http/cursor.js';

/** The place of something that has a name in a tenant. */
export type NamedPlace = readonly [tenant: string, name: string];

/** The place behind a cursor of this list, or its beginning. Throws `InvalidCursor`. */
export function readNamedPlace(list: string, cursor: string | undefined): NamedPlace {
  if (cursor === undefined) return ['', ''];
  const [of, tenant, name, ...rest] = readCursor(cursor);
  if (of !== list || typeof tenant !== 'string' || typeof name !== 'string' || rest.length > 0) throw invalidCursor();
  return [tenant, name];
}

/** A page of rows that were read with one more than `limit`. */
export function namedPage<Row extends { readonly tenant: string; readonly name: string }, View>(
  list: string,
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => View,
): { items: View[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last ? writeCursor([list, last.tenant, last.name]) : null;
  return { items: shown.map(view), nextCursor };
}
