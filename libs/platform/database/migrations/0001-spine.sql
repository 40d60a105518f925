-- The spine: tenants and keys, requests with plans and decisions, runs with steps and timeline, and the event log.
-- Every row belongs to the customer it is about. Row-level security is forced, also for the owner of the tables.

CREATE FUNCTION visible_tenants() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT string_to_array(current_setting('stellwerk.tenants', true), ',') $$;
COMMENT ON FUNCTION visible_tenants() IS 'The tenants of this transaction, from the transaction-local setting stellwerk.tenants.';

CREATE FUNCTION written_tenant() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('stellwerk.tenants', true), '') $$;
COMMENT ON FUNCTION written_tenant() IS 'The one tenant that may be written: a list of several equals no tenant, so such a transaction can only read.';

CREATE TABLE tenants (
  id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9-]{1,39}$'),
  kind text NOT NULL CHECK (kind IN ('msp', 'customer')),
  name text NOT NULL,
  time_zone text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  role text NOT NULL CHECK (role IN ('owner','operator','technician','customer_admin','approver','requester','auditor')),
  subject text NOT NULL,
  name text NOT NULL,
  key_hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE systems (
  tenant_id text NOT NULL REFERENCES tenants,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('ldap', 'smtp', 'http')),
  site text NOT NULL DEFAULT 'default',
  config jsonb NOT NULL,
  secret_ref text,
  PRIMARY KEY (tenant_id, name)
);

CREATE TABLE requests (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  type text NOT NULL,
  status text NOT NULL CHECK (status IN ('planning','awaiting_approval','approved','rejected','running','closed','refused')),
  subject text NOT NULL,
  body jsonb NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  submitted_event_id uuid NOT NULL,
  plan_revision int NOT NULL DEFAULT 0,
  plan_hash text,
  run_id uuid,
  waiting_for jsonb,
  stalled jsonb,
  problem jsonb,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX requests_by_time ON requests (tenant_id, requested_at DESC, id DESC);
CREATE INDEX requests_open ON requests (tenant_id, id) WHERE status IN ('planning','awaiting_approval','approved','running');

CREATE TABLE plans (
  tenant_id text NOT NULL,
  request_id uuid NOT NULL,
  revision int NOT NULL,
  hash text NOT NULL,
  plan jsonb NOT NULL,
  drift jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, request_id, revision),
  FOREIGN KEY (tenant_id, request_id) REFERENCES requests
);

CREATE TABLE decisions (
  tenant_id text NOT NULL,
  request_id uuid NOT NULL,
  id uuid NOT NULL,
  revision int NOT NULL,
  plan_hash text NOT NULL,
  decision text NOT NULL CHECK (decision IN ('approve', 'reject')),
  decided_by text NOT NULL,
  reason text,
  decided_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, request_id, id),
  -- one decision per plan: the first wins
  UNIQUE (tenant_id, request_id, revision),
  FOREIGN KEY (tenant_id, request_id) REFERENCES requests
);

CREATE TABLE runs (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  process text NOT NULL,
  workflow_id text NOT NULL,
  request_id uuid NOT NULL,
  subject text NOT NULL,
  status text NOT NULL CHECK (status IN ('queued','running','waiting','completed','completed_with_errors','cancelled','failed')),
  waiting_for jsonb,
  stalled jsonb,
  problem jsonb,
  plan jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  ended_at timestamptz,
  timeline_length int NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, request_id) REFERENCES requests
);
CREATE INDEX runs_by_time ON runs (tenant_id, created_at DESC, id DESC);
CREATE INDEX runs_by_request ON runs (tenant_id, request_id);

CREATE TABLE run_steps (
  tenant_id text NOT NULL,
  run_id uuid NOT NULL,
  step_id text NOT NULL,
  position int NOT NULL,
  title text NOT NULL,
  block text NOT NULL,
  verb text NOT NULL CHECK (verb IN ('apply', 'undo')),
  system text NOT NULL,
  status text NOT NULL CHECK (status IN ('pending','running','held','ended')),
  outcome text CHECK (outcome IN ('succeeded','already_in_desired_state','skipped','failed','compensated','unknown')),
  reason text,
  attempt int NOT NULL DEFAULT 0,
  waiting_for jsonb,
  -- what the step found before its first write (rule 6): written once, never overwritten
  before_image jsonb,
  receipt jsonb,
  after_image jsonb,
  evidence jsonb,
  problem jsonb,
  drift jsonb,
  started_at timestamptz,
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, run_id, step_id),
  FOREIGN KEY (tenant_id, run_id) REFERENCES runs
);

