-- As in 0055; a key that was revoked is known as such, so that its use is on record where it belongs.
CREATE OR REPLACE FUNCTION caller_by_key(hash bytea)
  RETURNS TABLE (id uuid, tenant_id text, tenant_kind text, subject text, grants jsonb, scopes text[], machine boolean, origin text, refusal text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.id, k.tenant_id, t.kind, k.subject,
    jsonb_build_array(jsonb_build_object('role', k.role, 'tenants', to_jsonb(CASE
      WHEN t.kind = 'customer' THEN ARRAY[k.tenant_id]
      WHEN k.covers IS NULL THEN tenants_covered(k.tenant_id, 'all', NULL)
      ELSE ARRAY(SELECT c.id FROM tenants c WHERE c.id = ANY (k.covers) AND c.status <> 'erased' ORDER BY c.id) END))),
    k.scopes, k.subject LIKE 'key.%', k.created_by,
    CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= now() THEN 'expired'
      ELSE standing_of_tenant(t.id, t.status) END
  FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
  WHERE k.key_hash = hash $$;

-- Keys that nobody has are tried at the house itself: that is on record with the MSP.
GRANT EXECUTE ON FUNCTION msp_tenant() TO stellwerk_api;
