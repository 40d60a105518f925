-- What of a tenant has ended, how, and from when on it may be erased; and its erasure, with everything that is made of it.

CREATE INDEX requests_ended ON requests (tenant_id, id) WHERE status IN ('closed', 'rejected', 'refused');

-- Nothing goes before 30 days, whatever is asked for. `p_usual` is {outcome: days}; the tenant's own go before. An end is that of
-- the last run or the last act of a person, whichever is later. `busy`: something still needs it. `held`: a legal hold covers it;
-- one on a person covers what names them anywhere in request or plan, parts of words as well: rather too much than too little.
-- `p_only`: of these alone.
CREATE FUNCTION ended_requests(p_tenant text, p_usual jsonb, p_only uuid[] DEFAULT NULL)
  RETURNS TABLE (id uuid, outcome text, ended_at timestamptz, due_at timestamptz, busy boolean, held boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH ended AS (
    SELECT q.*, CASE q.status WHEN 'closed' THEN coalesce(r.status, 'cancelled') ELSE q.status END AS outcome,
      greatest(coalesce(r.ended_at, q.updated_at),
        (SELECT max(a.given_at) FROM acts a WHERE a.tenant_id = q.tenant_id AND a.request_id = q.id)) AS ended_at
    FROM requests q LEFT JOIN runs r ON r.tenant_id = q.tenant_id AND r.id = q.run_id
    WHERE q.tenant_id = p_tenant AND p_tenant = ANY (visible_tenants()) AND q.status IN ('closed', 'rejected', 'refused')
      AND (p_only IS NULL OR q.id = ANY (p_only))
      AND NOT EXISTS (SELECT FROM runs o WHERE o.tenant_id = q.tenant_id AND o.request_id = q.id AND o.status IN ('queued', 'running', 'waiting'))
  ), dated AS (
    SELECT e.*, e.ended_at + make_interval(days => greatest(30, k.days)) AS due_at
    FROM ended e LEFT JOIN tenant_retention o ON o.tenant_id = e.tenant_id
      CROSS JOIN LATERAL (SELECT coalesce((o.days ->> e.outcome)::int, (p_usual ->> e.outcome)::int) AS days) k
    -- an outcome that nobody has days for stays
    WHERE k.days IS NOT NULL
  )
  SELECT d.id, d.outcome, d.ended_at, d.due_at,
    d.due_at <= now() AND (
      -- who sees an audit entry about it is who sees the request
      d.confidential_until > now()
      -- a run of it is being taken back
      OR EXISTS (SELECT FROM runs r JOIN requests o ON o.tenant_id = r.tenant_id AND o.body ->> 'runId' = r.id::text
        WHERE r.tenant_id = d.tenant_id AND r.request_id = d.id AND o.status IN ('planning', 'awaiting_approval', 'approved', 'running'))
      -- somebody may still collect a password
      OR EXISTS (SELECT FROM runs r JOIN one_time_links l ON l.tenant_id = r.tenant_id AND l.run_id = r.id
        WHERE r.tenant_id = d.tenant_id AND r.request_id = d.id AND l.ciphertext IS NOT NULL)
      OR EXISTS (SELECT FROM approval_rounds a WHERE a.tenant_id = d.tenant_id AND a.request_id = d.id AND a.status = 'open')) IS TRUE,
    d.due_at <= now() AND EXISTS (SELECT FROM legal_holds h WHERE h.tenant_id = d.tenant_id AND h.ended_at IS NULL AND (
      h.person IS NULL
      OR position(split_part(h.person, '@', 1) IN lower(concat_ws(E'\n', d.subject, d.requested_by, d.body::text))) > 0
      OR EXISTS (SELECT FROM plans p WHERE p.tenant_id = d.tenant_id AND p.request_id = d.id
        AND position(split_part(h.person, '@', 1) IN lower(p.plan::text)) > 0)))
  FROM dated d $$;

-- Erases at most so many requests that are due, each in whole. Gives {outcomes: {outcome: n}, rows: {table: n}}; the audit stays.
CREATE FUNCTION erase_ended_requests(p_tenant text, p_usual jsonb, p_limit int) RETURNS jsonb
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  gone uuid[];
  ran uuid[];
  rounds uuid[];
  outcomes jsonb;
  counts jsonb := '{}';
  place record;
  n bigint;
BEGIN
  IF p_tenant IS DISTINCT FROM written_tenant() THEN
    RAISE EXCEPTION 'This transaction does not write for %.', p_tenant USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT EXISTS (SELECT FROM tenant_retention r WHERE r.tenant_id = p_tenant) THEN
    RAISE EXCEPTION 'Nothing of % is erased by its age.', p_tenant USING ERRCODE = 'insufficient_privilege';
  END IF;
  gone := ARRAY(SELECT q.id FROM requests q WHERE q.tenant_id = p_tenant AND q.id IN (
      SELECT e.id FROM ended_requests(p_tenant, p_usual) e WHERE e.due_at <= now() AND NOT e.busy AND NOT e.held ORDER BY e.due_at, e.id LIMIT p_limit)
    FOR UPDATE SKIP LOCKED);
  -- looked at again now that nobody acts on them: somebody may have, a moment ago
  SELECT coalesce(array_agg(e.id), '{}') INTO gone
    FROM ended_requests(p_tenant, p_usual, gone) e WHERE e.due_at <= now() AND NOT e.busy AND NOT e.held;
  SELECT coalesce(jsonb_object_agg(c.outcome, c.n), '{}') INTO outcomes
    FROM (SELECT e.outcome, count(*) AS n FROM ended_requests(p_tenant, p_usual, gone) e GROUP BY e.outcome) c;
  ran := ARRAY(SELECT r.id FROM runs r WHERE r.tenant_id = p_tenant AND r.request_id = ANY (gone));
  rounds := ARRAY(SELECT a.id FROM approval_rounds a WHERE a.tenant_id = p_tenant AND a.request_id = ANY (gone));
  -- what refers to another goes before it; sealed values before what says whose they are
  FOR place IN SELECT * FROM (VALUES
      (1, 'sealed_values', $c$t.owner IN (SELECT s.tenant_id || '/' || s.run_id || '/' || s.step_id FROM run_steps s
        WHERE s.tenant_id = $1 AND s.run_id = ANY ($3) UNION ALL SELECT 'mailed-link/' || l.id FROM mailed_links l
        WHERE l.tenant_id = $1 AND l.purpose = 'approval' AND l.object_id = ANY ($4::text[]))$c$),
      (2, 'mailed_links', $c$t.purpose = 'approval' AND t.object_id = ANY ($4::text[])$c$),
      (3, 'approval_votes', 't.approval_id = ANY ($4)'),
      (4, 'approval_rounds', 't.id = ANY ($4)'),
      (5, 'one_time_links', 't.run_id = ANY ($3)'),
      (6, 'run_timeline', 't.run_id = ANY ($3)'),
      (7, 'run_steps', 't.run_id = ANY ($3)'),
      (8, 'runs', 't.id = ANY ($3)'),
      (9, 'acts', 't.request_id = ANY ($2)'),
      (10, 'confirmations', 't.request_id = ANY ($2)'),
      (11, 'decisions', 't.request_id = ANY ($2)'),
      (12, 'plans', 't.request_id = ANY ($2)'),
      (13, 'requests', 't.id = ANY ($2)')) AS p (position, name, condition) ORDER BY 1
  LOOP
    EXECUTE format('DELETE FROM %I t WHERE t.tenant_id = $1 AND %s', place.name, place.condition) USING p_tenant, gone, ran, rounds;
    GET DIAGNOSTICS n = ROW_COUNT;
    counts := counts || jsonb_build_object(place.name, n);
  END LOOP;
  RETURN jsonb_build_object('outcomes', outcomes, 'rows', counts);
END $$;

REVOKE EXECUTE ON FUNCTION ended_requests(text, jsonb, uuid[]), erase_ended_requests(text, jsonb, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ended_requests(text, jsonb, uuid[]) TO stellwerk_api, stellwerk_worker;
GRANT EXECUTE ON FUNCTION erase_ended_requests(text, jsonb, int) TO stellwerk_worker;
