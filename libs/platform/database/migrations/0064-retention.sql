-- How long a tenant's ended requests and runs are kept, by their outcome. A row is there from the tenant's going live, or from
-- the first time that somebody set it; its workflow erases what is due.
CREATE TABLE tenant_retention (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  -- {outcome: days} where it differs from the usual (libs/tenancy/model/retention.model.ts)
  days jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(days) = 'object'),
  begun_at timestamptz NOT NULL DEFAULT now(),
  -- null while the usual days hold
  set_by text,
  set_at timestamptz,
  -- events that tell its workflow; another event with its id is not ours
  event_ids uuid[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id),
  UNIQUE (tenant_id, id),
  CHECK ((set_by IS NULL) = (set_at IS NULL))
);

ALTER TABLE tenant_retention ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_retention FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON tenant_retention FOR SELECT USING (tenant_id = ANY (visible_tenants()));
CREATE POLICY tenant_inserts ON tenant_retention FOR INSERT WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_updates ON tenant_retention FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant());
CREATE POLICY owner_all ON tenant_retention TO CURRENT_USER USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON tenant_retention TO stellwerk_api;
GRANT UPDATE (days, set_by, set_at, event_ids) ON tenant_retention TO stellwerk_api;
GRANT SELECT ON tenant_retention TO stellwerk_worker;
GRANT SELECT (tenant_id, id, event_ids) ON tenant_retention TO stellwerk_bridge;
