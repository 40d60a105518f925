import { sql } from 'kysely';
import type { Row } from '../database/index.js';
import type { ChainableEntry } from './audit-hashes.js';

/** The columns of `audit_entries AS e` that hashes cover. */
export const HASHED_COLUMNS = sql`e.id, e.at, e.action, e.outcome, e.object_kind, e.request_id, e.actor, e.origin, e.object_id,
  e.reason, e.before, e.after, e.salt`;

export type HashedRow = Pick<
  Row<'audit_entries'>,
  | 'id'
  | 'at'
  | 'action'
  | 'outcome'
  | 'object_kind'
  | 'request_id'
  | 'actor'
  | 'origin'
  | 'object_id'
  | 'reason'
  | 'before'
  | 'after'
  | 'salt'
>;

export function toChainable(row: HashedRow): ChainableEntry {
  return {
    ...{ id: row.id, at: row.at, action: row.action, outcome: row.outcome, objectKind: row.object_kind },
    ...{ request: row.request_id, actor: row.actor, origin: row.origin, objectId: row.object_id },
    ...{ reason: row.reason, before: row.before, after: row.after, salt: row.salt },
  };
}
