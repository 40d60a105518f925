-- Nothing but a data processing agreement makes a customer live, and what waits while there is none does not begin (ADR 44).

ALTER TABLE tenants
  -- until when a customer from before agreements were recorded is served without one; nobody else has such a term
  ADD COLUMN agreement_due timestamptz;
UPDATE tenants t SET agreement_due = now() + interval '60 days'
  WHERE t.kind = 'customer' AND t.live_since IS NOT NULL
    AND NOT EXISTS (SELECT FROM processing_agreements a WHERE a.tenant_id = t.id AND a.ended_at IS NULL);

-- With the first agreement the term is over.
CREATE FUNCTION end_term_of_agreement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE tenants SET agreement_due = NULL WHERE id = NEW.tenant_id AND agreement_due IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER end_term_of_agreement AFTER INSERT ON processing_agreements FOR EACH ROW EXECUTE FUNCTION end_term_of_agreement();

CREATE FUNCTION has_agreement_in_force(p_tenant text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM processing_agreements a WHERE a.tenant_id = p_tenant AND a.ended_at IS NULL) $$;

-- Whoever writes it: a customer is live by an agreement, or within the term above.
CREATE FUNCTION refuse_live_without_agreement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.kind = 'customer' AND NEW.live_since IS NOT NULL AND NEW.agreement_due IS NULL AND NOT has_agreement_in_force(NEW.id) THEN
    RAISE EXCEPTION 'no agreement of % is in force', NEW.id USING ERRCODE = 'check_violation', CONSTRAINT = 'live_by_agreement';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_live_without_agreement BEFORE INSERT OR UPDATE OF live_since, agreement_due, kind ON tenants
  FOR EACH ROW WHEN (NEW.live_since IS NOT NULL) EXECUTE FUNCTION refuse_live_without_agreement();

-- The other way round at the end of a transaction, because the next version comes after the end of the one before.
CREATE FUNCTION refuse_end_of_agreement_while_live() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT has_agreement_in_force(OLD.tenant_id)
    AND EXISTS (SELECT FROM tenants t WHERE t.id = OLD.tenant_id AND t.kind = 'customer' AND t.live_since IS NOT NULL AND t.agreement_due IS NULL) THEN
    RAISE EXCEPTION '% is live', OLD.tenant_id USING ERRCODE = 'check_violation', CONSTRAINT = 'live_by_agreement';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER refuse_end_of_agreement_while_live AFTER UPDATE OR DELETE ON processing_agreements
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_end_of_agreement_while_live();

-- As in 0052, and nothing is taken after the term.
CREATE OR REPLACE FUNCTION refuse_requests_of_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  refusal text;
BEGIN
  -- a program writes for exactly one tenant (its policies see to that), so one look does for the whole statement
  SELECT CASE WHEN status <> 'active' THEN status WHEN kind = 'customer' AND (live_since IS NULL OR agreement_due <= now()) THEN 'not_live' END
    INTO refusal FROM tenants WHERE id = written_tenant();
  IF refusal IS NOT NULL THEN RAISE EXCEPTION '%', refusal USING ERRCODE = 'SW001'; END IF;
  RETURN NULL;
END $$;

-- Since when a customer has neither an agreement in force nor a term that runs; null while it has. Asked for visible tenants.
CREATE FUNCTION without_agreement_since(p_tenant text) RETURNS timestamptz
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  asked tenants;
BEGIN
  SELECT t.* INTO asked FROM tenants t WHERE t.id = p_tenant AND t.kind = 'customer' AND p_tenant = ANY (visible_tenants());
  IF asked.id IS NULL OR (asked.live_since IS NOT NULL AND (asked.agreement_due IS NULL OR asked.agreement_due > now())) THEN RETURN NULL; END IF;
  IF asked.live_since IS NOT NULL THEN RETURN asked.agreement_due; END IF;
  RETURN coalesce((SELECT max(a.ended_at) FROM processing_agreements a WHERE a.tenant_id = p_tenant), '-infinity');
END $$;

