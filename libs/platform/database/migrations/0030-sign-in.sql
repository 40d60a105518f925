-- Issuers that people and machines of a tenant sign in at, who they are there, and their sessions.

CREATE TABLE identity_providers (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  name text NOT NULL,
  issuer text NOT NULL,
  client_id text NOT NULL,
  -- secret://sign-in-…; null: a client without a secret
  secret_ref text,
  -- whoever gives a mail address of these domains is sent to this issuer
  mail_domains text[] NOT NULL DEFAULT '{}',
  -- what access tokens for our API are made out to; null: it takes none of this issuer
  api_audience text,
  -- tells this tenant's people from others' where an issuer serves several tenants
  tenant_claim text,
  tenant_claim_value text,
  -- scopes, claims' names, groups' roles, second factor, algorithms, lifetimes
  settings jsonb NOT NULL,
  enabled boolean NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name),
  CHECK ((tenant_claim IS NULL) = (tenant_claim_value IS NULL))
);
CREATE INDEX identity_providers_by_issuer ON identity_providers (issuer);

-- Who somebody is at an issuer.
CREATE TABLE person_identities (
  tenant_id text NOT NULL,
  provider_id uuid NOT NULL,
  subject text NOT NULL,
  person_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_sign_in_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, provider_id, subject),
  FOREIGN KEY (tenant_id, provider_id) REFERENCES identity_providers,
  FOREIGN KEY (tenant_id, person_id) REFERENCES people
);

-- A sign-in that has begun. State, nonce and the code's verifier come from the token in the browser's cookie: none is kept here.
CREATE TABLE sign_in_flows (
  tenant_id text NOT NULL,
  token_hash bytea NOT NULL,
  provider_id uuid NOT NULL,
  return_to text NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL DEFAULT now() + interval '10 minutes',
  PRIMARY KEY (tenant_id, token_hash),
  FOREIGN KEY (tenant_id, provider_id) REFERENCES identity_providers
);
CREATE INDEX sign_in_flows_by_token ON sign_in_flows (token_hash);

