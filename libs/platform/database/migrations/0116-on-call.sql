-- Who is reachable when: teams, schedules with their versions, spans that somebody takes instead, swaps, ways to reach somebody.

CREATE TABLE teams (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  name text NOT NULL,
  -- subjects
  members text[] NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  archived_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX teams_by_name ON teams (tenant_id, lower(name)) WHERE archived_at IS NULL;

CREATE TABLE oncall_schedules (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  name text NOT NULL,
  -- hours between a call-out and the next shift below which people are warned
  rest_hours int NOT NULL CHECK (rest_hours BETWEEN 0 AND 48),
  -- of the newest version
  version int NOT NULL CHECK (version > 0),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  archived_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX oncall_schedules_by_name ON oncall_schedules (tenant_id, lower(name)) WHERE archived_at IS NULL;

-- A version counts from its instant until the next one's; who was on call in the past stays what it was.
CREATE TABLE oncall_versions (
  tenant_id text NOT NULL,
  schedule_id uuid NOT NULL,
  version int NOT NULL CHECK (version > 0),
  counts_from timestamptz NOT NULL,
  timezone text NOT NULL,
  -- Layer[] of libs/oncall/model
  layers jsonb NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, schedule_id, version),
  FOREIGN KEY (tenant_id, schedule_id) REFERENCES oncall_schedules
);

CREATE TABLE oncall_swaps (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  schedule_id uuid NOT NULL,
  -- who gives a span away, to whom
  giver text NOT NULL,
  taker text NOT NULL,
  gives_from timestamptz NOT NULL,
  gives_to timestamptz NOT NULL,
  -- what the giver takes for it; null: nothing
  takes_from timestamptz,
  takes_to timestamptz,
  status text NOT NULL DEFAULT 'proposed' CHECK (status IN ('proposed', 'accepted', 'refused')),
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL DEFAULT now(),
  answered_by text,
  answered_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, schedule_id) REFERENCES oncall_schedules,
  CHECK (gives_from < gives_to),
  CHECK ((takes_from IS NULL) = (takes_to IS NULL) AND (takes_from IS NULL OR takes_from < takes_to)),
  CHECK ((answered_at IS NULL) = (status = 'proposed'))
);

CREATE TABLE oncall_overrides (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  schedule_id uuid NOT NULL,
  person text NOT NULL,
  from_at timestamptz NOT NULL,
  to_at timestamptz NOT NULL,
  reason text,
  -- the swap that it is half of
  swap_id uuid,
  entered_by text NOT NULL,
  entered_at timestamptz NOT NULL DEFAULT now(),
  -- orders those of one transaction: the last entered wins
  entry bigint GENERATED ALWAYS AS IDENTITY,
  withdrawn_by text,
  withdrawn_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, schedule_id) REFERENCES oncall_schedules,
  FOREIGN KEY (tenant_id, swap_id) REFERENCES oncall_swaps (tenant_id, id),
  CHECK (from_at < to_at)
);
CREATE INDEX oncall_overrides_by_end ON oncall_overrides (tenant_id, schedule_id, to_at) WHERE withdrawn_at IS NULL;

-- In which order somebody is tried by which way; without a row by the mail address of the account.
CREATE TABLE contact_methods (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  subject text NOT NULL,
  place int NOT NULL CHECK (place > 0),
  kind text NOT NULL CHECK (kind IN ('mail', 'sms', 'voice')),
  address text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, subject, place)
);

-- An address that a calendar program asks: whoever has it sees shifts, nothing else.
CREATE TABLE oncall_feeds (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  token_hash bytea NOT NULL UNIQUE,
  owner text NOT NULL,
  -- null: the owner's own shifts of all schedules
  schedule_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, schedule_id) REFERENCES oncall_schedules
);

CREATE FUNCTION tenant_of_feed(hash bytea) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id FROM oncall_feeds WHERE token_hash = hash $$;
REVOKE EXECUTE ON FUNCTION tenant_of_feed(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_of_feed(bytea) TO stellwerk_api;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['teams', 'oncall_schedules', 'oncall_versions', 'oncall_swaps', 'oncall_overrides', 'contact_methods', 'oncall_feeds'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT ON teams, oncall_schedules, oncall_versions, oncall_swaps, oncall_overrides, oncall_feeds TO stellwerk_api;
GRANT SELECT, INSERT, DELETE ON contact_methods TO stellwerk_api;
GRANT UPDATE (name, members, set_by, set_at, archived_at) ON teams TO stellwerk_api;
GRANT UPDATE (name, rest_hours, version, archived_at) ON oncall_schedules TO stellwerk_api;
GRANT UPDATE (status, answered_by, answered_at) ON oncall_swaps TO stellwerk_api;
GRANT UPDATE (withdrawn_by, withdrawn_at) ON oncall_overrides TO stellwerk_api;
GRANT UPDATE (revoked_at) ON oncall_feeds TO stellwerk_api;
GRANT SELECT ON teams, oncall_schedules, oncall_versions, oncall_overrides, contact_methods TO stellwerk_worker;
