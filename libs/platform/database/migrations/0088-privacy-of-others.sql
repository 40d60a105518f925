-- What is told of a person keeps confidential requests so, and an erasure stops at everything that a legal hold covers, however the
-- person was named.

-- Ids of what a reader may not see at a customer now: confidential requests, their runs and the rounds about them.
CREATE FUNCTION hidden_from(p_tenant text, p_reader text, p_decides boolean, p_confirms boolean) RETURNS text[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH hidden AS (
    SELECT q.id FROM requests q
    WHERE q.tenant_id = p_tenant AND p_tenant = ANY (visible_tenants()) AND q.confidential_until > now()
      AND NOT request_is_shown(q.tenant_id, q.id, p_reader, p_decides, p_confirms))
  SELECT coalesce(array_agg(ids.id), '{}') FROM (
    SELECT h.id::text FROM hidden h
    UNION ALL SELECT r.id::text FROM runs r JOIN hidden h ON h.id = r.request_id WHERE r.tenant_id = p_tenant
    UNION ALL SELECT a.id::text FROM approval_rounds a JOIN hidden h ON h.id = a.request_id WHERE a.tenant_id = p_tenant) ids (id) $$;
REVOKE EXECUTE ON FUNCTION hidden_from(text, text, boolean, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hidden_from(text, text, boolean, boolean) TO stellwerk_api;

-- As in 0053, without rows that name something hidden: `p_withheld` are its ids.
DROP FUNCTION rows_naming(text, text, text[], text[], text, text, int);
CREATE FUNCTION rows_naming(p_tenant text, p_table text, p_columns text[], p_hidden text[], p_about text, p_pattern text, p_limit int, p_withheld text[])
  RETURNS TABLE (about boolean, content jsonb) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  named text := (SELECT string_agg(format('t.%I::text ~* $2', c), ' OR ') FROM unnest(p_columns) AS c);
BEGIN
  PERFORM require_personal_table(p_tenant, p_table);
  RETURN QUERY EXECUTE format($q$
    SELECT x.about, CASE WHEN x.about THEN x.row - $4 ELSE
      (SELECT jsonb_object_agg(key, value) FROM jsonb_each(x.row) WHERE
        (key = ANY ($5) AND jsonb_typeof(value) = 'string' AND value::text ~* $2) OR key ~ '(^|_)(id|at|on)$') END
    FROM (SELECT %s AS about, to_jsonb(t) AS row FROM %I t WHERE t.%I = $1 AND (%s OR %s)) x
    WHERE NOT EXISTS (SELECT FROM unnest($7) AS w (id) WHERE position(w.id IN x.row::text) > 0) LIMIT $6$q$,
    condition_about(p_about), p_table, CASE p_table WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END, condition_about(p_about), named)
    USING p_tenant, p_pattern, '', p_hidden, p_columns, p_limit, p_withheld;
END $$;
REVOKE EXECUTE ON FUNCTION rows_naming(text, text, text[], text[], text, text, int, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rows_naming(text, text, text[], text[], text, text, int, text[]) TO stellwerk_api;

-- Persons under a hold of their own, by login name.
CREATE FUNCTION held_persons(p_tenant text) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(split_part(h.person, '@', 1)), '{}') FROM legal_holds h
  WHERE h.tenant_id = p_tenant AND h.ended_at IS NULL AND h.person IS NOT NULL $$;
REVOKE EXECUTE ON FUNCTION held_persons(text) FROM PUBLIC;

-- A condition on a row `t`: that it belongs to somebody under a hold, by what links it to a person.
CREATE FUNCTION condition_held(p_table text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(string_agg(CASE a.attname
      WHEN 'subject' THEN 'lower(split_part(t.subject, ''@'', 1)) = ANY ($4)'
      WHEN 'request_id' THEN 'EXISTS (SELECT FROM requests r WHERE r.tenant_id = t.tenant_id AND r.id = t.request_id AND lower(split_part(r.subject, ''@'', 1)) = ANY ($4))'
      WHEN 'run_id' THEN 'EXISTS (SELECT FROM runs r WHERE r.tenant_id = t.tenant_id AND r.id = t.run_id AND lower(split_part(r.subject, ''@'', 1)) = ANY ($4))'
      ELSE 'EXISTS (SELECT FROM people p WHERE p.tenant_id = t.tenant_id AND p.id = t.person_id AND lower(split_part(p.subject, ''@'', 1)) = ANY ($4))' END, ' OR '), 'false')
  FROM pg_attribute a WHERE a.attrelid = to_regclass('public.' || quote_ident(p_table)) AND NOT a.attisdropped
    AND a.attname IN ('subject', 'request_id', 'run_id', 'person_id') AND NOT (p_table = 'person_identities' AND a.attname = 'subject') $$;
REVOKE EXECUTE ON FUNCTION condition_held(text) FROM PUBLIC;

-- As in 0053, but nothing is changed where one of the rows belongs to somebody under a hold: -1 then.
CREATE OR REPLACE FUNCTION erase_person_in(p_tenant text, p_erasure uuid, p_table text, p_persons text[], p_content text[], p_about text, p_pattern text)
  RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  pseudonym text := (SELECT e.pseudonym FROM person_erasures e WHERE e.tenant_id = p_tenant AND e.id = p_erasure);
  about text := condition_about(p_about);
  held text[] := held_persons(p_tenant);
  place text := CASE p_table WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END;
  is_held boolean;
  changes text;
  named text;
  changed bigint;
BEGIN
  PERFORM require_personal_table(p_tenant, p_table);
  IF pseudonym IS NULL THEN RAISE EXCEPTION 'The erasure is not on record.' USING ERRCODE = 'insufficient_privilege'; END IF;
  SELECT string_agg(format(CASE format_type(a.atttypid, NULL)
        WHEN 'jsonb' THEN '%1$I = replace_names(t.%1$I, $2, $3, %2$s)'
        WHEN 'text[]' THEN '%1$I = ARRAY(SELECT regexp_replace(e, $2, $3, ''gi'') FROM unnest(t.%1$I) WITH ORDINALITY AS u (e, n) ORDER BY n)'
        ELSE '%1$I = CASE WHEN t.%1$I IS NOT NULL AND %2$s THEN $3 ELSE regexp_replace(t.%1$I, $2, $3, ''gi'') END' END,
      a.attname, CASE WHEN a.attname = ANY (p_content) THEN about ELSE 'false' END), ', '),
    string_agg(format('t.%I::text ~* $2', a.attname), ' OR ')
    INTO changes, named
    FROM pg_attribute a WHERE a.attrelid = to_regclass('public.' || quote_ident(p_table)) AND NOT a.attisdropped
      AND (a.attname = ANY (p_persons) OR a.attname = ANY (p_content));
  IF held <> '{}' THEN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I t WHERE t.%I = $1 AND (%s OR %s) AND (%s))', p_table, place, about, named, condition_held(p_table))
      INTO is_held USING p_tenant, p_pattern, pseudonym, held;
    IF is_held THEN RETURN -1; END IF;
  END IF;
  EXECUTE format('UPDATE %I t SET %s WHERE t.%I = $1 AND (%s OR %s)', p_table, changes, place, about, named) USING p_tenant, p_pattern, pseudonym;
  GET DIAGNOSTICS changed = ROW_COUNT;
  RETURN changed;
END $$;

-- Whether one of these names is somebody's who works for the MSP: they answer for what they did at a customer.
CREATE FUNCTION names_of_msp(p_pattern text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM people p WHERE p.tenant_id = msp_tenant() AND p.status <> 'closed' AND (p.subject ~* p_pattern OR p.mail ~* p_pattern))
    OR EXISTS (SELECT FROM api_keys k WHERE k.tenant_id = msp_tenant() AND k.revoked_at IS NULL AND k.subject ~* p_pattern) $$;
REVOKE EXECUTE ON FUNCTION names_of_msp(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION names_of_msp(text) TO stellwerk_api;
