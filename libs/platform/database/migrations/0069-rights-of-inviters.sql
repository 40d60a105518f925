-- What somebody may do who does not call just now, e.g. whoever invited a person who accepts: nothing once they are locked, their
-- key was revoked, or their company was shut out. A key counts by itself only where its subject is no person.
CREATE FUNCTION rights_of_subject(asked text)
  RETURNS TABLE (home text, kind text, subject text, grants jsonb, scopes text[], machine boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH place AS (SELECT t.id, t.kind FROM tenants t
    WHERE t.id = regexp_replace(asked, '^.*@', '') AND standing_of_tenant(t.id, t.status) IS NULL)
  SELECT t.id, t.kind, p.subject, grants_of_person(p.tenant_id, p.id), NULL::text[], false
  FROM place t JOIN people p ON p.tenant_id = t.id AND lower(p.subject) = lower(asked) AND p.status = 'active'
  UNION ALL
  SELECT t.id, t.kind, k.subject, jsonb_build_array(jsonb_build_object('role', k.role, 'tenants', to_jsonb(CASE
      WHEN t.kind = 'customer' THEN ARRAY[k.tenant_id]
      WHEN k.covers IS NULL THEN tenants_covered(k.tenant_id, 'all', NULL)
      ELSE k.covers END))), k.scopes, k.subject LIKE 'key.%'
  FROM place t JOIN api_keys k ON k.tenant_id = t.id AND lower(k.subject) = lower(asked) AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > now())
    AND NOT EXISTS (SELECT FROM people p WHERE p.tenant_id = t.id AND lower(p.subject) = lower(asked))
  UNION ALL
  SELECT t.id, t.kind, asked, jsonb_build_array(jsonb_build_object('role', m.role, 'tenants', to_jsonb(CASE
      WHEN t.kind = 'customer' THEN ARRAY[m.tenant_id]
      WHEN m.covers IS NULL THEN tenants_covered(m.tenant_id, 'all', NULL)
      ELSE m.covers END))), m.scopes, true
  FROM place t JOIN machine_clients m ON m.tenant_id = t.id AND 'machine:' || m.name || '@' || m.tenant_id = asked AND m.enabled $$;
REVOKE EXECUTE ON FUNCTION rights_of_subject(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rights_of_subject(text) TO stellwerk_api;
