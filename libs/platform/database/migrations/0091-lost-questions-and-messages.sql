-- The reconciler finds questions to approvers and messages to receivers that the engine has lost. It learns which those are, and
-- nothing else across tenants.

CREATE INDEX approval_rounds_open ON approval_rounds (opened_at) WHERE status = 'open';
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries ((coalesce(next_try_at, created_at))) WHERE status = 'pending';

-- Some of the questions that are open, but not those whose event is on its way still.
CREATE FUNCTION open_questions(p_most int) RETURNS TABLE (tenant text, id uuid)
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.tenant_id, r.id FROM approval_rounds r
  WHERE r.status = 'open' AND r.opened_at < now() - interval '60 seconds' AND NOT EXISTS (
    SELECT FROM outbox o WHERE o.tenant_id = r.tenant_id AND o.event_id = r.id AND (o.sent_at IS NULL OR o.sent_at > now() - interval '60 seconds'))
  -- by chance: a round that is cut off looks at others the next time
  ORDER BY random() LIMIT p_most $$;

-- Some of the messages that should have been tried for long.
CREATE FUNCTION overdue_messages(p_most int) RETURNS TABLE (tenant text, id uuid, attempts int)
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT d.tenant_id, d.id, d.attempts FROM webhook_deliveries d
  WHERE d.status = 'pending' AND coalesce(d.next_try_at, d.created_at) < now() - interval '10 minutes'
  ORDER BY random() LIMIT p_most $$;

REVOKE EXECUTE ON FUNCTION open_questions(int), overdue_messages(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_questions(int), overdue_messages(int) TO stellwerk_worker;
