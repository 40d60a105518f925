-- A leaver's plan closes the keys that were there when it was drawn. A key that it would miss is refused, instead of letting
-- in for ever somebody who was locked out; one that it will still close is taken (a lost key is replaced during the notice).
CREATE FUNCTION refuse_key_of_leaver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.revoked_at IS NULL AND EXISTS (
    SELECT 1 FROM requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.type = 'offboarding'
      AND r.status IN ('planning', 'awaiting_approval', 'approved', 'running')
      AND lower(split_part(r.subject, '@', 1) || '@' || r.tenant_id) = lower(NEW.subject)
      AND NOT EXISTS (
        SELECT 1 FROM plans p LEFT JOIN run_steps s
          ON s.tenant_id = p.tenant_id AND s.run_id = r.run_id AND s.step_id = 'close_portal_account'
        WHERE p.tenant_id = r.tenant_id AND p.request_id = r.id AND p.revision = r.plan_revision
          AND p.plan -> 'steps' @> '[{"id": "close_portal_account"}]' AND s.status IS DISTINCT FROM 'ended')
  ) THEN
    RAISE EXCEPTION 'The off-boarding of % is open and would not close this key.', NEW.subject
      USING ERRCODE = 'check_violation', HINT = 'Cancel the off-boarding first, or reject its plan.';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER refuse_key_of_leaver BEFORE INSERT ON api_keys FOR EACH ROW EXECUTE FUNCTION refuse_key_of_leaver();