CREATE TABLE run_timeline (
  tenant_id text NOT NULL,
  run_id uuid NOT NULL,
  seq int NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind text NOT NULL,
  step_id text,
  attempt int,
  who text NOT NULL,
  seconds double precision,
  data jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, run_id, seq),
  FOREIGN KEY (tenant_id, run_id) REFERENCES runs
);

CREATE TABLE sealed_values (
  tenant_id text NOT NULL REFERENCES tenants,
  owner text NOT NULL,
  name text NOT NULL,
  -- AES-256-GCM: a data key per value, wrapped by the master key; tenant, owner and name are the additional data
  wrapped_key bytea NOT NULL,
  ciphertext bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, owner, name)
);

CREATE TABLE idempotency_keys (
  tenant_id text NOT NULL REFERENCES tenants,
  caller text NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  status int NOT NULL,
  answer jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, caller, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE event_keys (
  tenant_id text NOT NULL REFERENCES tenants,
  key text NOT NULL,
  sequence bigint NOT NULL,
  PRIMARY KEY (tenant_id, key)
);

CREATE TABLE outbox (
  created_at timestamptz NOT NULL DEFAULT now(),
  id bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id text NOT NULL,
  event_id uuid NOT NULL,
  shard smallint NOT NULL,
  topic text NOT NULL,
  key text NOT NULL,
  sequence bigint NOT NULL,
  headers jsonb NOT NULL,
  value bytea NOT NULL,
  sent_at timestamptz,
  PRIMARY KEY (created_at, id)
) PARTITION BY RANGE (created_at);
CREATE INDEX outbox_unsent ON outbox (shard, id) WHERE sent_at IS NULL;
CREATE INDEX outbox_by_event ON outbox (tenant_id, event_id);

CREATE TABLE outbox_shards (
  shard smallint PRIMARY KEY,
  owner text,
  leased_until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO outbox_shards (shard) SELECT generate_series(0, 15);

CREATE TABLE inbox (
  consumer text NOT NULL,
  tenant_id text NOT NULL,
  event_id uuid NOT NULL,
  taken_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, tenant_id, event_id)
);

CREATE TABLE dead_letters (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  kafka_offset bigint NOT NULL,
  key bytea,
  value bytea,
  headers jsonb NOT NULL,
  code text NOT NULL,
  reason text NOT NULL,
  arrived_at timestamptz NOT NULL DEFAULT now(),
  replayed_at timestamptz,
  replayed_by text,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (topic, partition, kafka_offset)
);
CREATE INDEX dead_letters_by_time ON dead_letters (tenant_id, arrived_at DESC, id DESC);

-- Daily partitions: made ahead, dropped after seven days unless a row in them was never sent.
CREATE FUNCTION keep_outbox_partitions(today date) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  day date;
  part record;
  unsent boolean;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('stellwerk.outbox.partitions'));
  FOR day IN SELECT generate_series(today - 1, today + 14, interval '1 day')::date LOOP
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF outbox FOR VALUES FROM (%L) TO (%L)',
      'outbox_' || to_char(day, 'YYYYMMDD'), day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
  END LOOP;
  FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'outbox'::regclass AND c.relname < 'outbox_' || to_char(today - 7, 'YYYYMMDD') LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM outbox WHERE tableoid = %L::regclass AND sent_at IS NULL)', part.relname) INTO unsent;
    IF NOT unsent THEN EXECUTE format('DROP TABLE %I', part.relname); END IF;
  END LOOP;
END $$;

