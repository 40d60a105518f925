-- What tickets have to do with each other, with requests and with things elsewhere; who watches; what was merged and split.

ALTER TABLE tickets ADD COLUMN merged_into uuid;
ALTER TABLE tickets ADD FOREIGN KEY (tenant_id, merged_into) REFERENCES tickets (tenant_id, id);
ALTER TABLE tickets ADD CHECK (merged_into IS NULL OR (merged_into <> id AND status = 'closed'));
GRANT UPDATE (type, merged_into) ON tickets TO stellwerk_api;

-- The ticket that a request was made for: its runs are the ticket's.
ALTER TABLE requests ADD COLUMN ticket_id uuid;
ALTER TABLE requests ADD CONSTRAINT requests_ticket FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id);
CREATE INDEX requests_of_ticket ON requests (tenant_id, ticket_id) WHERE ticket_id IS NOT NULL;

CREATE TABLE ticket_links (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('relates', 'blocks', 'duplicates', 'caused_by', 'merged_into', 'split_from', 'device', 'alert')),
  -- of a link to a ticket
  other_id uuid,
  -- of a link to something elsewhere
  external_id text,
  label text,
  linked_by text NOT NULL,
  linked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, ticket_id, kind, other_id),
  UNIQUE (tenant_id, ticket_id, kind, external_id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets,
  FOREIGN KEY (tenant_id, other_id) REFERENCES tickets (tenant_id, id),
  CHECK ((other_id IS NULL) = (kind IN ('device', 'alert')) AND (external_id IS NULL) = (other_id IS NOT NULL)),
  CHECK (other_id IS NULL OR other_id <> ticket_id)
);
CREATE INDEX ticket_links_of_other ON ticket_links (tenant_id, other_id) WHERE other_id IS NOT NULL;

CREATE TABLE ticket_watchers (
  tenant_id text NOT NULL,
  ticket_id uuid NOT NULL,
  -- a person of the MSP, who sees everything, or of the customer, who sees what is public
  subject text NOT NULL,
  added_by text NOT NULL,
  added_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, ticket_id, subject),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX ticket_watchers_by_subject ON ticket_watchers (tenant_id, subject);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['ticket_links', 'ticket_watchers'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT, DELETE ON ticket_links, ticket_watchers TO stellwerk_api;
GRANT SELECT ON ticket_watchers TO stellwerk_worker;

-- As before, with the ticket.
CREATE OR REPLACE FUNCTION insert_requests(p_tenant text, p_rows json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH new AS MATERIALIZED (
    SELECT * FROM json_to_recordset(p_rows) AS n (
      id uuid, type text, subject text, body jsonb, requested_by text,
      template_version int, only_one text, confidential_until timestamptz, confidential_until_start boolean, confidants jsonb,
      ticket_id uuid, caller text, idempotency_key text, fingerprint text, status int, answer jsonb,
      event_id uuid, shard smallint, topic text, key text, headers jsonb, value text)
  ), request AS (
    INSERT INTO requests (tenant_id, id, type, status, subject, body, requested_by, submitted_event_id,
      template_version, only_one, confidential_until, confidential_until_start, confidants, ticket_id)
    SELECT p_tenant, n.id, n.type, 'planning', n.subject, n.body, n.requested_by, n.event_id, n.template_version, n.only_one,
      n.confidential_until, coalesce(n.confidential_until_start, false), ARRAY(SELECT jsonb_array_elements_text(n.confidants)),
      n.ticket_id
    FROM new n ORDER BY n.only_one
  ), answer AS (
    INSERT INTO idempotency_keys (tenant_id, caller, key, fingerprint, status, answer)
    SELECT p_tenant, n.caller, n.idempotency_key, decode(n.fingerprint, 'hex'), n.status, n.answer FROM new n
    WHERE n.idempotency_key IS NOT NULL
  ), record AS (
    INSERT INTO audit_entries (tenant_id, action, outcome, object_kind, request_id, actor, object_id, after)
    SELECT p_tenant, 'request.submitted', 'done', 'request', n.id, n.requested_by, n.id::text,
      jsonb_build_object('type', n.type, 'subject', n.subject) FROM new n
  ), next AS (
    INSERT INTO event_keys (tenant_id, key, sequence) SELECT p_tenant, n.key, 1 FROM new n
    ON CONFLICT (tenant_id, key) DO UPDATE SET sequence = event_keys.sequence + 1
    RETURNING event_keys.key, event_keys.sequence
  )
  INSERT INTO outbox (tenant_id, event_id, shard, topic, key, sequence, headers, value)
  SELECT p_tenant, n.event_id, n.shard, n.topic, n.key, next.sequence,
    jsonb_build_object('ce_time', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) || n.headers
      || jsonb_build_object('ce_sequence', next.sequence::text),
    convert_to(n.value, 'UTF8')
  FROM new n JOIN next ON next.key = n.key;
END $$;

-- Words of comments are found with their ticket.
CREATE INDEX ticket_entries_search ON ticket_entries USING gin (to_tsvector('simple', body))
  WHERE kind IN ('comment', 'copied_comment');
CREATE INDEX tickets_by_tags ON tickets USING gin (tags);
