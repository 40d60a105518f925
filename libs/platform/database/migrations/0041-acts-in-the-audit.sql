-- Acts that stored functions commit go on record in them.

-- An ended step that wrote to a customer's system, or may have. What was there before and after stands in the step's own row;
-- the origin is who approved the run, else who asked for it.
CREATE FUNCTION audit_step(p_step run_steps) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_entries (tenant_id, action, outcome, object_kind, request_id, actor, origin, object_id, after)
  SELECT p_step.tenant_id, 'step.' || p_step.outcome, CASE WHEN p_step.outcome IN ('failed', 'unknown') THEN 'failed' ELSE 'done' END,
    'step', r.request_id, 'stellwerk', coalesce(
      (SELECT d.decided_by FROM decisions d WHERE d.tenant_id = r.tenant_id AND d.request_id = r.request_id
        AND d.decision = 'approve' AND d.effective_at IS NOT NULL ORDER BY d.effective_at DESC LIMIT 1),
      (SELECT q.requested_by FROM requests q WHERE q.tenant_id = r.tenant_id AND q.id = r.request_id)),
    p_step.run_id || '/' || p_step.step_id, jsonb_build_object('run', p_step.run_id, 'step', p_step.step_id,
      'system', p_step.system, 'block', p_step.block, 'verb', p_step.verb, 'attempt', p_step.attempt)
  FROM runs r WHERE r.tenant_id = p_step.tenant_id AND r.id = p_step.run_id;
END $$;
REVOKE EXECUTE ON FUNCTION audit_step(run_steps) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_step(run_steps) TO stellwerk_worker;

-- As in 0016, and what it wrote to a system is on record.
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
  IF row.before_image IS NOT NULL THEN PERFORM audit_step(row); END IF;
  RETURN row.outcome;
END $$;

-- As in 0017, and on record in the same statement.
CREATE OR REPLACE FUNCTION insert_requests(p_tenant text, p_rows json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH new AS MATERIALIZED (
    SELECT * FROM json_to_recordset(p_rows) AS n (
      id uuid, type text, subject text, body jsonb, requested_by text,
      template_version int, only_one text, confidential_until timestamptz, confidential_until_start boolean, confidants jsonb,
      caller text, idempotency_key text, fingerprint text, status int, answer jsonb,
      event_id uuid, shard smallint, topic text, key text, headers jsonb, value text)
  ), request AS (
    INSERT INTO requests (tenant_id, id, type, status, subject, body, requested_by, submitted_event_id,
      template_version, only_one, confidential_until, confidential_until_start, confidants)
    SELECT p_tenant, n.id, n.type, 'planning', n.subject, n.body, n.requested_by, n.event_id, n.template_version, n.only_one,
      n.confidential_until, coalesce(n.confidential_until_start, false), ARRAY(SELECT jsonb_array_elements_text(n.confidants))
    FROM new n ORDER BY n.only_one
  ), answer AS (
    INSERT INTO idempotency_keys (tenant_id, caller, key, fingerprint, status, answer)
    SELECT p_tenant, n.caller, n.idempotency_key, decode(n.fingerprint, 'hex'), n.status, n.answer FROM new n
    WHERE n.idempotency_key IS NOT NULL
  ), record AS (
    INSERT INTO audit_entries (tenant_id, action, outcome, object_kind, request_id, actor, object_id, after)
    SELECT p_tenant, 'request.submitted', 'done', 'request', n.id, n.requested_by, n.id::text,
      jsonb_build_object('type', n.type, 'subject', n.subject) FROM new n
  ), next AS (
    INSERT INTO event_keys (tenant_id, key, sequence) SELECT p_tenant, n.key, 1 FROM new n
    ON CONFLICT (tenant_id, key) DO UPDATE SET sequence = event_keys.sequence + 1
    RETURNING event_keys.key, event_keys.sequence
  )
  INSERT INTO outbox (tenant_id, event_id, shard, topic, key, sequence, headers, value)
  SELECT p_tenant, n.event_id, n.shard, n.topic, n.key, next.sequence,
    jsonb_build_object('ce_time', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) || n.headers
      || jsonb_build_object('ce_sequence', next.sequence::text),
    convert_to(n.value, 'UTF8')
  FROM new n JOIN next ON next.key = n.key;
END $$;

-- What an erasure left, when the chain is verified.
CREATE INDEX audit_entries_erasures ON audit_entries (tenant_id, id) WHERE action = 'audit.person_erased';

-- May this reader see this entry? One about a confidential request, or about anything that is made of it, only who sees the
-- request. A request that is gone hides nothing.
CREATE FUNCTION audit_entry_is_shown(entry audit_entries, reader text, decides boolean, confirms boolean)
  RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN entry.request_id IS NOT NULL THEN
      request_is_shown(entry.tenant_id, entry.request_id, reader, decides, confirms)
        OR NOT EXISTS (SELECT FROM requests q WHERE q.tenant_id = entry.tenant_id AND q.id = entry.request_id)
    -- whoever wrote it did not name the request: the run does
    WHEN entry.object_kind = 'run' THEN NOT EXISTS (
      SELECT FROM runs r WHERE r.tenant_id = entry.tenant_id AND r.id::text = entry.object_id
        AND NOT request_is_shown(r.tenant_id, r.request_id, reader, decides, confirms))
    ELSE true END $$;
REVOKE EXECUTE ON FUNCTION audit_entry_is_shown FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_entry_is_shown TO stellwerk_api;
