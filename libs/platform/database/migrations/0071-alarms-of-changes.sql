-- An emergency account is locked, gets or loses a key or a role: an alarm, as its use is. And owners who are shut out while an alarm
-- stands are told of it all the same.

ALTER TABLE alarms
  -- what was changed, by a word, and by whom
  ADD COLUMN change text CHECK (change IN ('locked', 'unlocked', 'passkey_added', 'passkey_removed', 'passkey_renamed', 'role_given', 'role_ended')),
  ADD COLUMN changed_by text,
  DROP CONSTRAINT alarms_kind_check,
  DROP CONSTRAINT alarms_check1,
  ADD CONSTRAINT alarms_kind_check
    CHECK (kind IN ('emergency_account.used', 'emergency_account.refused', 'emergency_account.changed')),
  ADD CONSTRAINT alarms_of_refusals CHECK ((kind = 'emergency_account.refused') = (refusal IS NOT NULL)),
  ADD CONSTRAINT alarms_of_changes CHECK (num_nonnulls(change, changed_by) = CASE kind WHEN 'emergency_account.changed' THEN 2 ELSE 0 END);

-- Since when somebody is locked, closed or active again; null: since before this was kept.
ALTER TABLE people ADD COLUMN status_since timestamptz;
CREATE FUNCTION note_status_of_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.status_since := now();
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION note_status_of_person() FROM PUBLIC;
CREATE TRIGGER note_status_of_person BEFORE UPDATE OF status ON people FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION note_status_of_person();

-- A change of an emergency account commits with its alarm or not at all: no program can leave it out. Its making raises none: the
-- sign-in that comes with it does.
CREATE FUNCTION emergency_change_is_alarmed() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  touched jsonb[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[to_jsonb(NEW)] WHEN 'DELETE' THEN ARRAY[to_jsonb(OLD)]
    ELSE ARRAY[to_jsonb(OLD), to_jsonb(NEW)] END;
BEGIN
  IF EXISTS (
    SELECT FROM unnest(touched) AS t (r) JOIN people p ON p.tenant_id = t.r ->> 'tenant_id'
      AND p.id = (t.r ->> CASE TG_TABLE_NAME WHEN 'people' THEN 'id' ELSE 'person_id' END)::uuid
    WHERE p.source = 'emergency' AND p.created_at <> now() AND NOT EXISTS (
      SELECT FROM alarms a WHERE a.tenant_id = p.tenant_id AND a.person_id = p.id
        AND a.kind = 'emergency_account.changed' AND a.raised_at = now()))
  THEN
    RAISE EXCEPTION 'A change of an emergency account raises an alarm.' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION emergency_change_is_alarmed() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER emergency_change_is_alarmed AFTER UPDATE OF status ON people
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
  EXECUTE FUNCTION emergency_change_is_alarmed();
CREATE CONSTRAINT TRIGGER emergency_change_is_alarmed
  AFTER INSERT OR DELETE OR UPDATE OF person_id, credential_id, public_key, name ON passkeys
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION emergency_change_is_alarmed();
CREATE CONSTRAINT TRIGGER emergency_change_is_alarmed AFTER INSERT OR UPDATE OF person_id, role, covers, covers_id, ended_at ON role_grants
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION emergency_change_is_alarmed();

-- Whom an alarm is told to: whoever is an owner, and whoever was one at some time since the day before it was raised. Who is shut out
-- while it stands, or had been just before, has to hear of it most of all.
CREATE FUNCTION owners_of_alarm(p_tenant text, p_alarm uuid) RETURNS TABLE (subject text, mail text, language text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT p.subject, p.mail, p.language
  FROM alarms a JOIN role_grants g ON g.tenant_id = a.tenant_id AND g.role = 'owner'
    JOIN people p ON p.tenant_id = g.tenant_id AND p.id = g.person_id
  WHERE a.tenant_id = p_tenant AND a.id = p_alarm AND p_tenant = ANY (visible_tenants()) AND p.source <> 'emergency'
    AND p_tenant = ANY (tenants_covered(g.tenant_id, g.covers, g.covers_id))
    AND (p.status = 'active' OR p.status_since > a.raised_at - interval '24 hours')
    AND (g.ended_at IS NULL OR g.ended_at > a.raised_at - interval '24 hours') $$;
REVOKE EXECUTE ON FUNCTION owners_of_alarm(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION owners_of_alarm(text, uuid) TO stellwerk_api, stellwerk_worker;
-- a leaver's portal account is never an emergency account, whatever its name
GRANT SELECT (source) ON people TO stellwerk_worker;
