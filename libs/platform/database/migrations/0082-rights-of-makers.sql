-- A key and a machine client do no more than whoever made them may do now: what that is, is asked with each call.

-- What the maker of a key may do now: {state, rights: [{kind, grants, scopes}]}. People by their account. Whoever has none
-- has the rights of keys that are theirs (ADR 9) and that nobody else made. Machines make nothing, so what one made before that was so
-- has nobody to answer for it. Null where nobody made it: a command did.
CREATE FUNCTION rights_of_maker(maker text) RETURNS jsonb
  LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  home tenants;
  person people;
  rights jsonb;
BEGIN
  IF maker LIKE 'key.%' OR maker LIKE 'machine:%' THEN RETURN '{"state": "machine", "rights": []}'; END IF;
  SELECT t.* INTO home FROM tenants t WHERE t.id = regexp_replace(maker, '^.*@', '');
  SELECT p.* INTO person FROM people p WHERE p.tenant_id = home.id AND lower(p.subject) = lower(maker);
  IF person.id IS NOT NULL THEN
    IF person.status <> 'active' THEN RETURN jsonb_build_object('state', person.status, 'rights', '[]'::jsonb); END IF;
    RETURN jsonb_build_object('state', 'active', 'rights',
      jsonb_build_array(jsonb_build_object('kind', home.kind, 'grants', grants_of_person(home.id, person.id), 'scopes', NULL)));
  END IF;
  SELECT jsonb_agg(jsonb_build_object('kind', home.kind, 'scopes', to_jsonb(k.scopes), 'grants', jsonb_build_array(jsonb_build_object('role', k.role,
      'tenants', to_jsonb(CASE
        WHEN home.kind = 'customer' THEN ARRAY[k.tenant_id]
        WHEN k.covers IS NULL THEN tenants_covered(k.tenant_id, 'all', NULL)
        ELSE k.covers END)))))
    INTO rights
    FROM api_keys k
    WHERE k.tenant_id = home.id AND lower(k.subject) = lower(maker) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
      AND (k.created_by IS NULL OR lower(k.created_by) = lower(k.subject));
  RETURN jsonb_build_object('state', CASE WHEN rights IS NULL THEN 'unknown' ELSE 'active' END, 'rights', coalesce(rights, '[]'));
END $$;

-- The same for a machine client, by whoever entered it last.
CREATE FUNCTION rights_behind_machine(home text, machine uuid) RETURNS jsonb
  LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT rights_of_maker(m.set_by) FROM machine_clients m WHERE m.tenant_id = home AND m.id = machine);
END $$;
-- Whether a person's own key is one of somebody who is locked or closed.
CREATE FUNCTION is_shut_out(holder text) RETURNS boolean
  LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM people p
    WHERE p.tenant_id = regexp_replace(holder, '^.*@', '') AND lower(p.subject) = lower(holder) AND p.status <> 'active');
END $$;
REVOKE EXECUTE ON FUNCTION rights_of_maker(text), is_shut_out(text), rights_behind_machine(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rights_of_maker(text), is_shut_out(text), rights_behind_machine(text, uuid) TO stellwerk_api;
