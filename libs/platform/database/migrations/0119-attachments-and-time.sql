-- Files that came with a ticket, in pieces, and the time that people of the MSP worked on it.

CREATE TABLE ticket_attachments (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  -- the entry of the ticket's history that it came with
  entry_sequence int NOT NULL,
  -- without path, control characters and marks of writing direction
  name text NOT NULL,
  -- by what the bytes are, never by what somebody called them
  type text NOT NULL,
  size int NOT NULL CHECK (size > 0),
  sha256 bytea NOT NULL CHECK (length(sha256) = 32),
  public boolean NOT NULL,
  added_by text NOT NULL,
  added_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX ticket_attachments_of_ticket ON ticket_attachments (tenant_id, ticket_id, entry_sequence);

CREATE TABLE ticket_attachment_chunks (
  tenant_id text NOT NULL,
  attachment_id uuid NOT NULL,
  seq int NOT NULL CHECK (seq >= 0),
  bytes bytea NOT NULL,
  PRIMARY KEY (tenant_id, attachment_id, seq),
  FOREIGN KEY (tenant_id, attachment_id) REFERENCES ticket_attachments
);
ALTER TABLE ticket_attachment_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE ticket_time_entries (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  -- a subject of the MSP
  technician text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('work', 'call_out', 'travel')),
  from_at timestamptz NOT NULL,
  -- null: it is running
  to_at timestamptz,
  billable boolean NOT NULL,
  note text,
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  withdrawn_by text,
  withdrawn_at timestamptz,
  withdrawn_reason text,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets,
  CHECK (to_at IS NULL OR from_at < to_at),
  CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL) AND (withdrawn_by IS NULL) = (withdrawn_reason IS NULL))
);
CREATE INDEX ticket_time_entries_of_ticket ON ticket_time_entries (tenant_id, ticket_id, from_at);
CREATE INDEX ticket_time_entries_by_technician ON ticket_time_entries (technician, from_at) WHERE withdrawn_at IS NULL;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['ticket_attachments', 'ticket_attachment_chunks', 'ticket_time_entries'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

-- Somebody works for several customers and is in one place at a time. Only yes or no is told, and two who ask at once about
-- the same person are answered one after the other, until the first has written.
CREATE FUNCTION time_is_taken(p_technician text, p_from timestamptz, p_to timestamptz, p_but uuid) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('time of ' || p_technician, 0));
  RETURN EXISTS (
    SELECT FROM ticket_time_entries e
    WHERE e.technician = p_technician AND e.withdrawn_at IS NULL AND e.id IS DISTINCT FROM p_but
      AND e.from_at < coalesce(p_to, 'infinity') AND coalesce(e.to_at, 'infinity') > p_from);
END $$;

-- Whether somebody has an account at the MSP: who works on a customer's ticket is no person of that customer's.
CREATE FUNCTION is_person_of_msp(p_subject text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM people p WHERE p.tenant_id = msp_tenant() AND p.subject = p_subject) $$;

-- When people of a tenant that is read were called out, over all customers: nothing else of it.
CREATE FUNCTION call_outs_between(p_tenant text, p_from timestamptz, p_to timestamptz)
  RETURNS TABLE (subject text, from_at timestamptz, to_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.technician, e.from_at, coalesce(e.to_at, greatest(now(), e.from_at)) FROM ticket_time_entries e
  WHERE p_tenant = ANY (visible_tenants()) AND right(e.technician, length(p_tenant) + 1) = '@' || p_tenant
    AND e.kind = 'call_out' AND e.withdrawn_at IS NULL AND e.from_at < p_to AND coalesce(e.to_at, 'infinity') > p_from
  ORDER BY e.from_at, e.technician $$;

REVOKE EXECUTE ON FUNCTION time_is_taken(text, timestamptz, timestamptz, uuid), is_person_of_msp(text),
  call_outs_between(text, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION time_is_taken(text, timestamptz, timestamptz, uuid), is_person_of_msp(text),
  call_outs_between(text, timestamptz, timestamptz) TO stellwerk_api;

GRANT SELECT, INSERT ON ticket_attachments, ticket_attachment_chunks, ticket_time_entries TO stellwerk_api;
GRANT UPDATE (to_at, note, withdrawn_by, withdrawn_at, withdrawn_reason) ON ticket_time_entries TO stellwerk_api;
