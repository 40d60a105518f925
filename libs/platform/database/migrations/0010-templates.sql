-- Templates of a customer's processes, versioned: a version never changes, so a request keeps the one it was drawn from.
CREATE TABLE process_templates (
  tenant_id text NOT NULL REFERENCES tenants,
  process text NOT NULL CHECK (process IN ('onboarding', 'offboarding', 'mover', 'absence')),
  version int NOT NULL CHECK (version > 0),
  body jsonb NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, process, version)
);

ALTER TABLE process_templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_templates FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON process_templates FOR SELECT USING (tenant_id = ANY (visible_tenants()));
CREATE POLICY tenant_inserts ON process_templates FOR INSERT WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_updates ON process_templates FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_deletes ON process_templates FOR DELETE USING (tenant_id = written_tenant());
CREATE POLICY owner_all ON process_templates TO CURRENT_USER USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON process_templates TO stellwerk_api;

-- The template's version that a request was drawn from; null: there was none.
ALTER TABLE requests ADD COLUMN template_version int;

-- What only one open request may be about, e.g. `offboarding:eva.beck`, or the user name that a joiner will get; null:
-- nothing. Requests from before this have none.
ALTER TABLE requests ADD COLUMN only_one text;
CREATE UNIQUE INDEX requests_only_one ON requests (tenant_id, only_one)
  WHERE only_one IS NOT NULL AND status IN ('planning', 'awaiting_approval', 'approved', 'running');
