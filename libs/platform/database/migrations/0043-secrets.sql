-- Customers' secrets, and which master key wrapped what.

-- The key of installations from before keys had ids is the first.
ALTER TABLE sealed_values ADD COLUMN key_id text NOT NULL DEFAULT 'local:1';
ALTER TABLE sealed_values ALTER COLUMN key_id DROP DEFAULT;

-- What stands behind secret://<name>. A value that was replaced or removed is gone at once; who set it when stays.
CREATE TABLE secrets (
  tenant_id text NOT NULL REFERENCES tenants,
  name text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
  version int NOT NULL CHECK (version > 0),
  -- AES-256-GCM: a data key per value, wrapped by the master key; tenant, name and id are the additional data
  id uuid NOT NULL,
  key_id text,
  wrapped_key bytea,
  ciphertext bytea,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  ended_by text,
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, name, version),
  CONSTRAINT secrets_are_whole_or_gone CHECK (num_nonnulls(key_id, wrapped_key, ciphertext) = CASE WHEN ended_at IS NULL THEN 3 ELSE 0 END),
  CONSTRAINT secrets_end_by_somebody CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX secrets_present ON secrets (tenant_id, name) WHERE ended_at IS NULL;

ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON secrets FOR SELECT USING (tenant_id = ANY (visible_tenants()));
CREATE POLICY tenant_inserts ON secrets FOR INSERT WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_updates ON secrets FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_deletes ON secrets FOR DELETE USING (tenant_id = written_tenant());
CREATE POLICY owner_all ON secrets TO CURRENT_USER USING (true) WITH CHECK (true);

-- The api puts secrets in and cannot take them out: its role does not read what is encrypted.
GRANT SELECT (tenant_id, name, version, id, set_by, set_at, last_used_at, ended_by, ended_at) ON secrets TO stellwerk_api;
GRANT INSERT ON secrets TO stellwerk_api;
GRANT UPDATE (key_id, wrapped_key, ciphertext, ended_by, ended_at) ON secrets TO stellwerk_api;
GRANT SELECT ON secrets TO stellwerk_worker;
GRANT UPDATE (last_used_at) ON secrets TO stellwerk_worker;
