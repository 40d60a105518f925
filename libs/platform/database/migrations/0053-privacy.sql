-- Privacy of persons: what is known of one, erasure by a pseudonym, and legal holds that forbid it for a time.

CREATE TABLE legal_holds (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  -- the login name in lower case; null: everything of the customer
  person text CHECK (person = lower(person)),
  reason text NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  ended_by text,
  end_reason text,
  PRIMARY KEY (tenant_id, id)
);

-- What was erased is not named: only the pseudonym that stands in its place.
CREATE TABLE person_erasures (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  pseudonym text NOT NULL,
  reason text NOT NULL,
  requested_by text NOT NULL,
  erased_at timestamptz NOT NULL DEFAULT now(),
  -- rows changed, by table
  changed jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, pseudonym)
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['legal_holds', 'person_erasures'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

-- JSON with a person's names replaced in every text; `p_all` replaces every text but those that only say what a thing is.
CREATE FUNCTION replace_names(p_value jsonb, p_pattern text, p_by text, p_all boolean) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  structure CONSTANT text[] := ARRAY['type', 'id', 'kind', 'code', 'status', 'outcome', 'block', 'verb', 'system', 'field', 'step', 'act',
    'startsAt', 'endsAt', 'lastWorkingAt', 'firstDayAt', 'at', 'until', 'readAt', 'hash', 'planHash', 'runId', 'requestId', 'stepId', 'by',
    'server', 'timeZone', 'revision', 'opaque', 'accessCritical'];
BEGIN
  CASE jsonb_typeof(p_value)
    WHEN 'string' THEN
      RETURN to_jsonb(CASE WHEN p_all THEN p_by ELSE regexp_replace(p_value #>> '{}', p_pattern, p_by, 'gi') END);
    WHEN 'array' THEN
      RETURN (SELECT coalesce(jsonb_agg(replace_names(e, p_pattern, p_by, p_all) ORDER BY n), '[]')
        FROM jsonb_array_elements(p_value) WITH ORDINALITY AS t (e, n));
    WHEN 'object' THEN
      RETURN (SELECT coalesce(jsonb_object_agg(
          CASE WHEN key = ANY (structure) THEN key ELSE regexp_replace(key, p_pattern, p_by, 'gi') END,
          -- a structural key keeps its text, unless that names the person
          replace_names(value, p_pattern, p_by, p_all AND NOT (key = ANY (structure) AND jsonb_typeof(value) = 'string'))), '{}')
        FROM jsonb_each(p_value));
    ELSE RETURN p_value;
  END CASE;
END $$;

-- Whether a table is one that these functions may look into: of a tenant's, and not the audit, which has its own rules.
CREATE FUNCTION require_personal_table(p_tenant text, p_table text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_tenant IS DISTINCT FROM written_tenant() THEN
    RAISE EXCEPTION 'This transaction does not write for %.', p_tenant USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF p_table LIKE 'audit%' OR p_table IN ('outbox', 'migrations') OR to_regclass('public.' || quote_ident(p_table)) IS NULL THEN
    RAISE EXCEPTION 'The table % is not one for this.', p_table USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;

-- A condition on a row `t`: that it is about the person. Requests and runs come first in an erasure; what belongs to them
-- then finds the pseudonym there.
CREATE FUNCTION condition_about(p_about text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_about
    WHEN 'subject' THEN '(t.subject ~* $2 OR t.subject = $3)'
    WHEN 'request' THEN 'EXISTS (SELECT FROM requests r WHERE r.tenant_id = t.tenant_id AND r.id = t.request_id AND (r.subject ~* $2 OR r.subject = $3))'
    WHEN 'run' THEN 'EXISTS (SELECT FROM runs r WHERE r.tenant_id = t.tenant_id AND r.id = t.run_id AND (r.subject ~* $2 OR r.subject = $3))'
    ELSE 'false' END $$;

-- What a table holds of a person: whole rows about them, else the columns that name them. `p_hidden` are columns of secrets.
CREATE FUNCTION rows_naming(p_tenant text, p_table text, p_columns text[], p_hidden text[], p_about text, p_pattern text, p_limit int)
  RETURNS TABLE (about boolean, content jsonb) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  named text := (SELECT string_agg(format('t.%I::text ~* $2', c), ' OR ') FROM unnest(p_columns) AS c);
BEGIN
  PERFORM require_personal_table(p_tenant, p_table);
  RETURN QUERY EXECUTE format($q$
    SELECT x.about, CASE WHEN x.about THEN x.row - $4 ELSE
      (SELECT jsonb_object_agg(key, value) FROM jsonb_each(x.row) WHERE
        (key = ANY ($5) AND jsonb_typeof(value) = 'string' AND value::text ~* $2) OR key ~ '(^|_)(id|at|on)$') END
    FROM (SELECT %s AS about, to_jsonb(t) AS row FROM %I t WHERE t.%I = $1 AND (%s OR %s)) x LIMIT $6$q$,
    condition_about(p_about), p_table, CASE p_table WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END, condition_about(p_about), named)
    USING p_tenant, p_pattern, '', p_hidden, p_columns, p_limit;
END $$;

-- Replaces a person's names in a table; in rows about them, every text of free columns. Only under an erasure on record.
CREATE FUNCTION erase_person_in(p_tenant text, p_erasure uuid, p_table text, p_persons text[], p_content text[], p_about text, p_pattern text)
  RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  pseudonym text := (SELECT e.pseudonym FROM person_erasures e WHERE e.tenant_id = p_tenant AND e.id = p_erasure);
  about text := condition_about(p_about);
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
  EXECUTE format('UPDATE %I t SET %s WHERE t.%I = $1 AND (%s OR %s)', p_table, changes,
    CASE p_table WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END, about, named) USING p_tenant, p_pattern, pseudonym;
  GET DIAGNOSTICS changed = ROW_COUNT;
  RETURN changed;
END $$;

-- Why a person cannot be erased now: an open process, an account that lets in, or a legal hold.
CREATE FUNCTION needs_of_person(p_tenant text, p_pattern text) RETURNS TABLE (need text, ref text)
  LANGUAGE sql STABLE AS $$
  SELECT 'open_request', r.id::text FROM requests r
    WHERE r.tenant_id = p_tenant AND r.status IN ('planning', 'awaiting_approval', 'approved', 'running')
      AND (r.subject ~* p_pattern OR r.requested_by ~* p_pattern OR r.body::text ~* p_pattern)
  UNION ALL
  SELECT 'open_run', n.id::text FROM runs n
    WHERE n.tenant_id = p_tenant AND n.status IN ('queued', 'running', 'waiting') AND n.subject ~* p_pattern
  UNION ALL
  SELECT 'active_account', p.id::text FROM people p
    WHERE p.tenant_id = p_tenant AND p.status <> 'closed' AND (p.subject ~* p_pattern OR p.mail ~* p_pattern)
  UNION ALL
  SELECT 'active_key', k.id::text FROM api_keys k
    WHERE k.tenant_id = p_tenant AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AND k.subject ~* p_pattern
  UNION ALL
  SELECT 'legal_hold', h.id::text FROM legal_holds h
    WHERE h.tenant_id = p_tenant AND h.ended_at IS NULL AND (h.person IS NULL OR h.person ~* p_pattern) $$;

-- Who processes for the customers (GDPR Art. 30(2)(a)): its name and whom to write to. No customer sees the MSP's tenant itself.
CREATE FUNCTION processor_identity() RETURNS jsonb
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT jsonb_build_object('name', t.name, 'contacts', coalesce((
      SELECT jsonb_agg(jsonb_build_object('name', c.name, 'role', c.role, 'mail', c.mail, 'phone', c.phone) ORDER BY c.role, c.name)
      FROM contacts c WHERE c.tenant_id = t.id AND c.role IN ('management', 'data_protection')), '[]'))
  FROM tenants t WHERE t.kind = 'msp' ORDER BY t.created_at LIMIT 1 $$;
REVOKE EXECUTE ON FUNCTION processor_identity() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION processor_identity() TO stellwerk_api;

REVOKE EXECUTE ON FUNCTION replace_names(jsonb, text, text, boolean), require_personal_table(text, text), condition_about(text),
  rows_naming(text, text, text[], text[], text, text, int), erase_person_in(text, uuid, text, text[], text[], text, text),
  needs_of_person(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rows_naming(text, text, text[], text[], text, text, int),
  erase_person_in(text, uuid, text, text[], text[], text, text), needs_of_person(text, text) TO stellwerk_api;
GRANT SELECT, INSERT ON legal_holds, person_erasures TO stellwerk_api;
GRANT UPDATE (ended_at, ended_by, end_reason) ON legal_holds TO stellwerk_api;
GRANT UPDATE (changed) ON person_erasures TO stellwerk_api;
