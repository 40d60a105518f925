-- An administrator of a customer that leaves signs in to fetch the handover, at their issuer or with a passkey.

GRANT EXECUTE ON FUNCTION standing_of_tenant(text, text) TO stellwerk_api;

-- As in 0055, but what our clients at the customer's issuers prove themselves by is kept until nobody fetches any more.
CREATE OR REPLACE FUNCTION destroy_credentials_of_tenant(p_tenant text, p_offboarding uuid) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  leaving tenant_offboardings := held_offboarding(p_tenant, p_offboarding);
BEGIN
  IF leaving.status <> 'closed' OR EXISTS (SELECT FROM tenant_access_list a WHERE a.tenant_id = p_tenant
      AND a.offboarding_id = p_offboarding AND a.state IN ('to_prove', 'still_open', 'unknown')) THEN RETURN false; END IF;
  UPDATE secrets SET key_id = NULL, wrapped_key = NULL, ciphertext = NULL, ended_at = now(), ended_by = 'stellwerk'
    WHERE tenant_id = p_tenant AND ended_at IS NULL AND (name NOT LIKE 'sign-in-%' OR leaving.fetch_closed_at IS NOT NULL);
  DELETE FROM sealed_values WHERE tenant_id = p_tenant;
  DELETE FROM webhook_secrets WHERE tenant_id = p_tenant;
  UPDATE one_time_links SET ciphertext = NULL WHERE tenant_id = p_tenant;
  UPDATE tenant_access_list SET destroyed_at = now()
    WHERE tenant_id = p_tenant AND offboarding_id = p_offboarding AND destroyed_at IS NULL AND state <> 'none'
      AND (secret_ref IS NULL OR secret_ref NOT LIKE 'secret://sign-in-%' OR leaving.fetch_closed_at IS NOT NULL);
  RETURN true;
END $$;

-- As in 0055; what was kept for signing in goes.
CREATE OR REPLACE FUNCTION close_fetching_of_tenant(p_tenant text, p_offboarding uuid) RETURNS jsonb
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
  UPDATE secrets SET key_id = NULL, wrapped_key = NULL, ciphertext = NULL, ended_at = now(), ended_by = 'stellwerk'
    WHERE tenant_id = p_tenant AND name LIKE 'sign-in-%' AND ended_at IS NULL;
  GET DIAGNOSTICS n = ROW_COUNT;
  done := done || jsonb_build_object('signInSecrets', n);
  UPDATE tenant_access_list SET destroyed_at = now() WHERE tenant_id = p_tenant AND offboarding_id = p_offboarding
    AND secret_ref LIKE 'secret://sign-in-%' AND destroyed_at IS NULL AND state <> 'none';
  UPDATE tenant_offboardings SET fetch_closed_at = now(), closed = coalesce(closed, '{}') || jsonb_build_object('afterFetching', done)
    WHERE tenant_id = p_tenant AND id = p_offboarding;
  RETURN done;
END $$;
