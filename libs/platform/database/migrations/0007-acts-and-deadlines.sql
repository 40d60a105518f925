-- Acts of people on a run (pause, retry, skip …), deadlines that are watched, and the step runner's writes as functions:
-- one round trip each, because a run writes dozens of times.

CREATE TABLE acts (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  request_id uuid NOT NULL,
  run_id uuid,
  act text NOT NULL CHECK (act IN ('pause','resume','cancel','retry','skip','complete','reschedule','lock_out')),
  step_id text,
  -- what the workflow is told; never a reason or a name
  message jsonb NOT NULL,
  reason text NOT NULL,
  given_by text NOT NULL,
  given_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, request_id) REFERENCES requests
);
CREATE INDEX acts_by_request ON acts (tenant_id, request_id, given_at);

ALTER TABLE acts ENABLE ROW LEVEL SECURITY;
ALTER TABLE acts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON acts FOR SELECT USING (tenant_id = ANY (visible_tenants()));
CREATE POLICY tenant_inserts ON acts FOR INSERT WITH CHECK (tenant_id = written_tenant());
CREATE POLICY owner_all ON acts TO CURRENT_USER USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON acts TO stellwerk_api;
GRANT SELECT ON acts TO stellwerk_bridge, stellwerk_worker;

-- A person stopped the run: no step begins any more, also while the engine has not heard of it.
ALTER TABLE runs ADD COLUMN halted text CHECK (halted IN ('paused', 'cancelled'));
-- How loudly an approval that does not come was called for.
ALTER TABLE requests ADD COLUMN escalation jsonb;
ALTER TABLE run_steps
  ADD COLUMN due_at timestamptz,
  ADD COLUMN late boolean NOT NULL DEFAULT false,
  ADD COLUMN deadline timestamptz,
  ADD COLUMN deadline_missed_at timestamptz;
-- Acts change these; what a system holds stays the worker's.
GRANT UPDATE (status, outcome, reason, problem, evidence, receipt, waiting_for, drift, due_at, deadline, ended_at) ON run_steps TO stellwerk_api;

-- Appends to a run's history. Counting locks the run's row, so that `seq` has no gaps and follows commits.
CREATE FUNCTION append_timeline(p_tenant text, p_run uuid, p_entries jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  last int;
BEGIN
  UPDATE runs SET timeline_length = timeline_length + jsonb_array_length(p_entries)
    WHERE tenant_id = p_tenant AND id = p_run
    RETURNING timeline_length - jsonb_array_length(p_entries) INTO STRICT last;
  INSERT INTO run_timeline (tenant_id, run_id, seq, kind, who, step_id, attempt, seconds, data)
    SELECT p_tenant, p_run, last + n, e ->> 'kind', e ->> 'who', e ->> 'stepId', (e ->> 'attempt')::int,
           (e ->> 'seconds')::float8, coalesce(e -> 'data', '{}')
    FROM jsonb_array_elements(p_entries) WITH ORDINALITY AS t (e, n);
END $$;

-- Appends a prepared event; its key's row is locked first, so that sequences follow commits. `time` is ours.
CREATE FUNCTION append_event(p_event jsonb) RETURNS void LANGUAGE sql AS $$
  WITH next AS (
    INSERT INTO event_keys (tenant_id, key, sequence) VALUES (p_event ->> 'tenant', p_event ->> 'key', 1)
    ON CONFLICT (tenant_id, key) DO UPDATE SET sequence = event_keys.sequence + 1
    RETURNING sequence
  )
  INSERT INTO outbox (tenant_id, event_id, shard, topic, key, sequence, headers, value)
  SELECT p_event ->> 'tenant', (p_event ->> 'id')::uuid, (p_event ->> 'shard')::smallint, p_event ->> 'topic', p_event ->> 'key', sequence,
         p_event -> 'headers' || jsonb_build_object('ce_sequence', sequence::text,
           'ce_time', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
         convert_to(p_event ->> 'value', 'UTF8')
  FROM next $$;

-- Before a step's first write: counts the attempt and puts the before-image on record, once. Gives `begun`, `again` (an
-- image was there), `halted` or `ended`; only after the first two may the step write.
CREATE FUNCTION begin_step(p_tenant text, p_run uuid, p_step text, p_image jsonb, p_who text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  held text;
  tries int;
  had_image boolean;
BEGIN
  PERFORM set_config('stellwerk.tenants', p_tenant, true);
  -- locks the run's row: whoever stops the run comes before this or after it
  SELECT halted INTO STRICT held FROM runs WHERE tenant_id = p_tenant AND id = p_run FOR NO KEY UPDATE;
  SELECT before_image IS NOT NULL INTO STRICT had_image FROM run_steps
    WHERE tenant_id = p_tenant AND run_id = p_run AND step_id = p_step;
  IF held IS NOT NULL AND NOT had_image THEN RETURN 'halted'; END IF;
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

-- Ends a step with its line of the history and its event. Gives the outcome that stands: this one, or what was there.
CREATE FUNCTION end_step(p_tenant text, p_run uuid, p_step text, p_ending jsonb, p_event jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  row run_steps;
  waited boolean;
BEGIN
  PERFORM set_config('stellwerk.tenants', p_tenant, true);
  PERFORM 1 FROM runs WHERE tenant_id = p_tenant AND id = p_run FOR NO KEY UPDATE;
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

REVOKE EXECUTE ON FUNCTION append_timeline(text, uuid, jsonb), append_event(jsonb), begin_step(text, uuid, text, jsonb, text),
  end_step(text, uuid, text, jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_timeline(text, uuid, jsonb), append_event(jsonb) TO stellwerk_api, stellwerk_bridge, stellwerk_worker;
GRANT EXECUTE ON FUNCTION begin_step(text, uuid, text, jsonb, text), end_step(text, uuid, text, jsonb, jsonb) TO stellwerk_worker;
