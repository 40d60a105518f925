-- Mails about tickets to customers' people: one row per mail, sent by a workflow of its own, and the texts that they are made of.

CREATE TABLE ticket_mails (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('received', 'answer', 'waiting', 'reminder', 'closed')),
  -- the public entry whose words it brings
  entry_sequence int,
  -- of a reminder: when the ticket will be closed
  closes_at timestamptz,
  recipient text NOT NULL,
  recipient_name text,
  language text NOT NULL CHECK (language IN ('de', 'en')),
  -- suppressed: it is not sent, and `problem` says why; bounced: it came back; given_up: no server took it in time
  status text NOT NULL CHECK (status IN ('requested', 'sent', 'refused', 'no_mail_system', 'given_up', 'suppressed', 'bounced')),
  requested_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  -- whose mail system sent it
  sent_by text,
  -- chosen before the first try: a repeat can be recognised, and an answer to it
  message_id text,
  problem jsonb,
  event_ids uuid[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets,
  CHECK ((ended_at IS NULL) = (status = 'requested'))
);
CREATE INDEX ticket_mails_of_ticket ON ticket_mails (tenant_id, ticket_id, requested_at);
CREATE INDEX ticket_mails_by_recipient ON ticket_mails (tenant_id, lower(recipient), requested_at DESC);
CREATE INDEX ticket_mails_by_message ON ticket_mails (tenant_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX ticket_mails_open ON ticket_mails (requested_at) WHERE ended_at IS NULL;

-- Each try to hand a mail to a server.
CREATE TABLE ticket_mail_attempts (
  tenant_id text NOT NULL,
  mail_id uuid NOT NULL,
  number int NOT NULL CHECK (number > 0),
  at timestamptz NOT NULL DEFAULT now(),
  outcome text NOT NULL CHECK (outcome IN ('sent', 'refused', 'no_mail_system', 'failed')),
  code text,
  PRIMARY KEY (tenant_id, mail_id, number),
  FOREIGN KEY (tenant_id, mail_id) REFERENCES ticket_mails
);

-- Texts of one's own, by version; the MSP's hold for every customer without one. The highest version holds; without a body
-- it is Stellwerk's own text again.
CREATE TABLE ticket_mail_templates (
  tenant_id text NOT NULL REFERENCES tenants,
  kind text NOT NULL CHECK (kind IN ('received', 'answer', 'waiting', 'reminder', 'closed')),
  language text NOT NULL CHECK (language IN ('de', 'en')),
  version int NOT NULL CHECK (version > 0),
  subject text,
  body text,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, kind, language, version),
  CHECK ((subject IS NULL) = (body IS NULL))
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['ticket_mails', 'ticket_mail_attempts', 'ticket_mail_templates'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT ON ticket_mails TO stellwerk_api, stellwerk_worker;
GRANT UPDATE (status, ended_at, problem) ON ticket_mails TO stellwerk_api;
GRANT UPDATE (status, ended_at, problem, sent_by, message_id) ON ticket_mails TO stellwerk_worker;
GRANT SELECT (tenant_id, id, event_ids) ON ticket_mails TO stellwerk_bridge;
GRANT SELECT ON ticket_mail_attempts TO stellwerk_api;
GRANT SELECT, INSERT ON ticket_mail_attempts TO stellwerk_worker;
GRANT SELECT, INSERT ON ticket_mail_templates TO stellwerk_api;
GRANT SELECT ON ticket_mail_templates TO stellwerk_worker;

-- Whom a mail about somebody's concern goes to: somebody with an account, by the name that histories know, who may still come in.
CREATE FUNCTION receiver_of_subject(tenant text, wanted text) RETURNS TABLE (mail text, name text, language text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.mail, p.display_name, p.language FROM people p
  WHERE p.tenant_id = tenant AND tenant = ANY (visible_tenants()) AND lower(p.subject) = lower(wanted)
    AND p.mail IS NOT NULL AND p.status = 'active' $$;
REVOKE EXECUTE ON FUNCTION receiver_of_subject(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION receiver_of_subject(text, text) TO stellwerk_api, stellwerk_worker;

-- Mails that should have gone out by now: the reconciler looks whether something carries them.
CREATE FUNCTION overdue_ticket_mails(p_most int) RETURNS TABLE (tenant text, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.tenant_id, m.id FROM ticket_mails m
  WHERE m.ended_at IS NULL AND m.requested_at < now() - interval '10 minutes'
  ORDER BY m.requested_at LIMIT least(p_most, 200) $$;
REVOKE EXECUTE ON FUNCTION overdue_ticket_mails(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION overdue_ticket_mails(int) TO stellwerk_worker;
