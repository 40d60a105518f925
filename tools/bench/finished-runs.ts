import type pg from 'pg';
import { TENANT } from './world.js';

const KEYS = `('${TENANT}/request/' || $1, '${TENANT}/run/' || $2)`;

/** Tables that a finished run leaves rows in, with what finds those of one run ($1 request, $2 run) and what must differ between copies. */
const TABLES: readonly { readonly name: string; readonly of: string; readonly own?: string }[] = [
  { name: 'requests', of: 't.id = $1::text::uuid' },
  { name: 'plans', of: 't.request_id = $1::text::uuid' },
  { name: 'decisions', of: 't.request_id = $1::text::uuid' },
  { name: 'confirmations', of: 't.request_id = $1::text::uuid', own: `jsonb_build_object('id', uuidv7())` },
  { name: 'acts', of: 't.request_id = $1::text::uuid', own: `jsonb_build_object('id', uuidv7())` },
  { name: 'runs', of: 't.id = $2::text::uuid' },
  { name: 'run_steps', of: 't.run_id = $2::text::uuid' },
  { name: 'run_timeline', of: 't.run_id = $2::text::uuid' },
  { name: 'sealed_values', of: `t.owner LIKE '${TENANT}/' || $2 || '/%'` },
  { name: 'event_keys', of: `t.key IN ${KEYS}` },
  {
    name: 'outbox',
    of: `t.key IN ${KEYS}`,
    own: `jsonb_build_object('id', nextval(pg_get_serial_sequence('outbox', 'id')), 'event_id', uuidv7())`,
  },
  {
    name: 'inbox',
    of: `t.event_id IN (SELECT event_id FROM outbox WHERE key IN ${KEYS})`,
    own: `jsonb_build_object('event_id', uuidv7())`,
  },
  { name: 'idempotency_keys', of: `t.answer ->> 'id' = $1`, own: `jsonb_build_object('key', uuidv7())` },
];

/**
 * Copies the rows of a run that has ended, so many times, each copy with ids of its own: as much as so many runs would
 * have left, written by SQL.
 */
export async function copyFinishedRun(database: pg.Pool, requestId: string, copies: number): Promise<void> {
  const client = await database.connect();
  try {
    const { rows } = await client.query<{ run_id: string }>('SELECT run_id FROM requests WHERE id = $1', [requestId]);
    await client.query(
      'CREATE TEMP TABLE copies AS SELECT uuidv7() AS request, uuidv7() AS run FROM generate_series(1, $1::int)',
      [copies],
    );
    for (const table of TABLES) await client.query(copyStatement(table), [requestId, rows[0]!.run_id]);
    await client.query('DROP TABLE copies');
    await client.query('VACUUM ANALYZE');
  } finally {
    client.release();
  }
}

/** By way of JSON, so that it copies whatever columns there are. The rows to copy are few: they are found before they are multiplied. */
function copyStatement({ name, of, own = `'{}'` }: (typeof TABLES)[number]): string {
  const overriding = name === 'outbox' ? 'OVERRIDING SYSTEM VALUE' : '';
  return `WITH model AS MATERIALIZED (
      SELECT to_jsonb(t)::text AS text FROM ${name} t WHERE ${of} AND $1::text IS NOT NULL AND $2::text IS NOT NULL
    )
    INSERT INTO ${name} ${overriding}
    SELECT copy.* FROM model m CROSS JOIN copies c CROSS JOIN LATERAL jsonb_populate_record(NULL::${name},
      replace(replace(m.text, $1, c.request::text), $2, c.run::text)::jsonb || ${own}) AS copy`;
}
