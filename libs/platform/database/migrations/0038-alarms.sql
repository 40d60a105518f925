-- Alarms that owners are told of until one of them acknowledges it. They are kept for good, and nobody deletes one.
CREATE TABLE alarms (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('emergency_account.used', 'emergency_account.refused')),
  -- the emergency account
  person_id uuid NOT NULL,
  -- the session that it began; null: nobody got in
  session_id uuid,
  -- why nobody got in, by a word
  refusal text,
  times int NOT NULL DEFAULT 1,
  raised_at timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz NOT NULL DEFAULT now(),
  -- how often owners were told
  told int NOT NULL DEFAULT 0,
  acknowledged_at timestamptz,
  acknowledged_by text,
  acknowledged_for text,
  -- those of its events that reach its workflow
  event_ids uuid[] NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES people,
  CHECK ((kind = 'emergency_account.used') = (session_id IS NOT NULL)),
  CHECK ((session_id IS NULL) = (refusal IS NOT NULL)),
  CHECK (num_nulls(acknowledged_at, acknowledged_by, acknowledged_for) IN (0, 3))
);
-- failed tries are counted, so that a flood of them does not become a flood of alarms
CREATE UNIQUE INDEX alarms_refused_open ON alarms (tenant_id, person_id)
  WHERE kind = 'emergency_account.refused' AND acknowledged_at IS NULL;
CREATE INDEX alarms_by_person ON alarms (tenant_id, person_id, raised_at);
CREATE INDEX alarms_by_time ON alarms (tenant_id, raised_at, id);

ALTER TABLE alarms ENABLE ROW LEVEL SECURITY;
ALTER TABLE alarms FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON alarms FOR SELECT USING (tenant_id = ANY (visible_tenants()));
CREATE POLICY tenant_inserts ON alarms FOR INSERT WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_updates ON alarms FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_deletes ON alarms FOR DELETE USING (tenant_id = written_tenant());
CREATE POLICY owner_all ON alarms TO CURRENT_USER USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON alarms TO stellwerk_api;
GRANT UPDATE (times, last_at, refusal, acknowledged_at, acknowledged_by, acknowledged_for, event_ids) ON alarms TO stellwerk_api;
GRANT SELECT ON alarms TO stellwerk_worker;
GRANT UPDATE (told) ON alarms TO stellwerk_worker;
GRANT SELECT (tenant_id, id, event_ids) ON alarms TO stellwerk_bridge;
GRANT SELECT (display_name) ON people TO stellwerk_worker;

-- An emergency account gets in by a security key alone, for an hour at most, and never without an alarm: checked when the
-- transaction commits, so that no program can leave it out.
CREATE FUNCTION emergency_session_is_alarmed() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  is_emergency boolean;
BEGIN
  SELECT p.source = 'emergency' INTO is_emergency FROM people p WHERE p.tenant_id = NEW.tenant_id AND p.id = NEW.person_id;
  IF is_emergency <> (NEW.method = 'emergency') THEN
    RAISE EXCEPTION 'A session of an emergency account, and no other, is of the method emergency.' USING ERRCODE = 'check_violation';
  END IF;
  IF is_emergency AND (NEW.expires_at > NEW.created_at + interval '1 hour' OR NOT EXISTS (
      SELECT 1 FROM alarms a WHERE a.tenant_id = NEW.tenant_id AND a.person_id = NEW.person_id AND a.session_id = NEW.id)) THEN
    RAISE EXCEPTION 'A session of an emergency account lasts an hour at most and raises an alarm.' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION emergency_session_is_alarmed() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER emergency_session_is_alarmed AFTER INSERT OR UPDATE OF expires_at, method, person_id ON sessions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION emergency_session_is_alarmed();

CREATE FUNCTION refuse_identity_of_emergency() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM people p WHERE p.tenant_id = NEW.tenant_id AND p.id = NEW.person_id AND p.source = 'emergency') THEN
    RAISE EXCEPTION 'An emergency account depends on no issuer.' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION refuse_identity_of_emergency() FROM PUBLIC;
CREATE TRIGGER refuse_identity_of_emergency BEFORE INSERT OR UPDATE ON person_identities FOR EACH ROW EXECUTE FUNCTION refuse_identity_of_emergency();

-- How somebody got in stays as it was: an emergency account is not turned into an ordinary one that raises no alarm.
CREATE FUNCTION source_of_person_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'How a person got in does not change.' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER source_of_person_stays BEFORE UPDATE OF source ON people FOR EACH ROW
  WHEN (OLD.source IS DISTINCT FROM NEW.source) EXECUTE FUNCTION source_of_person_stays();
