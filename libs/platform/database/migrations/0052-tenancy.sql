-- Customers as the MSP runs them: created, live once a data processing agreement is in force, suspended, with sites and contacts.

ALTER TABLE tenants
  -- null: no data processing agreement is in force, so no request is taken
  ADD COLUMN live_since timestamptz,
  ADD COLUMN version int NOT NULL DEFAULT 1,
  ADD COLUMN status_reason text,
  ADD COLUMN status_by text,
  ADD COLUMN status_at timestamptz;
-- Customers from before this have been served already; whoever recorded no agreement for them sees that it is missing.
UPDATE tenants SET live_since = created_at;
COMMENT ON COLUMN tenants.id IS 'Never given again: the row of an erased customer stays.';

CREATE TABLE sites (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  name text NOT NULL,
  street text,
  postal_code text,
  city text,
  -- ISO 3166-1 alpha-2
  country text CHECK (country ~ '^[A-Z]{2}$'),
  time_zone text NOT NULL,
  version int NOT NULL DEFAULT 1,
  changed_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX sites_by_name ON sites (tenant_id, lower(name));

CREATE TABLE contacts (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  site_id uuid,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('management', 'technical', 'billing', 'data_protection', 'emergency', 'other')),
  mail text,
  phone text,
  language text CHECK (language IN ('de', 'en')),
  -- the contact's ids in other systems: {system: id}
  external_references jsonb NOT NULL DEFAULT '{}',
  version int NOT NULL DEFAULT 1,
  changed_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES sites
);

-- Data processing agreements (GDPR Art. 28), by version. What was signed never changes; it ends.
CREATE TABLE processing_agreements (
  tenant_id text NOT NULL REFERENCES tenants,
  version int NOT NULL CHECK (version > 0),
  -- the days are the customer's
  signed_on date NOT NULL,
  signed_by text NOT NULL,
  signed_for_us_by text NOT NULL,
  document_reference text NOT NULL,
  document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
  -- [{name, service, country}]
  sub_processors jsonb NOT NULL,
  -- [{place, country, purpose}]
  data_locations jsonb NOT NULL,
  subject_categories text[] NOT NULL,
  data_categories text[] NOT NULL,
  measures_reference text NOT NULL,
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  -- superseded by the next version, or ended without one
  ended_at timestamptz,
  ended_by text,
  end_reason text,
  PRIMARY KEY (tenant_id, version)
);
CREATE UNIQUE INDEX agreement_in_force ON processing_agreements (tenant_id) WHERE ended_at IS NULL;

ALTER TABLE tenant_groups ADD COLUMN version int NOT NULL DEFAULT 1;

-- Nobody takes a request in for a customer that is not live, is suspended or is being off-boarded: whatever way it comes.
CREATE FUNCTION refuse_requests_of_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  refusal text;
BEGIN
  -- a program writes for exactly one tenant (its policies see to that), so one look does for the whole statement
  SELECT CASE WHEN status <> 'active' THEN status WHEN kind = 'customer' AND live_since IS NULL THEN 'not_live' END
    INTO refusal FROM tenants WHERE id = written_tenant();
  IF refusal IS NOT NULL THEN RAISE EXCEPTION '%', refusal USING ERRCODE = 'SW001'; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_requests_of_tenant BEFORE INSERT ON requests FOR EACH STATEMENT EXECUTE FUNCTION refuse_requests_of_tenant();

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['sites', 'contacts', 'processing_agreements'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

-- The API creates customers, and nothing else, in their first state.
CREATE POLICY api_creates_customers ON tenants AS RESTRICTIVE FOR INSERT TO stellwerk_api
  WITH CHECK (kind = 'customer' AND status = 'active' AND live_since IS NULL);
CREATE POLICY api_leaves_erased_alone ON tenants AS RESTRICTIVE FOR UPDATE TO stellwerk_api USING (status <> 'erased');
GRANT INSERT (id, kind, name, time_zone) ON tenants TO stellwerk_api;
GRANT UPDATE (name, time_zone, version, status, status_reason, status_by, status_at, live_since) ON tenants TO stellwerk_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON sites, contacts TO stellwerk_api;
GRANT SELECT, INSERT ON processing_agreements TO stellwerk_api;
GRANT UPDATE (ended_at, ended_by, end_reason) ON processing_agreements TO stellwerk_api;
GRANT SELECT ON sites, contacts TO stellwerk_worker;
