-- Passkeys (WebAuthn) of people, and what a browser has begun with one.

CREATE TABLE passkeys (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  person_id uuid NOT NULL,
  -- the authenticator's name for it
  credential_id bytea NOT NULL CHECK (length(credential_id) BETWEEN 1 AND 1023),
  -- COSE (RFC 9052)
  public_key bytea NOT NULL,
  -- how often it signed, by its own count; 0 for ever where it does not count
  counter bigint NOT NULL,
  transports text[] NOT NULL DEFAULT '{}',
  -- whether it is copied between its owner's devices
  backed_up boolean NOT NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, credential_id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES people
);
CREATE INDEX passkeys_of_person ON passkeys (tenant_id, person_id);
CREATE INDEX passkeys_by_credential ON passkeys (credential_id);

-- Which passkey began the session; it ends with it.
ALTER TABLE sessions ADD COLUMN passkey_id uuid CHECK (passkey_id IS NULL OR method <> 'issuer');

-- A sign-in or registration that a browser has begun. The challenge comes from the token in its cookie: it is not kept here.
-- What belongs to no tenant yet is the MSP's. Reached by functions alone.
CREATE TABLE passkey_ceremonies (
  tenant_id text NOT NULL,
  token_hash bytea NOT NULL,
  -- what it is for, e.g. sign-in, invitation:<id>, person:<id>
  bound_to text NOT NULL,
  return_to text,
  expires_at timestamptz NOT NULL DEFAULT now() + interval '5 minutes',
  PRIMARY KEY (tenant_id, token_hash)
);
CREATE INDEX passkey_ceremonies_by_token ON passkey_ceremonies (token_hash);
CREATE INDEX passkey_ceremonies_by_end ON passkey_ceremonies (expires_at);

-- Notes that something begins, and forgets what nobody ended.
CREATE FUNCTION begin_passkey_ceremony(home text, hash bytea, bound text, back text) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM passkey_ceremonies WHERE (tenant_id, token_hash) IN (
    SELECT c.tenant_id, c.token_hash FROM passkey_ceremonies c WHERE c.expires_at < now() LIMIT 100 FOR UPDATE SKIP LOCKED);
  INSERT INTO passkey_ceremonies (tenant_id, token_hash, bound_to, return_to)
  VALUES (coalesce(home, msp_tenant()), hash, bound, back);
END $$;

-- Takes what was begun: whoever comes second finds nothing, and whoever comes for something else has spoilt it.
CREATE FUNCTION take_passkey_ceremony(hash bytea, bound text) RETURNS TABLE (return_to text)
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH taken AS (DELETE FROM passkey_ceremonies c WHERE c.token_hash = hash RETURNING c.bound_to, c.return_to, c.expires_at)
  SELECT t.return_to FROM taken t WHERE t.bound_to = bound AND t.expires_at > now() $$;

-- The passkey that a browser presents, asked before the tenant is known. The person's id is as hard to guess as the credential's:
-- who registers somebody else's credential as their own is not found by it.
CREATE FUNCTION passkey_of_sign_in(credential bytea, person uuid)
  RETURNS TABLE (tenant_id text, id uuid, person_id uuid, subject text, source text, public_key bytea)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.tenant_id, k.id, k.person_id, p.subject, p.source, k.public_key
  FROM passkeys k JOIN people p ON p.tenant_id = k.tenant_id AND p.id = k.person_id
  WHERE k.credential_id = credential AND k.person_id = person $$;

-- Whether a credential is anybody's already, of whatever tenant.
CREATE FUNCTION passkey_is_known(credential bytea) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM passkeys k WHERE k.credential_id = credential) $$;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['passkeys', 'passkey_ceremonies'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

REVOKE EXECUTE ON FUNCTION begin_passkey_ceremony(text, bytea, text, text), take_passkey_ceremony(bytea, text),
  passkey_of_sign_in(bytea, uuid), passkey_is_known(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_passkey_ceremony(text, bytea, text, text), take_passkey_ceremony(bytea, text),
  passkey_of_sign_in(bytea, uuid), passkey_is_known(bytea) TO stellwerk_api;
GRANT SELECT, INSERT, DELETE ON passkeys TO stellwerk_api;
GRANT UPDATE (counter, backed_up, name, last_used_at) ON passkeys TO stellwerk_api;
