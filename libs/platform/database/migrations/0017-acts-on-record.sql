-- What an act was given besides its reason, e.g. `verifiedCall`: also where no run has a timeline for it yet. `lockOutAt`
-- of a reschedule is when access-critical steps begin from then on (UTC); the brake counts it.
ALTER TABLE acts ADD COLUMN details jsonb NOT NULL DEFAULT '{}';
-- The brake looks for the few acts that lock somebody out at another time than was approved.
CREATE INDEX acts_that_touch ON acts (tenant_id, given_at) WHERE act IN ('lock_out', 'reschedule');

-- Nobody named a date for the end of the confidentiality: it is the lock-out, and moves with it.
ALTER TABLE requests ADD COLUMN confidential_until_start boolean NOT NULL DEFAULT false;
UPDATE requests SET confidential_until_start = true
  WHERE confidential_until = (body ->> 'startsAt')::timestamptz AND type <> 'reinstatement';

-- As in 0014, with that column; programs from before it do not name it.
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
