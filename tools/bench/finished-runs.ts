import type pg from 'pg';
import { TENANT } from './world.js';

/** Tables that a finished run leaves rows in, with what finds those of one run and what must differ between copies. */
const TABLES: readonly { readonly name: string; readonly of: string; readonly own?: string }[] = [
  { name: 'requests', of: 't.id = c.old_request' },
  { name: 'plans', of: 't.request_id = c.old_request' },
  { name: 'decisions', of: 't.request_id = c.old_request' },
  { name: 'runs', of: 't.id = c.old_run' },
  { name: 'run_steps', of: 't.run_id = c.old_run' },
  { name: 'run_timeline', of: 't.run_id = c.old_run' },
  { name: 'event_keys', of: `t.key IN ('${TENANT}/request/' || c.old_request, '${TENANT}/run/' || c.old_run)` },
  {
    name: 'outbox',
    of: `t.key IN ('${TENANT}/request/' || c.old_request, '${TENANT}/run/' || c.old_run)`,
    own: `jsonb_build_object('id', nextval(pg_get_serial_sequence('outbox', 'id')), 'event_id', uuidv7())`,
  },
  {
    name: 'inbox',
    of: `t.event_id IN (SELECT event_id FROM outbox WHERE key = '${TENANT}/request/' || c.old_request)`,
    own: `jsonb_build_object('event_id', uuidv7())`,
  },
  {
    name: 'idempotency_keys',
    of: `t.answer ->> 'id' = c.old_request::text`,
    own: `jsonb_build_object('key', uuidv7())`,
  },
];

/**
 * Copies the rows of a run that has ended, so many times, each copy with ids of its own: as much as so many runs would
 * have left, written by SQL.
 */
export async function copyFinishedRun(database: pg.Pool, requestId: string, copies: number): Promise<void> {
  const client = await database.connect();
  try {
    await client.query(
      `CREATE TEMP TABLE copies AS SELECT n, r.id AS old_request, r.run_id AS old_run, uuidv7() AS new_request, uuidv7() AS new_run
       FROM requests r, generate_series(1, $2::int) n WHERE r.id = $1`,
      [requestId, copies],
    );
    for (const table of TABLES) await client.query(copyStatement(table));
    await client.query('DROP TABLE copies');
    await client.query('VACUUM ANALYZE');
  } finally {
    client.release();
  }
}

/** By way of JSON, so that it copies whatever columns there are. */
function copyStatement({ name, of, own = `'{}'` }: (typeof TABLES)[number]): string {
  const text = `replace(replace(to_jsonb(t)::text, c.old_request::text, c.new_request::text), c.old_run::text, c.new_run::text)`;
  const overriding = name === 'outbox' ? 'OVERRIDING SYSTEM VALUE' : '';
  return `INSERT INTO ${name} ${overriding}
    SELECT (jsonb_populate_record(NULL::${name}, ${text}::jsonb || ${own})).* FROM copies c JOIN ${name} t ON ${of}`;
}
