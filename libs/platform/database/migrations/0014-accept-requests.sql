-- Accepting requests in two round trips: what their drawing leans on, and all that is written. A function's statements
-- are planned once a session; sent one by one, planning and waking cost more than the rows.

-- What requests are drawn from: the transaction's time, the tenant's IANA zone, and its newest template of each type.
CREATE FUNCTION known_at_acceptance(p_tenant text, p_types text[])
RETURNS TABLE (at timestamptz, time_zone text, templates json) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('stellwerk.tenants', p_tenant, true);
  RETURN QUERY SELECT now(), t.time_zone, coalesce((
      SELECT json_agg(json_build_object('process', n.type, 'version', v.version, 'content', v.body))
      FROM unnest(p_types) AS n (type) CROSS JOIN LATERAL (
        SELECT p.version, p.body FROM process_templates p
        WHERE p.tenant_id = p_tenant AND p.process = n.type ORDER BY p.version DESC LIMIT 1
      ) v), '[]')
    FROM tenants t WHERE t.id = p_tenant;
END $$;

-- Writes new requests of one tenant, each with its event and, where it has one, its kept answer. In the order of what only
-- one may have, so that two of these never wait for each other crosswise.
CREATE FUNCTION insert_requests(p_tenant text, p_rows json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH new AS MATERIALIZED (
    SELECT * FROM json_to_recordset(p_rows) AS n (
      id uuid, type text, subject text, body jsonb, requested_by text,
      template_version int, only_one text, confidential_until timestamptz, confidants jsonb,
      caller text, idempotency_key text, fingerprint text, status int, answer jsonb,
      event_id uuid, shard smallint, topic text, key text, headers jsonb, value text)
  ), request AS (
    INSERT INTO requests (tenant_id, id, type, status, subject, body, requested_by, submitted_event_id,
      template_version, only_one, confidential_until, confidants)
    SELECT p_tenant, n.id, n.type, 'planning', n.subject, n.body, n.requested_by, n.event_id, n.template_version, n.only_one,
      n.confidential_until, ARRAY(SELECT jsonb_array_elements_text(n.confidants)) FROM new n ORDER BY n.only_one
  ), answer AS (
    INSERT INTO idempotency_keys (tenant_id, caller, key, fingerprint, status, answer)
    SELECT p_tenant, n.caller, n.idempotency_key, decode(n.fingerprint, 'hex'), n.status, n.answer FROM new n
    WHERE n.idempotency_key IS NOT NULL
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

-- Takes calls of one tenant in: locks their keys without waiting until the transaction ends, then looks for earlier
-- answers, then writes the rows of the calls that are new. Gives, in the order of the calls, whether each key was free, and
-- the answers that were there. Keys must differ. `place` of a row is that of its call, from 0.
CREATE FUNCTION accept_requests(p_tenant text, p_calls json, p_rows json) RETURNS TABLE (ours boolean[], kept json) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('stellwerk.tenants', p_tenant, true);
  SELECT array_agg(pg_try_advisory_xact_lock(hashtextextended(c ->> 'lock', 0)) ORDER BY n) INTO ours
    FROM json_array_elements(p_calls) WITH ORDINALITY AS t (c, n);
  -- a statement of its own: its snapshot is younger than the locks, so it sees what the last holder committed
  SELECT coalesce(json_agg(json_build_object('place', n - 1, 'fingerprint', encode(k.fingerprint, 'hex'), 'answer', k.answer)), '[]') INTO kept
    FROM json_array_elements(p_calls) WITH ORDINALITY AS t (c, n) CROSS JOIN LATERAL (
      -- one look at the index per key: a join is planned as a scan of all keys while the table grows
      SELECT i.fingerprint, i.answer FROM idempotency_keys i
      WHERE i.tenant_id = p_tenant AND i.caller = c ->> 'caller' AND i.key = c ->> 'key' LIMIT 1
    ) k;
  IF json_array_length(kept) > 0 OR false = ANY (ours) THEN
    p_rows := (SELECT coalesce(json_agg(r), '[]') FROM json_array_elements(p_rows) r
      WHERE ours[(r ->> 'place')::int + 1]
        AND (r ->> 'place')::int NOT IN (SELECT (k ->> 'place')::int FROM json_array_elements(kept) k));
  END IF;
  IF json_array_length(p_rows) > 0 THEN PERFORM insert_requests(p_tenant, p_rows); END IF;
  RETURN NEXT;
END $$;

REVOKE EXECUTE ON FUNCTION known_at_acceptance(text, text[]), insert_requests(text, json), accept_requests(text, json, json) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION known_at_acceptance(text, text[]), insert_requests(text, json), accept_requests(text, json, json) TO stellwerk_api;
