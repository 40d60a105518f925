import { isId } from '#libs/kernel';
import { invalidCursor, readCursor, writeCursor } from '../http/cursor.js';

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

type TenantPlace = readonly [tenant: string, id: string];

/** The place behind a cursor of a list by tenant and id; before all rows without one. Throws `InvalidCursor`. */
export function placeIn(list: string, cursor: string | undefined): TenantPlace {
  if (cursor === undefined) return ['', BEFORE_ALL];
  const [name, tenant, id, ...rest] = readCursor(cursor);
  if (name !== list || typeof tenant !== 'string' || typeof id !== 'string' || !isId(id) || rest.length > 0)
    throw invalidCursor();
  return [tenant, id];
}

/** A page of rows that were read with one more than `limit`. */
export function pageOf<Row extends { readonly tenant_id: string; readonly id: string }, View>(
  list: string,
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => View,
): { items: View[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last ? writeCursor([list, last.tenant_id, last.id]) : null;
  return { items: shown.map(view), nextCursor };
}
