-- A first password reaches its receiver by a link that works once and expires. The row holds the token's hash and the
-- password encrypted with a key that only the token gives: this table alone reveals nothing.
CREATE TABLE one_time_links (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  run_id uuid NOT NULL,
  step_id text NOT NULL,
  token_hash bytea NOT NULL UNIQUE,
  -- AES-256-GCM by a key from the token; tenant and id are the additional data. Gone once collected, revoked or expired.
  ciphertext bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revealed_at timestamptz,
  revoked_at timestamptz,
  -- when housekeeping found it expired and uncollected
  expired_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  -- a repeat of the step finds its own link
  UNIQUE (tenant_id, run_id, step_id),
  FOREIGN KEY (tenant_id, run_id) REFERENCES runs
);
CREATE INDEX one_time_links_open ON one_time_links (expires_at) WHERE ciphertext IS NOT NULL;

-- Whose link is it? Answered before the tenant is known, hence by the owner's right and for one hash only.
CREATE FUNCTION tenant_of_link(hash bytea) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id FROM one_time_links WHERE token_hash = hash $$;
REVOKE EXECUTE ON FUNCTION tenant_of_link(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_of_link(bytea) TO stellwerk_api;

ALTER TABLE one_time_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE one_time_links FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON one_time_links FOR SELECT USING (tenant_id = ANY (visible_tenants()));
CREATE POLICY tenant_inserts ON one_time_links FOR INSERT WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_updates ON one_time_links FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_deletes ON one_time_links FOR DELETE USING (tenant_id = written_tenant());
CREATE POLICY owner_all ON one_time_links TO CURRENT_USER USING (true) WITH CHECK (true);
-- housekeeping crosses tenants, and sees only what has expired uncollected
CREATE POLICY bridge_expires_links ON one_time_links TO stellwerk_bridge USING (expires_at < now()) WITH CHECK (true);

GRANT INSERT ON one_time_links TO stellwerk_worker;
GRANT SELECT (tenant_id, id, run_id, step_id, created_at, expires_at, revealed_at, revoked_at, expired_at) ON one_time_links TO stellwerk_worker;
GRANT UPDATE (ciphertext, expires_at, revoked_at, expired_at) ON one_time_links TO stellwerk_worker;
GRANT SELECT ON one_time_links TO stellwerk_api;
GRANT UPDATE (ciphertext, revealed_at) ON one_time_links TO stellwerk_api;
GRANT SELECT (tenant_id, id, run_id, step_id, expires_at, revealed_at, revoked_at, expired_at) ON one_time_links TO stellwerk_bridge;
GRANT UPDATE (ciphertext, expired_at) ON one_time_links TO stellwerk_bridge;
