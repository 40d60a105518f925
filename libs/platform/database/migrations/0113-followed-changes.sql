-- The bridge starts what serves a change only for an event that is the change's own.
ALTER TABLE sla_changes ADD COLUMN event_ids uuid[] NOT NULL DEFAULT '{}';
GRANT SELECT (tenant_id, id, event_ids) ON sla_changes TO stellwerk_bridge;

-- Changes that count and that open tickets should have followed by now: the reconciler looks whether something carries them.
CREATE FUNCTION overdue_sla_changes(p_most int) RETURNS TABLE (tenant text, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.tenant_id, c.id FROM sla_changes c
  WHERE c.done_at IS NULL AND greatest(c.made_at, c.counts_from) < now() - interval '10 minutes'
  ORDER BY c.made_at LIMIT least(p_most, 200) $$;
REVOKE EXECUTE ON FUNCTION overdue_sla_changes(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION overdue_sla_changes(int) TO stellwerk_worker;
