-- What each accepted request and each line of a history pays for.

-- Keys of events and of calls are only written in one statement with the request or the event that they belong to, under
-- row-level security: a look at the tenants for each of them found nothing that the request's own did not. (The outbox never
-- had one.) A line of a history is only written by `append_timeline`, which counts in the run's row and fails without it.
ALTER TABLE event_keys DROP CONSTRAINT event_keys_tenant_id_fkey;
ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_tenant_id_fkey;
ALTER TABLE run_timeline DROP CONSTRAINT run_timeline_tenant_id_run_id_fkey;

-- Kept answers are written in the order of their age and dropped by it, in bulk: a summary per range of pages finds them.
DROP INDEX idempotency_keys_age;
CREATE INDEX idempotency_keys_age ON idempotency_keys USING brin (created_at) WITH (pages_per_range = 16);

-- Until a table is analysed the planner takes a tenant to be as rare as any value, and every index that begins with it for as
-- good as the primary key; a function keeps such a plan and then reads all rows of the tenant at each call. So it is told from
-- the start what an analysis will find: few tenants, many rows each. The next analysis writes what it sees.
DO $$
DECLARE
  found name;
BEGIN
  FOR found IN SELECT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attname = 'tenant_id' AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
  LOOP
    PERFORM pg_restore_attribute_stats('schemaname', 'public', 'relname', found::text, 'attname', 'tenant_id', 'inherited', false,
      'null_frac', 0::real, 'avg_width', 8, 'n_distinct', 5::real);
  END LOOP;
END $$;
