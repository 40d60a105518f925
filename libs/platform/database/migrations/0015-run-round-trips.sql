-- Fewer round trips and commits for a run: what an activity reads, in one; what steps of several runs write at the same
-- moment, in one transaction.

-- A run as one activity works on it: its plan, its steps' rows and the tenant's systems.
CREATE FUNCTION read_run_sheet(p_tenant text, p_run uuid) RETURNS TABLE (plan jsonb, steps json, systems json) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('stellwerk.tenants', p_tenant, true);
  RETURN QUERY SELECT r.plan,
      (SELECT json_agg(json_build_object('step_id', s.step_id, 'status', s.status, 'outcome', s.outcome, 'attempt', s.attempt,
          'crashes', s.crashes, 'before_image', s.before_image, 'receipt', s.receipt, 'waiting_for', s.waiting_for) ORDER BY s.position)
        FROM run_steps s WHERE s.tenant_id = p_tenant AND s.run_id = p_run),
      (SELECT coalesce(json_agg(json_build_object('name', y.name, 'kind', y.kind, 'config', y.config, 'secretRef', y.secret_ref)), '[]')
        FROM systems y WHERE y.tenant_id = p_tenant)
    FROM runs r WHERE r.tenant_id = p_tenant AND r.id = p_run;
END $$;

-- Begins and ends of steps of one tenant, each as `begin_step` and `end_step` do it, in one transaction: all or none. Runs
-- are locked in the order of their ids, so that two of these never wait for each other crosswise. Gives the answers in the
-- order of the writes.
CREATE FUNCTION write_steps(p_tenant text, p_writes jsonb) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  w jsonb;
  place bigint;
  answers text[] := array_fill(NULL::text, ARRAY[jsonb_array_length(p_writes)]);
BEGIN
  FOR w, place IN SELECT e, n FROM jsonb_array_elements(p_writes) WITH ORDINALITY AS t (e, n) ORDER BY e ->> 'run', n LOOP
    answers[place] := CASE w ->> 'does'
      WHEN 'begin' THEN begin_step(p_tenant, (w ->> 'run')::uuid, w ->> 'step', w -> 'image', w ->> 'who')
      ELSE end_step(p_tenant, (w ->> 'run')::uuid, w ->> 'step', w -> 'ending', w -> 'event') END;
  END LOOP;
  RETURN answers;
END $$;

REVOKE EXECUTE ON FUNCTION read_run_sheet(text, uuid), write_steps(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION read_run_sheet(text, uuid), write_steps(text, jsonb) TO stellwerk_worker;

-- These rows change dozens of times while a run goes on; what is large and stays (plan, body, images) lies beside them, so
-- that a change copies little, and there is room on the page for the next version.
ALTER TABLE runs SET (toast_tuple_target = 256, fillfactor = 60);
ALTER TABLE requests SET (toast_tuple_target = 512, fillfactor = 80);
ALTER TABLE run_steps SET (toast_tuple_target = 512, fillfactor = 60);
