-- Tickets: their state, and everything that happened to them in its order. Clocks of service levels are computed from that.

-- array_to_string is not immutable for every type; for text it is
CREATE FUNCTION joined_tags(tags text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$ SELECT array_to_string(tags, ' ') $$;

CREATE TABLE ticket_numbers (
  tenant_id text NOT NULL REFERENCES tenants,
  last int NOT NULL,
  PRIMARY KEY (tenant_id)
);

-- By which impact and urgency a customer's tickets get their priority; a customer without a row has the usual ones.
CREATE TABLE priority_matrices (
  tenant_id text NOT NULL REFERENCES tenants,
  -- {impact: {urgency: priority}}
  matrix jsonb NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id)
);

CREATE TABLE tickets (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  number int NOT NULL CHECK (number > 0),
  type text NOT NULL CHECK (type IN ('incident', 'service_request')),
  work_class text NOT NULL CHECK (work_class IN ('incident', 'project', 'service_request', 'regular_operation', 'maintenance_on_request')),
  subject text NOT NULL,
  description text,
  impact text NOT NULL CHECK (impact IN ('high', 'medium', 'low')),
  urgency text NOT NULL CHECK (urgency IN ('high', 'medium', 'low')),
  priority text NOT NULL CHECK (priority IN ('critical', 'high', 'medium', 'low')),
  status text NOT NULL DEFAULT 'new' CHECK (status IN
    ('new', 'assigned', 'in_progress', 'waiting_for_customer', 'waiting_for_third_party', 'on_hold', 'resolved', 'closed')),
  -- of a waiting status: why
  status_reason text,
  team text,
  technician text,
  tags text[] NOT NULL DEFAULT '{}',
  -- whose concern it is: somebody with an account, or a contact without one
  requester text,
  contact_id uuid,
  opened_by text NOT NULL,
  opened_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  closed_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, number),
  FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
  CHECK (status_reason IS NOT NULL OR status NOT IN ('waiting_for_customer', 'waiting_for_third_party', 'on_hold')),
  CHECK ((resolved_at IS NOT NULL) = (status IN ('resolved', 'closed'))),
  CHECK ((closed_at IS NOT NULL) = (status = 'closed'))
);
CREATE INDEX tickets_by_time ON tickets (tenant_id, opened_at DESC, id DESC);
CREATE INDEX tickets_open ON tickets (tenant_id, priority, opened_at) WHERE closed_at IS NULL;
CREATE INDEX tickets_of_requester ON tickets (tenant_id, requester, opened_at DESC) WHERE requester IS NOT NULL;
CREATE INDEX tickets_search ON tickets
  USING gin (to_tsvector('simple', subject || ' ' || coalesce(description, '') || ' ' || joined_tags(tags)));

-- What happened to a ticket: nothing of it is ever changed.
CREATE TABLE ticket_entries (
  tenant_id text NOT NULL,
  ticket_id uuid NOT NULL,
  sequence int NOT NULL CHECK (sequence > 0),
  at timestamptz NOT NULL DEFAULT now(),
  kind text NOT NULL CHECK (kind IN ('opened', 'comment', 'status', 'priority', 'assignment', 'tags')),
  -- seen by the customer; an internal comment is not
  public boolean NOT NULL,
  by text NOT NULL,
  -- a person of the MSP or of the customer, a machine of either, or the engine: only a person's answer is an answer
  by_kind text NOT NULL CHECK (by_kind IN ('msp', 'customer', 'machine', 'engine')),
  -- of a comment what was said, else why something was done
  body text,
  -- what changed: {from, to} by field
  change jsonb,
  PRIMARY KEY (tenant_id, ticket_id, sequence),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['ticket_numbers', 'priority_matrices', 'tickets', 'ticket_entries'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON ticket_numbers, priority_matrices TO stellwerk_api;
GRANT SELECT, INSERT ON tickets, ticket_entries TO stellwerk_api;
GRANT UPDATE (work_class, impact, urgency, priority, status, status_reason, team, technician, tags, changed_at, resolved_at, closed_at)
  ON tickets TO stellwerk_api;
