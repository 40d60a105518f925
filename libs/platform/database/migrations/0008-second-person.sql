-- A second person, protected accounts, the brake, and requests that only some may see.

-- Why a plan needs a second person at the MSP: [{code, text}]. Found when it is presented, and again when it is decided.
ALTER TABLE plans ADD COLUMN confirmations jsonb NOT NULL DEFAULT '[]';

-- A decision takes effect when nothing is missing any more; null: an approval that waits for its second person, or one that
-- somebody rejected while it waited. `starts_at` is when an approval first touches what it is about; the brake counts by it.
ALTER TABLE decisions ADD COLUMN effective_at timestamptz DEFAULT now();
UPDATE decisions SET effective_at = decided_at;
ALTER TABLE decisions ADD COLUMN superseded_at timestamptz;
ALTER TABLE decisions ADD COLUMN starts_at timestamptz;
ALTER TABLE decisions ADD COLUMN touches text[] NOT NULL DEFAULT '{}';
ALTER TABLE decisions ADD CONSTRAINT superseded_never_took_effect CHECK (superseded_at IS NULL OR effective_at IS NULL);
-- one decision per plan: the first wins, unless it is rejected before it takes effect
ALTER TABLE decisions DROP CONSTRAINT decisions_tenant_id_request_id_revision_key;
CREATE UNIQUE INDEX decisions_of_plan ON decisions (tenant_id, request_id, revision) WHERE superseded_at IS NULL;
CREATE INDEX decisions_by_start ON decisions (tenant_id, starts_at) WHERE starts_at IS NOT NULL;

CREATE TABLE confirmations (
  tenant_id text NOT NULL,
  request_id uuid NOT NULL,
  revision int NOT NULL,
  id uuid NOT NULL,
  plan_hash text NOT NULL,
  confirmed_by text NOT NULL,
  reason text,
  -- the codes of the reasons that were known to whoever confirmed
  codes text[] NOT NULL,
  confirmed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, request_id, revision, id),
  FOREIGN KEY (tenant_id, request_id, revision) REFERENCES plans
);

CREATE TABLE protected_accounts (
  tenant_id text NOT NULL REFERENCES tenants,
  -- in lower case: directories compare login names without regard to it
  user_name text NOT NULL CHECK (user_name = lower(user_name)),
  kind text NOT NULL CHECK (kind IN ('director', 'break_glass', 'service', 'last_administrator')),
  rule text NOT NULL CHECK (rule IN ('refuse', 'second_person')),
  note text,
  -- the entry's identity, learned from the directory: a renamed account stays protected
  identity text,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, user_name)
);

CREATE TABLE tenant_settings (
  tenant_id text PRIMARY KEY REFERENCES tenants,
  -- the brake: so many accounts or devices within an hour need no second person
  accounts_per_hour int NOT NULL CHECK (accounts_per_hour BETWEEN 1 AND 100000),
  last_administrator text NOT NULL CHECK (last_administrator IN ('refuse', 'second_person')),
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now()
);

-- Confidential until then (null: it never was); `confidants` are the technicians and operators named in it, in lower case.
-- `needs_second_person` lets the MSP's owners see it, because somebody there has to confirm.
ALTER TABLE requests ADD COLUMN confidential_until timestamptz;
ALTER TABLE requests ADD COLUMN confidants text[] NOT NULL DEFAULT '{}';
ALTER TABLE requests ADD COLUMN needs_second_person boolean NOT NULL DEFAULT false;

-- May this reader see this request, and everything made of it? `decides`: may decide on plans at the customer; `confirms`:
-- an owner of the MSP. Whom it is about never sees it while it is confidential, whatever the role.
CREATE FUNCTION request_is_shown(tenant text, request uuid, reader text, decides boolean, confirms boolean)
  RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT EXISTS (
    SELECT FROM requests r
    WHERE r.tenant_id = tenant AND r.id = request AND (
      r.confidential_until IS NULL OR r.confidential_until <= now() OR lower(r.requested_by) = lower(reader)
      OR (lower(reader) NOT IN (lower(r.subject), lower(split_part(r.subject, '@', 1) || '@' || r.tenant_id))
          AND (decides OR lower(reader) = ANY (r.confidants) OR (confirms AND r.needs_second_person))))) $$;
COMMENT ON FUNCTION request_is_shown IS 'The one condition on who sees a confidential request; true for all others.';
GRANT EXECUTE ON FUNCTION request_is_shown TO stellwerk_api;

-- An account of the portal is its keys. `closed_by` names the step of the run that closed it: <tenant>/<run>/<step>.
ALTER TABLE api_keys ADD COLUMN closed_by text;
CREATE INDEX api_keys_by_subject ON api_keys (tenant_id, lower(subject));

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['confirmations', 'protected_accounts', 'tenant_settings'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT ON confirmations TO stellwerk_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON protected_accounts TO stellwerk_api;
GRANT SELECT, INSERT, UPDATE ON tenant_settings TO stellwerk_api;
GRANT UPDATE (confirmations) ON plans TO stellwerk_api;
GRANT UPDATE (effective_at, superseded_at, starts_at, touches) ON decisions TO stellwerk_api;

GRANT SELECT ON confirmations, protected_accounts, tenant_settings TO stellwerk_worker;
GRANT UPDATE (identity) ON protected_accounts TO stellwerk_worker;
GRANT SELECT (tenant_id, id, subject, revoked_at, closed_by) ON api_keys TO stellwerk_worker;
GRANT UPDATE (revoked_at, closed_by) ON api_keys TO stellwerk_worker;