-- Who holds this key? Answered before the tenant is known, hence by the owner's right and for one hash only.
CREATE FUNCTION holder_of_key(hash bytea)
  RETURNS TABLE (key_id uuid, tenant_id text, tenant_kind text, role text, subject text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.id, k.tenant_id, t.kind, k.role, k.subject FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
  WHERE k.key_hash = hash AND k.revoked_at IS NULL $$;

-- Which customers the MSP's people see. Until assignments are built: all of them.
CREATE FUNCTION tenants_of_msp() RETURNS TABLE (id text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT id FROM tenants $$;

-- Row-level security ------------------------------------------------------------------------------------------------
DO $$
DECLARE
  t text;
  tenant_column text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tenants','api_keys','systems','requests','plans','decisions','runs','run_steps','run_timeline',
      'sealed_values','idempotency_keys','event_keys','outbox','inbox','dead_letters'] LOOP
    tenant_column := CASE t WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (%I = ANY (visible_tenants()))', t, tenant_column);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (%I = written_tenant())', t, tenant_column);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (%I = written_tenant()) WITH CHECK (%I = written_tenant())', t, tenant_column, tenant_column);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (%I = written_tenant())', t, tenant_column);
    -- migrations, the two functions above and the partitions' upkeep run as the owner
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

-- Background work crosses tenants, on just the tables it needs.
CREATE POLICY bridge_relays ON outbox TO stellwerk_bridge USING (true) WITH CHECK (true);
CREATE POLICY bridge_takes ON inbox TO stellwerk_bridge USING (true) WITH CHECK (true);
CREATE POLICY bridge_buries ON dead_letters TO stellwerk_bridge USING (true) WITH CHECK (true);
CREATE POLICY bridge_knows_tenants ON tenants FOR SELECT TO stellwerk_bridge USING (true);
CREATE POLICY bridge_expires_keys ON idempotency_keys TO stellwerk_bridge USING (created_at < now() - interval '7 days');
CREATE POLICY worker_audits_requests ON requests FOR SELECT TO stellwerk_worker USING (true);
CREATE POLICY worker_audits_runs ON runs FOR SELECT TO stellwerk_worker USING (true);
CREATE POLICY worker_audits_inbox ON inbox FOR SELECT TO stellwerk_worker USING (true);
CREATE POLICY worker_audits_outbox ON outbox FOR SELECT TO stellwerk_worker USING (true);

GRANT USAGE ON SCHEMA public TO stellwerk_api, stellwerk_bridge, stellwerk_worker;
GRANT EXECUTE ON FUNCTION visible_tenants(), written_tenant() TO stellwerk_api, stellwerk_bridge, stellwerk_worker;
REVOKE EXECUTE ON FUNCTION keep_outbox_partitions(date), holder_of_key(bytea), tenants_of_msp() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION holder_of_key(bytea), tenants_of_msp() TO stellwerk_api;
GRANT EXECUTE ON FUNCTION keep_outbox_partitions(date) TO stellwerk_bridge;

GRANT SELECT ON tenants, systems, requests, plans, decisions, runs, run_steps, run_timeline, dead_letters TO stellwerk_api;
GRANT SELECT, INSERT ON idempotency_keys, outbox TO stellwerk_api;
GRANT SELECT, INSERT, UPDATE ON event_keys TO stellwerk_api;
GRANT INSERT, UPDATE ON requests TO stellwerk_api;
GRANT INSERT ON decisions, run_timeline TO stellwerk_api;
GRANT UPDATE ON runs, dead_letters TO stellwerk_api;

GRANT SELECT, UPDATE ON outbox, outbox_shards TO stellwerk_bridge;
GRANT SELECT, INSERT ON inbox TO stellwerk_bridge;
GRANT SELECT, INSERT ON dead_letters TO stellwerk_bridge;
GRANT SELECT ON tenants, requests, runs TO stellwerk_bridge;
GRANT SELECT, DELETE ON idempotency_keys TO stellwerk_bridge;
GRANT UPDATE ON runs TO stellwerk_bridge;
GRANT INSERT ON run_timeline TO stellwerk_bridge;

GRANT SELECT ON tenants, systems, inbox TO stellwerk_worker;
GRANT SELECT, INSERT ON outbox, sealed_values, plans, run_timeline, decisions TO stellwerk_worker;
GRANT SELECT, INSERT, UPDATE ON event_keys, runs, run_steps TO stellwerk_worker;
GRANT SELECT, UPDATE ON requests TO stellwerk_worker;

SELECT keep_outbox_partitions((now() AT TIME ZONE 'UTC')::date);
