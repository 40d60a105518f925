-- A planned ticket's date is agreed: one side proposes, the other answers; only what was agreed counts.
CREATE TABLE ticket_date_proposals (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  date timestamptz NOT NULL,
  reason text NOT NULL,
  side text NOT NULL CHECK (side IN ('msp', 'customer')),
  status text NOT NULL DEFAULT 'proposed' CHECK (status IN ('proposed', 'agreed', 'refused', 'replaced')),
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL DEFAULT now(),
  answered_by text,
  answered_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets,
  CHECK ((answered_at IS NULL) = (status = 'proposed'))
);
CREATE UNIQUE INDEX ticket_date_proposals_open ON ticket_date_proposals (tenant_id, ticket_id) WHERE status = 'proposed';
ALTER TABLE ticket_date_proposals ENABLE ROW LEVEL SECURITY;
ALTER TABLE ticket_date_proposals FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON ticket_date_proposals FOR SELECT USING (tenant_id = ANY (visible_tenants()));
CREATE POLICY tenant_inserts ON ticket_date_proposals FOR INSERT WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_updates ON ticket_date_proposals FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_deletes ON ticket_date_proposals FOR DELETE USING (tenant_id = written_tenant());
CREATE POLICY owner_all ON ticket_date_proposals TO CURRENT_USER USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON ticket_date_proposals TO stellwerk_api;
GRANT UPDATE (status, answered_by, answered_at) ON ticket_date_proposals TO stellwerk_api;
