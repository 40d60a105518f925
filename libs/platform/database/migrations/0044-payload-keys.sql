-- What payloads in Temporal are encrypted with: a key per tenant, with versions.

-- The engine's own workflows (stellwerk/…) have a key of their own under this name, so no tenant may have it.
ALTER TABLE tenants ADD CONSTRAINT the_engine_is_no_tenant CHECK (id <> 'stellwerk') NOT VALID;

-- No reference to tenants: one row is the engine's. Deleting a tenant's rows makes its histories unreadable.
CREATE TABLE payload_keys (
  tenant_id text NOT NULL,
  version int NOT NULL CHECK (version > 0),
  -- wrapped by the master key; tenant and version are the additional data
  key_id text NOT NULL,
  wrapped_key bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, version)
);

ALTER TABLE payload_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE payload_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON payload_keys FOR SELECT USING (tenant_id = ANY (visible_tenants()));
CREATE POLICY tenant_inserts ON payload_keys FOR INSERT WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_updates ON payload_keys FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_deletes ON payload_keys FOR DELETE USING (tenant_id = written_tenant());
CREATE POLICY owner_all ON payload_keys TO CURRENT_USER USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON payload_keys TO stellwerk_bridge, stellwerk_worker;
GRANT SELECT ON payload_keys TO stellwerk_api;
