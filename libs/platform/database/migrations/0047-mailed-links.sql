-- Links in mails (approval, invitation …), each used once, and the mails of the platform.

-- The public halves of the keys that links are signed with, per tenant; the private half lies sealed.
CREATE TABLE mailed_link_keys (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  -- Ed25519, 32 bytes
  public_key bytea NOT NULL CHECK (length(public_key) = 32),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

-- A link holds a token of which only the hash is kept. Opening it changes nothing here; the act uses it up.
CREATE TABLE mailed_links (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  purpose text NOT NULL CHECK (purpose ~ '^[a-z][a-z_]*$'),
  -- what it is for, by the purpose: an approval's id, an invitation's …
  object_id text NOT NULL,
  -- the mail address that it was sent to
  recipient text NOT NULL,
  language text CHECK (language IN ('de', 'en')),
  token_hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, token_hash),
  CHECK (used_at IS NULL OR revoked_at IS NULL)
);
CREATE INDEX mailed_links_by_object ON mailed_links (tenant_id, purpose, object_id);

-- A mail of the platform: a repeat of the activity that sends it finds it here.
CREATE TABLE mails (
  tenant_id text NOT NULL REFERENCES tenants,
  id text NOT NULL,
  template text NOT NULL,
  recipient text NOT NULL,
  language text NOT NULL CHECK (language IN ('de', 'en')),
  status text NOT NULL CHECK (status IN ('sent', 'refused', 'no_mail_system')),
  -- whose mail system sent it
  sent_by text,
  message_id text,
  problem jsonb,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX mails_by_time ON mails (tenant_id, at);

-- Whose mail system sends where a customer has none. Names the MSP only.
CREATE FUNCTION msp_tenant() RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id FROM tenants WHERE kind = 'msp' ORDER BY created_at, id LIMIT 1 $$;
REVOKE EXECUTE ON FUNCTION msp_tenant() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION msp_tenant() TO stellwerk_worker;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['mailed_link_keys', 'mailed_links', 'mails'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

-- the worker makes links; the api reads them, uses them up and takes them back: it can make none
GRANT SELECT, INSERT ON mailed_link_keys, mailed_links TO stellwerk_worker;
GRANT UPDATE (revoked_at) ON mailed_links TO stellwerk_worker;
GRANT SELECT ON mailed_link_keys, mailed_links TO stellwerk_api;
GRANT UPDATE (used_at, revoked_at) ON mailed_links TO stellwerk_api;
GRANT SELECT, INSERT, UPDATE ON mails TO stellwerk_worker;
GRANT SELECT ON mails TO stellwerk_api;
