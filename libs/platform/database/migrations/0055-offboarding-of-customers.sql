-- A customer leaves: announced by two owners, shut out after its last day, our access proven gone, then erased.

CREATE TABLE tenant_offboardings (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  -- requested: waits for the second owner; announced: the customer works on until its last day is over; closed: shut out, our
  -- access is being proven gone; proven: it is, the data is kept; due: it may be erased; erasing: nobody can go back
  status text NOT NULL DEFAULT 'requested'
    CHECK (status IN ('requested', 'announced', 'closed', 'proven', 'due', 'erasing', 'cancelled')),
  reason text NOT NULL,
  -- in the customer's time zone; access closes when it is over
  last_day date NOT NULL,
  closes_at timestamptz NOT NULL,
  -- what becomes of runs that are open then
  open_runs text NOT NULL CHECK (open_runs IN ('finish', 'cancel')),
  -- so long after closing the customer's administrator may still fetch the handover
  fetch_days int NOT NULL CHECK (fetch_days BETWEEN 0 AND 365),
  -- so long after the proof the data is kept
  retention_days int NOT NULL CHECK (retention_days BETWEEN 0 AND 3650),
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  confirmed_by text,
  confirmed_at timestamptz,
  cancelled_by text,
  cancelled_at timestamptz,
  cancel_reason text,
  closed_at timestamptz,
  fetch_until timestamptz,
  -- when what was left for fetching was closed as well
  fetch_closed_at timestamptz,
  -- {what: how many} was closed
  closed jsonb,
  -- [{request, run, status}] that were open when access closed
  open_requests jsonb,
  proven_at timestamptz,
  -- the access list as it was when it was complete: the bytes that are signed
  document text CHECK (document IS JSON OBJECT),
  erase_after timestamptz,
  erasure_reason text,
  erasure_requested_by text,
  erasure_requested_at timestamptz,
  erasure_confirmed_by text,
  erasure_confirmed_at timestamptz,
  -- {code, …}: why it stands still
  held jsonb,
  reminders int NOT NULL DEFAULT 0,
  event_ids uuid[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id),
  -- nobody is two
  CONSTRAINT offboarding_needs_a_second_owner CHECK (lower(confirmed_by) <> lower(requested_by)),
  CONSTRAINT erasure_needs_a_second_owner CHECK (lower(erasure_confirmed_by) <> lower(erasure_requested_by)),
  CONSTRAINT nothing_closes_unconfirmed CHECK (status IN ('requested', 'cancelled') OR confirmed_by IS NOT NULL),
  CONSTRAINT nothing_is_erased_unconfirmed CHECK (status <> 'erasing' OR erasure_confirmed_by IS NOT NULL)
);
CREATE UNIQUE INDEX tenant_offboardings_one ON tenant_offboardings (tenant_id) WHERE status <> 'cancelled';

-- What we held at a customer's, system by system, and how it was proven gone.
CREATE TABLE tenant_access_list (
  tenant_id text NOT NULL,
  offboarding_id uuid NOT NULL,
  -- `system/directory`, `secret/…`, `webhook/…`
  entry text NOT NULL,
  kind text NOT NULL,
  host text,
  account text,
  secret_ref text,
  -- gone: our sign-in was refused; confirmed: a person says so; none: we held no credential there; closed_here: closed on our side
  state text NOT NULL CHECK (state IN ('to_prove', 'gone', 'still_open', 'unknown', 'confirmed', 'none', 'closed_here')),
  evidence jsonb,
  probes int NOT NULL DEFAULT 0,
  probed_at timestamptz,
  confirmed_by text,
  confirmed_at timestamptz,
  confirm_reason text,
  -- when what was stored of the credential was destroyed
  destroyed_at timestamptz,
  PRIMARY KEY (tenant_id, offboarding_id, entry),
  FOREIGN KEY (tenant_id, offboarding_id) REFERENCES tenant_offboardings,
  CHECK ((state = 'confirmed') = (confirmed_by IS NOT NULL))
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tenant_offboardings', 'tenant_access_list'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

-- Only customers leave, whoever asks.
CREATE FUNCTION refuse_offboarding_of_msp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM tenants t WHERE t.id = NEW.tenant_id AND t.kind = 'customer') THEN
    RAISE EXCEPTION 'Only a customer is off-boarded.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_offboarding_of_msp BEFORE INSERT ON tenant_offboardings FOR EACH ROW EXECUTE FUNCTION refuse_offboarding_of_msp();