CREATE TABLE sessions (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  token_hash bytea NOT NULL,
  person_id uuid NOT NULL,
  method text NOT NULL CHECK (method IN ('issuer', 'passkey', 'emergency')),
  provider_id uuid,
  -- the issuer's name for this session and for the person
  issuer_sid text,
  issuer_subject text,
  second_factor boolean NOT NULL,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  idle_minutes int NOT NULL,
  expires_at timestamptz NOT NULL,
  -- when the issuer last said what groups the person is in
  claims_read_at timestamptz,
  -- when somebody last began to ask it: who asks next within half a minute leaves it to them
  claims_asked_at timestamptz,
  -- encrypted with the session's token, which is not kept: refresh token and ID token of the issuer
  refresh_token bytea,
  id_token bytea,
  ended_at timestamptz,
  ended_by text,
  end_reason text CHECK (end_reason IN ('signed_out', 'revoked', 'issuer', 'claims', 'replaced')),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (token_hash, tenant_id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES people,
  FOREIGN KEY (tenant_id, provider_id) REFERENCES identity_providers,
  CHECK ((method = 'issuer') = (provider_id IS NOT NULL)),
  CHECK (ended_at IS NULL OR (refresh_token IS NULL AND id_token IS NULL))
);
CREATE INDEX sessions_of_person ON sessions (tenant_id, person_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- A program that an issuer vouches for (client credentials).
CREATE TABLE machine_clients (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  provider_id uuid NOT NULL,
  client_id text NOT NULL,
  -- the `sub` of its tokens: a person's token got through the same client has another
  subject text NOT NULL,
  role text NOT NULL CHECK (role IN ('owner','operator','technician','customer_admin','approver','requester','auditor')),
  -- permissions of its role's; null: all of them
  scopes text[],
  -- customers that a machine of the MSP works for; null: all
  covers text[],
  enabled boolean NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name),
  UNIQUE (tenant_id, provider_id, client_id),
  FOREIGN KEY (tenant_id, provider_id) REFERENCES identity_providers
);

-- Which providers match, asked before the tenant is known. More than one answer is none.
CREATE FUNCTION provider_of_sign_in(by_id uuid, by_tenant text, by_domain text) RETURNS TABLE (tenant_id text, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.tenant_id, p.id FROM identity_providers p JOIN tenants t ON t.id = p.tenant_id
  WHERE p.enabled AND t.status = 'active'
    AND (by_id IS NULL OR p.id = by_id) AND (by_tenant IS NULL OR p.tenant_id = by_tenant)
    AND (by_domain IS NULL OR by_domain = ANY (p.mail_domains)) $$;

CREATE FUNCTION tenant_of_flow(hash bytea) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id FROM sign_in_flows WHERE token_hash = hash $$;

-- Providers of an issuer, of every tenant: a token says only whose issuer made it.
CREATE FUNCTION providers_of_issuers(wanted text[]) RETURNS SETOF identity_providers
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.* FROM identity_providers p WHERE p.issuer = ANY (wanted) AND p.enabled $$;

-- Why a provider cannot be saved beside those that there are, of whatever tenant; null when it can.
CREATE FUNCTION conflict_of_provider(home text, called text, with_issuer text, with_claim text, with_value text, with_domains text[])
  RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- two that are saved at once wait for each other
  PERFORM pg_advisory_xact_lock(hashtext('stellwerk.identity_providers'));
  IF EXISTS (SELECT 1 FROM identity_providers p WHERE (p.tenant_id, p.name) <> (home, called) AND p.issuer = with_issuer
      AND (p.tenant_claim IS NULL OR with_claim IS NULL OR p.tenant_claim <> with_claim OR p.tenant_claim_value = with_value))
    THEN RETURN 'issuer'; END IF;
  IF EXISTS (SELECT 1 FROM identity_providers p WHERE (p.tenant_id, p.name) <> (home, called) AND p.mail_domains && with_domains)
    THEN RETURN 'mail_domain'; END IF;
  RETURN NULL;
END $$;

-- Who holds these sessions? Answered before the tenant is known, hence by the owner's right. Notes at most once a minute
-- that a session is used; rows that somebody else is writing are left out, so that nobody waits.
CREATE FUNCTION callers_by_session(hashes text[])
  RETURNS TABLE (hash text, id uuid, tenant_id text, tenant_kind text, person_id uuid, subject text, grants jsonb,
    second_factor boolean, refusal text, claims_age double precision, refreshable boolean)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  UPDATE sessions SET last_seen_at = now() WHERE (tenant_id, id) IN (
    SELECT s.tenant_id, s.id FROM unnest(hashes) AS a (hash) JOIN sessions s ON s.token_hash = decode(a.hash, 'hex')
    WHERE s.ended_at IS NULL AND s.expires_at > now() AND s.last_seen_at < now() - interval '1 minute'
      AND s.last_seen_at > now() - make_interval(mins => s.idle_minutes)
    FOR UPDATE OF s SKIP LOCKED);
  RETURN QUERY
    SELECT a.hash, s.id, s.tenant_id, t.kind, s.person_id, p.subject, grants_of_person(s.tenant_id, s.person_id),
      s.second_factor, CASE WHEN t.status <> 'active' THEN 'suspended' END,
      extract(epoch FROM now() - s.claims_read_at)::double precision, s.refresh_token IS NOT NULL
    FROM unnest(hashes) AS a (hash)
      JOIN sessions s ON s.token_hash = decode(a.hash, 'hex')
      JOIN people p ON p.tenant_id = s.tenant_id AND p.id = s.person_id AND p.status = 'active'
      JOIN tenants t ON t.id = s.tenant_id
      LEFT JOIN identity_providers i ON i.tenant_id = s.tenant_id AND i.id = s.provider_id
    WHERE s.ended_at IS NULL AND s.expires_at > now()
      AND s.last_seen_at > now() - make_interval(mins => s.idle_minutes)
      AND (s.provider_id IS NULL OR i.enabled)
      -- nobody of the MSP gets in with one factor, whatever made the session
      AND (t.kind = 'customer' OR s.second_factor);
END $$;

-- The person, or the machine, that a checked token is about: one row per question that has an answer.
CREATE FUNCTION callers_by_token(asked jsonb)
  RETURNS TABLE (place int, id uuid, tenant_id text, tenant_kind text, subject text, grants jsonb, scopes text[], machine boolean, refusal text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH a AS (
    SELECT * FROM jsonb_to_recordset(asked) AS q (place int, tenant text, provider uuid, subject text, token_subject text, client text))
  SELECT a.place, p.id, p.tenant_id, t.kind, p.subject, grants_of_person(p.tenant_id, p.id), NULL::text[], false,
    CASE WHEN t.status <> 'active' THEN 'suspended' END
  FROM a JOIN person_identities i ON i.tenant_id = a.tenant AND i.provider_id = a.provider AND i.subject = a.subject
      -- roles by groups are those of the last sign-in: they must not grow old unseen
      AND i.last_sign_in_at > now() - interval '30 days'
    JOIN people p ON p.tenant_id = i.tenant_id AND p.id = i.person_id AND p.status = 'active'
    JOIN tenants t ON t.id = p.tenant_id
  UNION ALL
  SELECT a.place, m.id, m.tenant_id, t.kind, 'machine:' || m.name || '@' || m.tenant_id,
    jsonb_build_array(jsonb_build_object('role', m.role, 'tenants', to_jsonb(CASE
      WHEN t.kind = 'customer' THEN ARRAY[m.tenant_id]
      WHEN m.covers IS NULL THEN tenants_covered(m.tenant_id, 'all', NULL)
      ELSE ARRAY(SELECT c.id FROM tenants c WHERE c.id = ANY (m.covers) AND c.status <> 'erased' ORDER BY c.id) END))),
    m.scopes, true, CASE WHEN t.status <> 'active' THEN 'suspended' END
  FROM a JOIN machine_clients m ON m.tenant_id = a.tenant AND m.provider_id = a.provider AND m.client_id = a.client
      AND m.subject = a.token_subject AND m.enabled
    JOIN tenants t ON t.id = m.tenant_id $$;

CREATE FUNCTION note_machines_used(machines uuid[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE machine_clients SET last_used_at = now() WHERE id = ANY (machines) AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute') $$;

-- Open sessions that an issuer wants ended: of one of its sessions, or of one of its people.
CREATE FUNCTION sessions_at_issuer(at_issuer text, of_client text, sid text, of_subject text) RETURNS TABLE (tenant_id text, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.tenant_id, s.id FROM sessions s
    JOIN identity_providers p ON p.tenant_id = s.tenant_id AND p.id = s.provider_id
  WHERE p.issuer = at_issuer AND p.client_id = of_client AND s.ended_at IS NULL
    AND (sid IS NOT NULL OR of_subject IS NOT NULL)
    AND (sid IS NULL OR s.issuer_sid = sid) AND (of_subject IS NULL OR s.issuer_subject = of_subject) $$;
CREATE INDEX sessions_by_issuer_sid ON sessions (issuer_sid) WHERE ended_at IS NULL;

-- Whoever is locked or closed is out at once, and an account that is given back begins with a new sign-in.
CREATE FUNCTION end_sessions_of_person() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE sessions SET ended_at = now(), ended_by = coalesce(NEW.closed_by, 'stellwerk'), end_reason = 'revoked',
    refresh_token = NULL, id_token = NULL
  WHERE tenant_id = NEW.tenant_id AND person_id = NEW.id AND ended_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER end_sessions_of_person AFTER UPDATE OF status ON people FOR EACH ROW
  WHEN (OLD.status = 'active' AND NEW.status <> 'active') EXECUTE FUNCTION end_sessions_of_person();
REVOKE EXECUTE ON FUNCTION end_sessions_of_person() FROM PUBLIC;

-- The one kind of secret that the api opens itself: what its clients at issuers prove themselves by.
CREATE FUNCTION secret_of_sign_in(home text, called text)
  RETURNS TABLE (name text, id uuid, key_id text, wrapped_key bytea, ciphertext bytea)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT s.name, s.id, s.key_id, s.wrapped_key, s.ciphertext FROM secrets s
    WHERE s.tenant_id = home AND s.name = called AND s.ended_at IS NULL AND s.name LIKE 'sign-in-%' AND s.tenant_id = written_tenant();
END $$;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['identity_providers', 'person_identities', 'sign_in_flows', 'sessions', 'machine_clients'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

-- What is over is deleted: sign-ins that nobody finished, sessions long ended.
CREATE POLICY bridge_expires_flows ON sign_in_flows TO stellwerk_bridge USING (expires_at < now());
CREATE POLICY bridge_expires_sessions ON sessions TO stellwerk_bridge USING (expires_at < now() - interval '30 days');
GRANT SELECT, DELETE ON sign_in_flows TO stellwerk_bridge;
GRANT SELECT (tenant_id, id, expires_at), DELETE ON sessions TO stellwerk_bridge;

REVOKE EXECUTE ON FUNCTION provider_of_sign_in(uuid, text, text), tenant_of_flow(bytea), providers_of_issuers(text[]),
  conflict_of_provider(text, text, text, text, text, text[]), callers_by_session(text[]), callers_by_token(jsonb),
  note_machines_used(uuid[]), sessions_at_issuer(text, text, text, text), secret_of_sign_in(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provider_of_sign_in(uuid, text, text), tenant_of_flow(bytea), providers_of_issuers(text[]),
  conflict_of_provider(text, text, text, text, text, text[]), callers_by_session(text[]), callers_by_token(jsonb),
  note_machines_used(uuid[]), sessions_at_issuer(text, text, text, text), secret_of_sign_in(text, text) TO stellwerk_api;
GRANT SELECT, INSERT, UPDATE ON identity_providers, person_identities, sessions, machine_clients TO stellwerk_api;
GRANT SELECT, INSERT, DELETE ON sign_in_flows TO stellwerk_api;
