-- The reconciler has to find the open work of everybody. It is told where there is some; what it is, it reads as each tenant's
-- own, like whoever else works for one.
CREATE FUNCTION open_requests_after(p_tenant text, p_id uuid, p_most int) RETURNS TABLE (tenant_id text, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.tenant_id, r.id FROM requests r
  WHERE r.status IN ('planning', 'awaiting_approval', 'approved', 'running') AND (r.tenant_id, r.id) > (p_tenant, p_id)
  ORDER BY r.tenant_id, r.id LIMIT least(p_most, 200) $$;
REVOKE EXECUTE ON FUNCTION open_requests_after(text, uuid, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_requests_after(text, uuid, int) TO stellwerk_worker;

DROP POLICY worker_audits_requests ON requests;
DROP POLICY worker_audits_runs ON runs;
DROP POLICY worker_audits_inbox ON inbox;
DROP POLICY worker_audits_outbox ON outbox;
DROP POLICY worker_audits_decisions ON decisions;
DROP POLICY worker_audits_acts ON acts;

-- The bridge deletes deliveries that have had their time; it writes none of that age for anybody.
DROP POLICY bridge_forgets ON webhook_deliveries;
CREATE POLICY bridge_sees_old ON webhook_deliveries FOR SELECT TO stellwerk_bridge USING (ended_at < now() - interval '30 days');
CREATE POLICY bridge_forgets_old ON webhook_deliveries FOR DELETE TO stellwerk_bridge USING (ended_at < now() - interval '30 days');