-- How a tenant stands for whoever wants in: null lets in; leaving: only to fetch the handover; left: no longer at all.
CREATE FUNCTION standing_of_tenant(p_tenant text, p_status text) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT CASE p_status
    WHEN 'active' THEN NULL
    WHEN 'suspended' THEN 'suspended'
    WHEN 'offboarding' THEN CASE WHEN EXISTS (
      SELECT FROM tenant_offboardings o WHERE o.tenant_id = p_tenant AND o.status IN ('closed', 'proven', 'due')
        AND o.fetch_closed_at IS NULL AND o.fetch_until > now()) THEN 'leaving' ELSE 'left' END
    ELSE 'left' END $$;
REVOKE EXECUTE ON FUNCTION standing_of_tenant(text, text), refuse_offboarding_of_msp() FROM PUBLIC;

-- As in 0022, with customers that are leaving.
CREATE OR REPLACE FUNCTION caller_by_key(hash bytea)
  RETURNS TABLE (id uuid, tenant_id text, tenant_kind text, subject text, grants jsonb, scopes text[], machine boolean, origin text, refusal text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.id, k.tenant_id, t.kind, k.subject,
    jsonb_build_array(jsonb_build_object('role', k.role, 'tenants', to_jsonb(CASE
      WHEN t.kind = 'customer' THEN ARRAY[k.tenant_id]
      WHEN k.covers IS NULL THEN tenants_covered(k.tenant_id, 'all', NULL)
      ELSE ARRAY(SELECT c.id FROM tenants c WHERE c.id = ANY (k.covers) AND c.status <> 'erased' ORDER BY c.id) END))),
    k.scopes, k.subject LIKE 'key.%', k.created_by,
    CASE WHEN k.expires_at <= now() THEN 'expired' ELSE standing_of_tenant(t.id, t.status) END
  FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
  WHERE k.key_hash = hash AND k.revoked_at IS NULL $$;

-- As in 0030, with customers that are leaving: their administrator may still sign in.
CREATE OR REPLACE FUNCTION provider_of_sign_in(by_id uuid, by_tenant text, by_domain text) RETURNS TABLE (tenant_id text, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.tenant_id, p.id FROM identity_providers p JOIN tenants t ON t.id = p.tenant_id
  WHERE p.enabled AND (t.status = 'active' OR standing_of_tenant(t.id, t.status) = 'leaving')
    AND (by_id IS NULL OR p.id = by_id) AND (by_tenant IS NULL OR p.tenant_id = by_tenant)
    AND (by_domain IS NULL OR by_domain = ANY (p.mail_domains)) $$;

-- As in 0030, with customers that are leaving.
CREATE OR REPLACE FUNCTION callers_by_session(hashes text[])
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
      s.second_factor, standing_of_tenant(t.id, t.status),
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

-- As in 0030, with customers that are leaving.
CREATE OR REPLACE FUNCTION callers_by_token(asked jsonb)
  RETURNS TABLE (place int, id uuid, tenant_id text, tenant_kind text, subject text, grants jsonb, scopes text[], machine boolean, refusal text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH a AS (
    SELECT * FROM jsonb_to_recordset(asked) AS q (place int, tenant text, provider uuid, subject text, token_subject text, client text))
  SELECT a.place, p.id, p.tenant_id, t.kind, p.subject, grants_of_person(p.tenant_id, p.id), NULL::text[], false,
    standing_of_tenant(t.id, t.status)
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
    m.scopes, true, standing_of_tenant(t.id, t.status)
  FROM a JOIN machine_clients m ON m.tenant_id = a.tenant AND m.provider_id = a.provider AND m.client_id = a.client
      AND m.subject = a.token_subject AND m.enabled
    JOIN tenants t ON t.id = m.tenant_id $$;

-- The off-boarding, held, if it is at this place and two owners stand behind it.
CREATE FUNCTION held_offboarding(p_tenant text, p_offboarding uuid) RETURNS tenant_offboardings LANGUAGE plpgsql AS $$
DECLARE
  found tenant_offboardings;
BEGIN
  IF p_tenant IS DISTINCT FROM written_tenant() THEN
    RAISE EXCEPTION 'This transaction does not write for %.', p_tenant USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM 1 FROM tenants WHERE id = p_tenant AND kind = 'customer' FOR NO KEY UPDATE;
  SELECT * INTO found FROM tenant_offboardings WHERE tenant_id = p_tenant AND id = p_offboarding FOR UPDATE;
  IF found.confirmed_by IS NULL THEN
    RAISE EXCEPTION 'No off-boarding of % was confirmed.', p_tenant USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN found;
END $$;

-- Shuts a customer out: everything but what its administrators need to fetch the handover. Gives what it closed; null: it was
-- closed already.
CREATE FUNCTION close_access_of_tenant(p_tenant text, p_offboarding uuid) RETURNS jsonb
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  leaving tenant_offboardings := held_offboarding(p_tenant, p_offboarding);
  done jsonb := '{}';
  n bigint;
BEGIN
  IF leaving.status <> 'announced' THEN RETURN NULL; END IF;
  UPDATE tenants SET status = 'offboarding', status_reason = leaving.reason, status_by = leaving.requested_by, status_at = now()
    WHERE id = p_tenant;
  UPDATE api_keys SET revoked_at = now()
    WHERE tenant_id = p_tenant AND revoked_at IS NULL AND (role <> 'customer_admin' OR subject LIKE 'key.%');
  GET DIAGNOSTICS n = ROW_COUNT;
  done := done || jsonb_build_object('apiKeys', n);
  UPDATE sessions SET ended_at = now(), ended_by = 'stellwerk', end_reason = 'revoked', refresh_token = NULL, id_token = NULL
    WHERE tenant_id = p_tenant AND ended_at IS NULL;
  GET DIAGNOSTICS n = ROW_COUNT;
  done := done || jsonb_build_object('sessions', n);
  DELETE FROM sign_in_flows WHERE tenant_id = p_tenant;
  UPDATE machine_clients SET enabled = false WHERE tenant_id = p_tenant AND enabled;
  GET DIAGNOSTICS n = ROW_COUNT;
  done := done || jsonb_build_object('machineClients', n);
  UPDATE mailed_links SET revoked_at = now() WHERE tenant_id = p_tenant AND used_at IS NULL AND revoked_at IS NULL;
  GET DIAGNOSTICS n = ROW_COUNT;
  done := done || jsonb_build_object('mailedLinks', n);
  UPDATE one_time_links SET revoked_at = now(), ciphertext = NULL WHERE tenant_id = p_tenant AND ciphertext IS NOT NULL;
  GET DIAGNOSTICS n = ROW_COUNT;
  done := done || jsonb_build_object('oneTimeLinks', n);
  UPDATE webhook_subscriptions SET disabled_because = 'person', changed_at = now()
    WHERE tenant_id = p_tenant AND disabled_because IS NULL;
  GET DIAGNOSTICS n = ROW_COUNT;
  done := done || jsonb_build_object('webhookSubscriptions', n);
  UPDATE tenant_offboardings SET status = 'closed', closed_at = now(), closed = done,
      fetch_until = now() + make_interval(days => fetch_days)
    WHERE tenant_id = p_tenant AND id = p_offboarding;
  RETURN done;
END $$;

-- Closes what was left for fetching the handover. Gives what it closed; null: it was closed already.
CREATE FUNCTION close_fetching_of_tenant(p_tenant text, p_offboarding uuid) RETURNS jsonb
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  leaving tenant_offboardings := held_offboarding(p_tenant, p_offboarding);
  done jsonb := '{}';
  n bigint;
BEGIN
  IF leaving.closed_at IS NULL OR leaving.fetch_closed_at IS NOT NULL THEN RETURN NULL; END IF;
  UPDATE api_keys SET revoked_at = now() WHERE tenant_id = p_tenant AND revoked_at IS NULL;
  GET DIAGNOSTICS n = ROW_COUNT;
  done := done || jsonb_build_object('apiKeys', n);
  UPDATE sessions SET ended_at = now(), ended_by = 'stellwerk', end_reason = 'revoked', refresh_token = NULL, id_token = NULL
    WHERE tenant_id = p_tenant AND ended_at IS NULL;
  GET DIAGNOSTICS n = ROW_COUNT;
  done := done || jsonb_build_object('sessions', n);
  UPDATE identity_providers SET enabled = false WHERE tenant_id = p_tenant AND enabled;
  GET DIAGNOSTICS n = ROW_COUNT;
  done := done || jsonb_build_object('identityProviders', n);
  UPDATE people SET status = 'closed', closed_by = 'stellwerk' WHERE tenant_id = p_tenant AND status <> 'closed';
  GET DIAGNOSTICS n = ROW_COUNT;
  done := done || jsonb_build_object('accounts', n);
  UPDATE tenant_offboardings SET fetch_closed_at = now(), closed = coalesce(closed, '{}') || jsonb_build_object('afterFetching', done)
    WHERE tenant_id = p_tenant AND id = p_offboarding;
  RETURN done;
END $$;

-- Destroys what is stored of credentials, once every entry of the access list is proven or confirmed. Gives false until then.
CREATE FUNCTION destroy_credentials_of_tenant(p_tenant text, p_offboarding uuid) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  leaving tenant_offboardings := held_offboarding(p_tenant, p_offboarding);
BEGIN
  IF leaving.status <> 'closed' OR EXISTS (SELECT FROM tenant_access_list a WHERE a.tenant_id = p_tenant
      AND a.offboarding_id = p_offboarding AND a.state IN ('to_prove', 'still_open', 'unknown')) THEN RETURN false; END IF;
  UPDATE secrets SET key_id = NULL, wrapped_key = NULL, ciphertext = NULL, ended_at = now(), ended_by = 'stellwerk'
    WHERE tenant_id = p_tenant AND ended_at IS NULL;
  DELETE FROM sealed_values WHERE tenant_id = p_tenant;
  DELETE FROM webhook_secrets WHERE tenant_id = p_tenant;
  UPDATE one_time_links SET ciphertext = NULL WHERE tenant_id = p_tenant;
  UPDATE tenant_access_list SET destroyed_at = now()
    WHERE tenant_id = p_tenant AND offboarding_id = p_offboarding AND destroyed_at IS NULL AND state <> 'none';
  RETURN true;
END $$;

REVOKE EXECUTE ON FUNCTION held_offboarding(text, uuid), close_access_of_tenant(text, uuid), close_fetching_of_tenant(text, uuid),
  destroy_credentials_of_tenant(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION close_access_of_tenant(text, uuid), close_fetching_of_tenant(text, uuid),
  destroy_credentials_of_tenant(text, uuid) TO stellwerk_worker;

-- The api takes people's acts; what is closed, proven and destroyed is the worker's to say.
GRANT SELECT ON tenant_offboardings, tenant_access_list TO stellwerk_api, stellwerk_worker;
GRANT INSERT (tenant_id, id, reason, last_day, closes_at, open_runs, fetch_days, retention_days, requested_by) ON tenant_offboardings TO stellwerk_api;
GRANT UPDATE (status, confirmed_by, confirmed_at, cancelled_by, cancelled_at, cancel_reason, erasure_reason, erasure_requested_by,
  erasure_requested_at, erasure_confirmed_by, erasure_confirmed_at, event_ids) ON tenant_offboardings TO stellwerk_api;
-- the api brings an off-boarding no further than to its announcement
CREATE POLICY api_announces_or_cancels ON tenant_offboardings AS RESTRICTIVE FOR UPDATE TO stellwerk_api
  USING (true) WITH CHECK (status IN ('requested', 'announced', 'closed', 'due', 'proven', 'cancelled')
    AND (status IN ('requested', 'announced', 'cancelled') OR closed_at IS NOT NULL) AND (status <> 'cancelled' OR closed_at IS NULL));
GRANT UPDATE (state, confirmed_by, confirmed_at, confirm_reason) ON tenant_access_list TO stellwerk_api;
-- nobody at the api says that something was proven
CREATE POLICY api_confirms_only ON tenant_access_list AS RESTRICTIVE FOR UPDATE TO stellwerk_api
  USING (state = 'unknown') WITH CHECK (state = 'confirmed');
GRANT UPDATE (status, open_requests, proven_at, document, erase_after, held, reminders, event_ids) ON tenant_offboardings TO stellwerk_worker;
GRANT INSERT, UPDATE ON tenant_access_list TO stellwerk_worker;
GRANT SELECT (tenant_id, id, event_ids) ON tenant_offboardings TO stellwerk_bridge;
GRANT SELECT ON webhook_subscriptions, secrets, legal_holds TO stellwerk_worker;
-- who leaves may have what is open called off; the worker gives no other act
GRANT INSERT ON acts TO stellwerk_worker;
CREATE POLICY worker_calls_off_only ON acts AS RESTRICTIVE FOR INSERT TO stellwerk_worker WITH CHECK (act = 'cancel');
