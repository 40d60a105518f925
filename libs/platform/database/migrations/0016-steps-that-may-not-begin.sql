-- A step does not begin before its time or in a run that a person stopped, also while the engine has not heard of it; and
-- its activity says which of the two it is, so that the engine waits instead of asking at once again.

-- Whether an instant is still to come.
CREATE FUNCTION is_ahead(p_at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(p_at > clock_timestamp(), false) $$;

-- Whether a lock-out was ordered and this step is part of it: that waits neither for its time nor for a resumption.
CREATE FUNCTION locks_out_now(p_tenant text, p_run uuid, p_step text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM runs r JOIN acts a ON a.tenant_id = r.tenant_id AND a.request_id = r.request_id AND a.act = 'lock_out'
    WHERE r.tenant_id = p_tenant AND r.id = p_run
      AND r.plan -> 'steps' @> jsonb_build_array(jsonb_build_object('id', p_step, 'accessCritical', true))) $$;

-- Why a step that has not begun may not begin: `paused`, `cancelled` or `not_due`; null: it may. A step that is in work goes
-- on to its end; one that a person had tried anew has an image and yet is to begin. Call it with the run's row locked:
-- whoever stops the run or moves its steps comes before that or after it.
CREATE FUNCTION refusal_of(p_tenant text, p_run uuid, p_step text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN s.status = 'ended' OR (s.status = 'running' AND s.before_image IS NOT NULL) THEN NULL
    WHEN r.halted = 'cancelled' THEN r.halted
    WHEN r.halted IS NULL AND NOT is_ahead(s.due_at) THEN NULL
    WHEN locks_out_now(p_tenant, p_run, p_step) THEN NULL
    ELSE coalesce(r.halted, 'not_due') END
  FROM runs r JOIN run_steps s ON s.tenant_id = r.tenant_id AND s.run_id = r.id AND s.step_id = p_step
  WHERE r.tenant_id = p_tenant AND r.id = p_run $$;

-- Before a step's first write: counts the attempt and puts the before-image on record, once. Gives `begun`, `again` (an
-- image was there), `ended`, or why it may not begin (see above); only after the first two may the step write.
CREATE OR REPLACE FUNCTION begin_step(p_tenant text, p_run uuid, p_step text, p_image jsonb, p_who text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  stopped text;
  refusal text;
  tries int;
  had_image boolean;
  is_due boolean;
BEGIN
  PERFORM set_config('stellwerk.tenants', p_tenant, true);
  SELECT halted INTO STRICT stopped FROM runs WHERE tenant_id = p_tenant AND id = p_run FOR NO KEY UPDATE;
  SELECT before_image IS NOT NULL, NOT is_ahead(due_at) INTO STRICT had_image, is_due FROM run_steps
    WHERE tenant_id = p_tenant AND run_id = p_run AND step_id = p_step;
  IF stopped IS NOT NULL OR NOT is_due THEN
    refusal := refusal_of(p_tenant, p_run, p_step);
    IF refusal IS NOT NULL THEN RETURN refusal; END IF;
  END IF;
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

-- Ends a step with its line of the history and its event. Gives the outcome that stands: this one, or what was there. One
-- that ends without having begun (nothing to do, or it cannot) is refused like one that begins.
CREATE OR REPLACE FUNCTION end_step(p_tenant text, p_run uuid, p_step text, p_ending jsonb, p_event jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  refusal text;
  row run_steps;
  waited boolean;
BEGIN
  PERFORM set_config('stellwerk.tenants', p_tenant, true);
  PERFORM 1 FROM runs WHERE tenant_id = p_tenant AND id = p_run FOR NO KEY UPDATE;
  IF NOT (p_ending ->> 'counted')::boolean THEN
    refusal := refusal_of(p_tenant, p_run, p_step);
    IF refusal IS NOT NULL THEN RETURN refusal; END IF;
  END IF;
  SELECT waiting_for IS NOT NULL INTO STRICT waited FROM run_steps WHERE tenant_id = p_tenant AND run_id = p_run AND step_id = p_step;
  UPDATE run_steps SET status = 'ended', outcome = p_ending ->> 'outcome', reason = p_ending ->> 'reason', waiting_for = NULL, drift = NULL,
      attempt = attempt + CASE WHEN (p_ending ->> 'counted')::boolean THEN 0 ELSE 1 END, started_at = coalesce(started_at, clock_timestamp()), ended_at = clock_timestamp(),
      after_image = nullif(p_ending -> 'after', 'null'), evidence = nullif(p_ending -> 'evidence', 'null'),
      problem = nullif(p_ending -> 'problem', 'null'), receipt = coalesce(nullif(p_ending -> 'receipt', 'null'), receipt)
    WHERE tenant_id = p_tenant AND run_id = p_run AND step_id = p_step AND status <> 'ended'
    RETURNING * INTO row;
  IF NOT FOUND THEN
    RETURN (SELECT outcome FROM run_steps WHERE tenant_id = p_tenant AND run_id = p_run AND step_id = p_step);
  END IF;
  IF waited THEN
    UPDATE runs SET status = 'running', waiting_for = NULL WHERE tenant_id = p_tenant AND id = p_run AND status = 'waiting';
  END IF;
  PERFORM append_timeline(p_tenant, p_run, jsonb_build_array(jsonb_build_object('kind', 'step_ended', 'who', p_ending -> 'who', 'stepId', p_step,
    'attempt', row.attempt, 'seconds', p_ending -> 'seconds', 'data',
    (p_ending -> 'line') || jsonb_build_object('before', coalesce(row.before_image -> 'changes', '[]')))));
  PERFORM append_event(jsonb_set(p_event, '{value}', to_jsonb(((p_event ->> 'value')::jsonb || jsonb_build_object('attempt', row.attempt))::text)));
  RETURN row.outcome;
END $$;

REVOKE EXECUTE ON FUNCTION is_ahead(timestamptz), locks_out_now(text, uuid, text), refusal_of(text, uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_ahead(timestamptz), locks_out_now(text, uuid, text), refusal_of(text, uuid, text) TO stellwerk_worker;
