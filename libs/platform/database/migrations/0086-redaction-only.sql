-- An erasure replaces names by its pseudonym and nothing else: whoever may order one cannot write another story into the audit.
-- What stands there afterwards is looked at here, next to what stood there before; no program is believed.

-- `after` is `before` with any number of places replaced by the pseudonym.
CREATE FUNCTION is_redacted_text(p_before text, p_after text, p_pseudonym text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT p_after IS NOT DISTINCT FROM p_before OR (p_before IS NOT NULL AND p_after IS NOT NULL
    AND position(p_pseudonym IN p_after) > 0
    -- LIKE, because texts of 32 KiB are too much for a regular expression
    AND p_before LIKE replace(regexp_replace(p_after, '([\\%_])', '\\\1', 'g'), p_pseudonym, '_%'))
$$;

-- The same for JSON: strings and keys are redacted; numbers, truth values and the structure stay.
CREATE FUNCTION is_redacted_json(p_before jsonb, p_after jsonb, p_pseudonym text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF p_before IS NOT DISTINCT FROM p_after THEN RETURN true; END IF;
  IF p_before IS NULL OR p_after IS NULL OR jsonb_typeof(p_before) <> jsonb_typeof(p_after) THEN RETURN false; END IF;
  IF jsonb_typeof(p_before) = 'string' THEN RETURN is_redacted_text(p_before #>> '{}', p_after #>> '{}', p_pseudonym); END IF;
  IF jsonb_typeof(p_before) = 'array' THEN
    RETURN jsonb_array_length(p_before) = jsonb_array_length(p_after) AND (
      SELECT coalesce(bool_and(is_redacted_json(b.value, a.value, p_pseudonym)), true)
      FROM jsonb_array_elements(p_before) WITH ORDINALITY AS b (value, place)
      JOIN jsonb_array_elements(p_after) WITH ORDINALITY AS a (value, place) USING (place));
  END IF;
  IF jsonb_typeof(p_before) <> 'object' THEN RETURN false; END IF;
  -- two keys may have become one; nothing comes from nowhere
  RETURN NOT EXISTS (
    SELECT FROM jsonb_each(p_after) AS a WHERE NOT EXISTS (
      SELECT FROM jsonb_each(p_before) AS b
      WHERE is_redacted_text(b.key, a.key, p_pseudonym) AND is_redacted_json(b.value, a.value, p_pseudonym)))
  AND NOT EXISTS (
    SELECT FROM jsonb_object_keys(p_before) AS b (key) WHERE NOT EXISTS (
      SELECT FROM jsonb_object_keys(p_after) AS a (key) WHERE is_redacted_text(b.key, a.key, p_pseudonym)));
END $$;

-- A name of a customer that is erased as a whole: as it was, or a pseudonym.
CREATE FUNCTION is_pseudonymised(p_before text, p_after text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT p_after IS NOT DISTINCT FROM p_before OR (p_before IS NOT NULL AND p_after ~ '^person-[0-9a-f]{12}$')
$$;

-- Free texts of an entry about the person go; those of other entries are redacted.
CREATE FUNCTION is_erasure_of(p_before audit_entries, p_after audit_entries, p_pseudonym text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_pseudonym = 'everybody' THEN
    is_pseudonymised(p_before.actor, p_after.actor) AND is_pseudonymised(p_before.origin, p_after.origin)
      AND is_pseudonymised(p_before.object_id, p_after.object_id)
      AND p_after.reason IS NULL AND p_after.before IS NULL AND p_after.after IS NULL
  ELSE
    is_redacted_text(p_before.actor, p_after.actor, p_pseudonym) AND is_redacted_text(p_before.origin, p_after.origin, p_pseudonym)
      AND is_redacted_text(p_before.object_id, p_after.object_id, p_pseudonym)
      AND ((p_after.reason IS NULL AND p_after.before IS NULL AND p_after.after IS NULL AND p_after.object_id <> p_before.object_id
          AND p_before.object_kind IN ('person', 'user', 'contact', 'invitation', 'passkey', 'session', 'protected_account', 'delegation'))
        OR (is_redacted_text(p_before.reason, p_after.reason, p_pseudonym) AND is_redacted_json(p_before.before, p_after.before, p_pseudonym)
          AND is_redacted_json(p_before.after, p_after.after, p_pseudonym)))
  END
$$;

CREATE OR REPLACE FUNCTION refuse_all_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  pseudonym text;
BEGIN
  -- the erasure's own entry, of this very transaction: no older one gives leave a second time
  SELECT e.object_id INTO pseudonym FROM audit_entries e
    WHERE e.tenant_id = OLD.tenant_id AND e.id = NEW.erased_by AND e.action = 'audit.person_erased' AND e.at = now()::timestamptz(3)
      AND e.id::text = current_setting('stellwerk.audit_erasure', true);
  IF pseudonym IS NULL
    OR (NEW.tenant_id, NEW.id, NEW.at, NEW.action, NEW.outcome, NEW.object_kind, NEW.request_id)
      IS DISTINCT FROM (OLD.tenant_id, OLD.id, OLD.at, OLD.action, OLD.outcome, OLD.object_kind, OLD.request_id)
    OR NEW.salt = OLD.salt OR OLD.action = 'audit.person_erased'
  THEN
    RAISE EXCEPTION 'The audit is append-only: only a recorded erasure may replace what names a person.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF pseudonym = 'everybody' THEN
    IF NOT EXISTS (SELECT FROM tenant_erasures WHERE customer = OLD.tenant_id) THEN
      RAISE EXCEPTION 'The audit is append-only: no erasure of this customer was ordered.' USING ERRCODE = 'insufficient_privilege';
    END IF;
  ELSIF pseudonym !~ '^person-[0-9a-f]{4,32}$' THEN
    RAISE EXCEPTION 'The audit is append-only: an erasure leaves a pseudonym (person-…).' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT is_erasure_of(OLD, NEW, pseudonym) THEN
    RAISE EXCEPTION 'The audit is append-only: an erasure replaces names by its pseudonym and nothing else.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

REVOKE EXECUTE ON FUNCTION is_redacted_text(text, text, text), is_redacted_json(jsonb, jsonb, text), is_pseudonymised(text, text),
  is_erasure_of(audit_entries, audit_entries, text) FROM PUBLIC;
