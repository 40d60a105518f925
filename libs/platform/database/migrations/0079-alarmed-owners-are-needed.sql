-- As in 0053, with alarms: whoever is told of one that stands keeps their address until it is acknowledged, or closing and erasing the
-- owners would silence it.
CREATE OR REPLACE FUNCTION needs_of_person(p_tenant text, p_pattern text) RETURNS TABLE (need text, ref text)
  LANGUAGE sql STABLE AS $$
  SELECT 'open_request', r.id::text FROM requests r
    WHERE r.tenant_id = p_tenant AND r.status IN ('planning', 'awaiting_approval', 'approved', 'running')
      AND (r.subject ~* p_pattern OR r.requested_by ~* p_pattern OR r.body::text ~* p_pattern)
  UNION ALL
  SELECT 'open_run', n.id::text FROM runs n
    WHERE n.tenant_id = p_tenant AND n.status IN ('queued', 'running', 'waiting') AND n.subject ~* p_pattern
  UNION ALL
  SELECT 'active_account', p.id::text FROM people p
    WHERE p.tenant_id = p_tenant AND p.status <> 'closed' AND (p.subject ~* p_pattern OR p.mail ~* p_pattern)
  UNION ALL
  SELECT 'active_key', k.id::text FROM api_keys k
    WHERE k.tenant_id = p_tenant AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AND k.subject ~* p_pattern
  UNION ALL
  SELECT 'open_alarm', a.id::text FROM alarms a
    WHERE a.tenant_id = p_tenant AND a.acknowledged_at IS NULL AND EXISTS (
      SELECT FROM owners_of_alarm(a.tenant_id, a.id) o WHERE o.subject ~* p_pattern OR o.mail ~* p_pattern)
  UNION ALL
  SELECT 'legal_hold', h.id::text FROM legal_holds h
    WHERE h.tenant_id = p_tenant AND h.ended_at IS NULL AND (h.person IS NULL OR h.person ~* p_pattern) $$;
