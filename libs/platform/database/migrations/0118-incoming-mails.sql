-- Mails that come in: mailboxes that are read, what came, by whom it was proven, and what became of it.

-- Reading a mailbox is a way out of its own.
ALTER TABLE outgoing_allowances DROP CONSTRAINT outgoing_allowances_protocols_check;
ALTER TABLE outgoing_allowances ADD CONSTRAINT outgoing_allowances_protocols_check
  CHECK (cardinality(protocols) > 0 AND protocols <@ ARRAY['http', 'ldap', 'smtp', 'ssh', 'imap']);

-- How a customer's mails are taken; a customer without a row has the usual ways.
CREATE TABLE ticket_mail_settings (
  tenant_id text NOT NULL REFERENCES tenants,
  -- a sender who is nobody of the customer: kept until somebody decides, a ticket of the MSP's own, or turned away
  unknown_senders text NOT NULL CHECK (unknown_senders IN ('quarantine', 'triage', 'refuse')),
  -- kinds of mails that do not go out
  muted text[] NOT NULL DEFAULT '{}' CHECK (muted <@ ARRAY['received', 'answer', 'waiting', 'reminder', 'closed']),
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id)
);

-- A mailbox that is read by IMAP: the MSP's own, where addresses and senders tell whose a mail is, or a customer's.
CREATE TABLE ticket_mailboxes (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  name text NOT NULL,
  host text NOT NULL,
  port int NOT NULL CHECK (port BETWEEN 1 AND 65535),
  encryption text NOT NULL CHECK (encryption IN ('tls', 'starttls', 'none')),
  ca_pem text,
  user_name text NOT NULL,
  secret_ref text NOT NULL,
  folder text NOT NULL,
  -- where a mail goes that was taken; null: it stays and is marked as seen
  done_folder text,
  -- whose Authentication-Results are believed: the mail server that delivers into the mailbox; null: nobody's
  authserv_id text,
  enabled boolean NOT NULL DEFAULT true,
  changed_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  -- one reader at a time: an instance of the API, until then
  leased_by uuid,
  leased_until timestamptz,
  read_at timestamptz,
  -- why it cannot be read; null: it can
  failure text,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE incoming_mails (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  -- over what makes it this mail, whichever way it came: the second time it is the same one
  fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
  source text NOT NULL CHECK (source IN ('smtp', 'imap')),
  mailbox_id uuid,
  received_at timestamptz NOT NULL DEFAULT now(),
  message_id text,
  -- Message-IDs that it answers to
  refs text[] NOT NULL DEFAULT '{}',
  envelope_from text,
  recipients text[] NOT NULL,
  from_address text,
  from_name text,
  subject text NOT NULL,
  -- the whole text, and what of it is new
  text text NOT NULL,
  new_text text NOT NULL,
  -- [{name, type, bytes}]
  attachments jsonb NOT NULL DEFAULT '[]',
  size int NOT NULL CHECK (size > 0),
  -- {spf, dkim, dmarc, arc, proven, why}
  proof jsonb NOT NULL,
  proven boolean NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('opened', 'commented', 'noted', 'ignored', 'quarantined', 'refused', 'rejected')),
  -- why it is neither a ticket nor a comment, or why it is a ticket of its own
  reason text,
  ticket_id uuid,
  entry_sequence int,
  decided_by text,
  decided_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, fingerprint),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets,
  CHECK ((ticket_id IS NOT NULL) = (outcome IN ('opened', 'commented', 'noted')) OR outcome = 'ignored'),
  CHECK ((decided_by IS NULL) = (decided_at IS NULL))
);
CREATE INDEX incoming_mails_by_time ON incoming_mails (tenant_id, received_at DESC, id DESC);
CREATE INDEX incoming_mails_of_ticket ON incoming_mails (tenant_id, ticket_id, received_at) WHERE ticket_id IS NOT NULL;
CREATE INDEX incoming_mails_by_sender ON incoming_mails (tenant_id, lower(from_address), received_at DESC);
CREATE INDEX incoming_mails_by_message ON incoming_mails (tenant_id, message_id) WHERE message_id IS NOT NULL;

-- The mail as it came.
CREATE TABLE incoming_mail_originals (
  tenant_id text NOT NULL,
  mail_id uuid NOT NULL,
  original bytea NOT NULL,
  PRIMARY KEY (tenant_id, mail_id),
  FOREIGN KEY (tenant_id, mail_id) REFERENCES incoming_mails
);
ALTER TABLE incoming_mail_originals ALTER COLUMN original SET STORAGE EXTERNAL;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['ticket_mail_settings', 'ticket_mailboxes', 'incoming_mails', 'incoming_mail_originals'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON ticket_mail_settings TO stellwerk_api;
GRANT SELECT ON ticket_mail_settings TO stellwerk_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_mailboxes TO stellwerk_api;
GRANT SELECT, INSERT ON incoming_mails, incoming_mail_originals TO stellwerk_api;
GRANT UPDATE (outcome, reason, ticket_id, entry_sequence, decided_by, decided_at) ON incoming_mails TO stellwerk_api;
GRANT SELECT (tenant_id, id, ticket_id, from_address, received_at, proven, message_id) ON incoming_mails TO stellwerk_worker;

-- A mail brings a ticket's id before anybody knows whose it is. Only that is told, and a token then has to be genuine for it.
CREATE FUNCTION tenant_of_ticket(wanted uuid) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.tenant_id FROM tickets t WHERE t.id = wanted LIMIT 1 $$;

-- Customers of which somebody has this address: an account that may come in, or a contact. Those that are shut out are left out.
CREATE FUNCTION customers_of_sender(address text) RETURNS SETOF text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id FROM tenants c
  WHERE c.kind = 'customer' AND standing_of_tenant(c.id, c.status) IS NULL
    AND (EXISTS (SELECT FROM people p WHERE p.tenant_id = c.id AND lower(p.mail) = lower(address) AND p.status = 'active')
      OR EXISTS (SELECT FROM contacts k WHERE k.tenant_id = c.id AND lower(k.mail) = lower(address)))
  ORDER BY c.id LIMIT 10 $$;

-- Customers that mails are taken for.
CREATE FUNCTION customers_of_mail() RETURNS SETOF text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id FROM tenants c WHERE c.kind = 'customer' AND standing_of_tenant(c.id, c.status) IS NULL $$;

-- Mailboxes that somebody has to read: which, and no more.
CREATE FUNCTION mailboxes_to_read() RETURNS TABLE (tenant text, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.tenant_id, m.id FROM ticket_mailboxes m JOIN tenants t ON t.id = m.tenant_id
  WHERE m.enabled AND standing_of_tenant(t.id, t.status) IS NULL ORDER BY m.tenant_id, m.id LIMIT 1000 $$;

REVOKE EXECUTE ON FUNCTION tenant_of_ticket(uuid), customers_of_sender(text), customers_of_mail(), mailboxes_to_read() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_of_ticket(uuid), customers_of_sender(text), customers_of_mail(), mailboxes_to_read() TO stellwerk_api;

-- Of sealed values the API sees its keys: that of marks, and that of mails about tickets.
DROP POLICY api_seals_marks ON sealed_values;
CREATE POLICY api_seals_keys ON sealed_values AS RESTRICTIVE TO stellwerk_api
  USING (tenant_id = msp_tenant() AND owner IN ('sign-in-marks', 'ticket-mails'))
  WITH CHECK (tenant_id = msp_tenant() AND owner IN ('sign-in-marks', 'ticket-mails'));