-- Whether a plan of a request may be approved: there is an agreement, or its run began while there was one.
CREATE FUNCTION may_be_approved(p_tenant text, p_request uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  ended timestamptz := without_agreement_since(p_tenant);
BEGIN
  RETURN ended IS NULL OR EXISTS (SELECT FROM runs r WHERE r.tenant_id = p_tenant AND r.request_id = p_request AND r.started_at < ended);
END $$;

CREATE FUNCTION refuse_approval_without_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT may_be_approved(NEW.tenant_id, NEW.request_id) THEN RAISE EXCEPTION 'not_live' USING ERRCODE = 'SW001'; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_approval_without_agreement AFTER INSERT OR UPDATE OF effective_at ON decisions
  FOR EACH ROW WHEN (NEW.decision = 'approve') EXECUTE FUNCTION refuse_approval_without_agreement();

-- Whether a step may begin as far as agreements go: what began while there was one goes on to its end, and a leaver is locked
-- out in any case.
CREATE FUNCTION agreement_lets_begin(p_tenant text, p_run uuid, p_step text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  ended timestamptz := without_agreement_since(p_tenant);
BEGIN
  RETURN ended IS NULL OR EXISTS (
    SELECT FROM runs r WHERE r.tenant_id = p_tenant AND r.id = p_run
      AND (r.started_at < ended OR (r.process = 'offboarding'
        AND r.plan -> 'steps' @> jsonb_build_array(jsonb_build_object('id', p_step, 'accessCritical', true)))));
END $$;

-- As in 0016, and `no_agreement`.
CREATE OR REPLACE FUNCTION refusal_of(p_tenant text, p_run uuid, p_step text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN s.status = 'ended' OR (s.status = 'running' AND s.before_image IS NOT NULL) THEN NULL
    WHEN r.halted = 'cancelled' THEN r.halted
    WHEN (r.halted IS NOT NULL OR is_ahead(s.due_at)) AND NOT locks_out_now(p_tenant, p_run, p_step) THEN coalesce(r.halted, 'not_due')
    WHEN NOT agreement_lets_begin(p_tenant, p_run, p_step) THEN 'no_agreement' END
  FROM runs r JOIN run_steps s ON s.tenant_id = r.tenant_id AND s.run_id = r.id AND s.step_id = p_step
  WHERE r.tenant_id = p_tenant AND r.id = p_run $$;

-- As in 0016; who has an agreement is asked with each step.
CREATE OR REPLACE FUNCTION begin_step(p_tenant text, p_run uuid, p_step text, p_image jsonb, p_who text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  refusal text;
  tries int;
  had_image boolean;
BEGIN
  PERFORM set_config('stellwerk.tenants', p_tenant, true);
  PERFORM 1 FROM runs WHERE tenant_id = p_tenant AND id = p_run FOR NO KEY UPDATE;
  IF NOT FOUND THEN RAISE no_data_found; END IF;
  SELECT before_image IS NOT NULL INTO STRICT had_image FROM run_steps WHERE tenant_id = p_tenant AND run_id = p_run AND step_id = p_step;
  refusal := refusal_of(p_tenant, p_run, p_step);
  IF refusal IS NOT NULL THEN RETURN refusal; END IF;
  UPDATE run_steps SET status = 'running', attempt = attempt + 1, started_at = coalesce(started_at, clock_timestamp()),
      before_image = coalesce(before_image, p_image)
    WHERE tenant_id = p_tenant AND run_id = p_run AND step_id = p_step AND status <> 'ended'
    RETURNING attempt INTO tries;
  IF NOT FOUND THEN RETURN 'ended'; END IF;
  PERFORM append_timeline(p_tenant, p_run,
    CASE WHEN tries > 1 THEN jsonb_build_array(jsonb_build_object('kind', 'step_tried_again', 'who', p_who, 'stepId', p_step, 'attempt', tries)) ELSE '[]' END ||
    CASE WHEN had_image THEN '[]' ELSE jsonb_build_array(jsonb_build_object('kind', 'before_image_recorded', 'who', p_who, 'stepId', p_step,
      'attempt', tries, 'data', jsonb_build_object('changes', p_image -> 'changes'))) END);
  RETURN CASE WHEN had_image THEN 'again' ELSE 'begun' END;
END $$;

REVOKE EXECUTE ON FUNCTION has_agreement_in_force(text), without_agreement_since(text), may_be_approved(text, uuid), agreement_lets_begin(text, uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION without_agreement_since(text), may_be_approved(text, uuid) TO stellwerk_api, stellwerk_worker;
GRANT EXECUTE ON FUNCTION agreement_lets_begin(text, uuid, text) TO stellwerk_worker;
