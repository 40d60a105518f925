-- Bytes as somebody sent them (dead letters) and events name people too: they are read, told of, and redacted as any text.

-- What can be read of bytes: UTF-8, with the escapes of JSON resolved; of anything else each byte as a character, without NULs (UTF-16).
CREATE FUNCTION readable_text(p_bytes bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  found text;
BEGIN
  BEGIN
    found := convert_from(p_bytes, 'UTF8');
  EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
    RETURN convert_from(decode(regexp_replace(encode(p_bytes, 'escape'), '(\\\\)|\\000', '\1', 'g'), 'escape'), 'LATIN1');
  END;
  IF position('\' IN found) = 0 THEN RETURN found; END IF;
  BEGIN
    RETURN found::jsonb::text;
  EXCEPTION WHEN data_exception THEN
    RETURN found;
  END;
END $$;

-- The bytes without a person's names; what cannot be written again without them is the pseudonym alone.
CREATE FUNCTION redacted_bytes(p_bytes bytea, p_pattern text, p_by text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  found text;
  redacted text;
BEGIN
  IF p_bytes IS NULL OR readable_text(p_bytes) !~* p_pattern THEN RETURN p_bytes; END IF;
  BEGIN
    found := convert_from(p_bytes, 'UTF8');
  EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
    RETURN convert_to(p_by, 'UTF8');
  END;
  BEGIN
    redacted := replace_names(found::jsonb, p_pattern, p_by, false)::text;
  EXCEPTION WHEN data_exception THEN
    redacted := regexp_replace(found, p_pattern, p_by, 'gi');
  END;
  RETURN convert_to(CASE WHEN redacted ~* p_pattern THEN p_by ELSE redacted END, 'UTF8');
END $$;

-- As in 0053; what stands in base64 beside a header (`<name>;base64`) is bytes as well.
CREATE OR REPLACE FUNCTION replace_names(p_value jsonb, p_pattern text, p_by text, p_all boolean) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
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
          CASE WHEN key LIKE '%;base64' AND readable_base64(value #>> '{}') ~* p_pattern THEN to_jsonb(p_by)
            -- a structural key keeps its text, unless that names the person
            ELSE replace_names(value, p_pattern, p_by, p_all AND NOT (key = ANY (structure) AND jsonb_typeof(value) = 'string')) END), '{}')
        FROM jsonb_each(p_value));
    ELSE RETURN p_value;
  END CASE;
END $$;

CREATE FUNCTION readable_base64(p_text text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN readable_text(decode(p_text, 'base64'));
EXCEPTION WHEN data_exception THEN
  RETURN '';
END $$;

-- Whether a column `t.<name>` names somebody, as a condition; how it is shown.
CREATE FUNCTION readable_column(p_table text, p_column text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT format(CASE format_type(a.atttypid, NULL) WHEN 'bytea' THEN 'readable_text(t.%I)' ELSE 't.%I::text' END, p_column)
  FROM pg_attribute a WHERE a.attrelid = to_regclass('public.' || quote_ident(p_table)) AND a.attname = p_column AND NOT a.attisdropped $$;

REVOKE EXECUTE ON FUNCTION readable_text(bytea), redacted_bytes(bytea, text, text), readable_base64(text), readable_column(text, text) FROM PUBLIC;

-- As in 0053, events included: what names somebody is gone from them as well. (Kafka forgets its copy by itself.)
CREATE OR REPLACE FUNCTION require_personal_table(p_tenant text, p_table text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_tenant IS DISTINCT FROM written_tenant() THEN
    RAISE EXCEPTION 'This transaction does not write for %.', p_tenant USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF p_table LIKE 'audit%' OR p_table = 'migrations' OR to_regclass('public.' || quote_ident(p_table)) IS NULL THEN
    RAISE EXCEPTION 'The table % is not one for this.', p_table USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;

-- As in 0088, with bytes as they can be read.
CREATE OR REPLACE FUNCTION rows_naming(p_tenant text, p_table text, p_columns text[], p_hidden text[], p_about text, p_pattern text, p_limit int, p_withheld text[])
  RETURNS TABLE (about boolean, content jsonb) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  named text := (SELECT string_agg(readable_column(p_table, c) || ' ~* $2', ' OR ') FROM unnest(p_columns) AS c);
  bytes text := (SELECT coalesce(string_agg(format('|| jsonb_build_object(%L, readable_text(t.%I))', a.attname, a.attname), ' '), '')
    FROM pg_attribute a WHERE a.attrelid = to_regclass('public.' || quote_ident(p_table)) AND NOT a.attisdropped
      AND a.attname = ANY (p_columns) AND a.atttypid = 'bytea'::regtype);
BEGIN
  PERFORM require_personal_table(p_tenant, p_table);
  RETURN QUERY EXECUTE format($q$
    SELECT x.about, CASE WHEN x.about THEN x.row - $4 ELSE
      (SELECT jsonb_object_agg(key, value) FROM jsonb_each(x.row) WHERE
        (key = ANY ($5) AND jsonb_typeof(value) = 'string' AND value::text ~* $2) OR key ~ '(^|_)(id|at|on)$') END
    FROM (SELECT %s AS about, to_jsonb(t) %s AS row FROM %I t WHERE t.%I = $1 AND (%s OR %s)) x
    WHERE NOT EXISTS (SELECT FROM unnest($7) AS w (id) WHERE position(w.id IN x.row::text) > 0) LIMIT $6$q$,
    condition_about(p_about), bytes, p_table, CASE p_table WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END, condition_about(p_about), named)
    USING p_tenant, p_pattern, '', p_hidden, p_columns, p_limit, p_withheld;
END $$;

-- As in 0088, with bytes redacted.
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
        WHEN 'bytea' THEN '%1$I = redacted_bytes(t.%1$I, $2, $3)'
        ELSE '%1$I = CASE WHEN t.%1$I IS NOT NULL AND %2$s THEN $3 ELSE regexp_replace(t.%1$I, $2, $3, ''gi'') END' END,
      a.attname, CASE WHEN a.attname = ANY (p_content) THEN about ELSE 'false' END), ', '),
    string_agg(readable_column(p_table, a.attname) || ' ~* $2', ' OR ')
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
