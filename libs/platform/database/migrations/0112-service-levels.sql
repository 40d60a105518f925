-- What is promised: calendars and policies as versions, which tier a customer has, and what became of each closed ticket.

CREATE TABLE sla_calendars (
  tenant_id text NOT NULL REFERENCES tenants,
  name text NOT NULL,
  version int NOT NULL CHECK (version > 0),
  -- NamedCalendar of libs/sla/model
  body jsonb NOT NULL,
  counts_from timestamptz NOT NULL,
  saved_by text NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, name, version)
);

-- One row of versions for each tier: the MSP's hold for every customer that has the tier, a customer's own go before them.
CREATE TABLE sla_policies (
  tenant_id text NOT NULL REFERENCES tenants,
  tier text NOT NULL,
  version int NOT NULL CHECK (version > 0),
  -- SlaPolicy of libs/sla/model
  body jsonb NOT NULL,
  counts_from timestamptz NOT NULL,
  saved_by text NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, tier, version)
);

CREATE TABLE sla_tiers (
  tenant_id text NOT NULL REFERENCES tenants,
  version int NOT NULL CHECK (version > 0),
  -- null: no SLA, by somebody's word
  tier text,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, version)
);

-- A change of what is promised, until the open tickets that it is about follow it.
CREATE TABLE sla_changes (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('calendar', 'policy', 'tier')),
  name text NOT NULL,
  reason text,
  counts_from timestamptz NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  tickets_moved int NOT NULL DEFAULT 0,
  done_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);

-- What a ticket's clocks said when it was closed, with everything that they were computed from.
CREATE TABLE sla_verdicts (
  tenant_id text NOT NULL,
  ticket_id uuid NOT NULL,
  type text NOT NULL,
  priority text NOT NULL,
  frozen_at timestamptz NOT NULL DEFAULT now(),
  clocks jsonb NOT NULL,
  -- facts, with targets, rules, calendars and the versions they came from
  inputs jsonb NOT NULL,
  PRIMARY KEY (tenant_id, ticket_id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX sla_verdicts_by_time ON sla_verdicts (tenant_id, frozen_at);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['sla_calendars', 'sla_policies', 'sla_tiers', 'sla_changes', 'sla_verdicts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT ON sla_calendars, sla_policies, sla_tiers, sla_changes, sla_verdicts TO stellwerk_api;
GRANT SELECT ON sla_calendars, sla_policies, sla_tiers, sla_changes TO stellwerk_worker;
GRANT SELECT, INSERT ON sla_verdicts TO stellwerk_worker;
GRANT UPDATE (tickets_moved, done_at) ON sla_changes TO stellwerk_worker;

-- What the MSP promises all customers of a tier is theirs to read, and what of it counts for one is looked up in its own
-- transaction. The customer's own comes first, then the MSP's; of each the newest version that counts at the instant.
CREATE FUNCTION sla_policies_for(p_tenant text, p_tier text, p_at timestamptz)
  RETURNS TABLE (tenant_id text, tier text, version int, body jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.tenant_id, p.tier, p.version, p.body
  FROM unnest(ARRAY[p_tenant, (SELECT id FROM tenants WHERE kind = 'msp')]) WITH ORDINALITY AS owner (id, place)
  CROSS JOIN LATERAL (
    SELECT * FROM sla_policies s WHERE s.tenant_id = owner.id AND s.tier = p_tier AND s.counts_from <= p_at
    ORDER BY s.version DESC LIMIT 1
  ) p
  WHERE p_tenant = ANY (visible_tenants())
  ORDER BY owner.place $$;

CREATE FUNCTION sla_calendar_for(p_tenant text, p_name text, p_at timestamptz)
  RETURNS TABLE (tenant_id text, name text, version int, body jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.tenant_id, c.name, c.version, c.body
  FROM unnest(ARRAY[p_tenant, (SELECT id FROM tenants WHERE kind = 'msp')]) WITH ORDINALITY AS owner (id, place)
  CROSS JOIN LATERAL (
    SELECT * FROM sla_calendars s WHERE s.tenant_id = owner.id AND s.name = p_name AND s.counts_from <= p_at
    ORDER BY s.version DESC LIMIT 1
  ) c
  WHERE p_tenant = ANY (visible_tenants())
  ORDER BY owner.place LIMIT 1 $$;

-- Whose open tickets a change is about: the customer's own, or for one of the MSP's everybody's. Where, not what (ADR 45).
CREATE FUNCTION tenants_with_open_tickets(p_owner text, p_after text, p_most int) RETURNS TABLE (tenant_id text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id FROM tenants t
  WHERE (t.id = p_owner OR p_owner = (SELECT id FROM tenants WHERE kind = 'msp')) AND t.id > p_after
    AND EXISTS (SELECT FROM tickets k WHERE k.tenant_id = t.id AND k.closed_at IS NULL)
  ORDER BY t.id LIMIT least(p_most, 200) $$;

REVOKE EXECUTE ON FUNCTION sla_policies_for(text, text, timestamptz), sla_calendar_for(text, text, timestamptz),
  tenants_with_open_tickets(text, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sla_policies_for(text, text, timestamptz), sla_calendar_for(text, text, timestamptz)
  TO stellwerk_api, stellwerk_worker;
GRANT EXECUTE ON FUNCTION tenants_with_open_tickets(text, text, int) TO stellwerk_worker;

-- A planned ticket's date, by both sides' word.
ALTER TABLE tickets ADD COLUMN agreed_at timestamptz;
GRANT UPDATE (agreed_at, type) ON tickets TO stellwerk_api;
