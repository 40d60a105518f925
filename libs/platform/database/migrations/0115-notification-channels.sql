-- By what people are told besides mail, when the engine acts by itself, and what the engine has lost sight of.

-- The MSP's ways out: providers of short messages and calls, and rooms that many read.
CREATE TABLE notification_channels (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('sms', 'voice', 'webhook', 'teams', 'slack')),
  -- ChannelConfig of libs/sla/model; secrets by reference only
  config jsonb NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name)
);

-- An answer that a provider brought: the same one does nothing twice.
CREATE TABLE notification_answers (
  tenant_id text NOT NULL REFERENCES tenants,
  channel_id uuid NOT NULL,
  -- of the answer's bytes with their time
  digest bytea NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, channel_id, digest),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES notification_channels
);

CREATE TABLE escalation_settings (
  tenant_id text NOT NULL REFERENCES tenants,
  -- with {ticket} and {customer}; of the MSP
  conference_template text,
  -- business days; null: never
  remind_after_days int CHECK (remind_after_days BETWEEN 1 AND 60),
  close_after_days int CHECK (close_after_days BETWEEN 1 AND 60),
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id)
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['notification_channels', 'notification_answers', 'escalation_settings'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT ON notification_channels, notification_answers, escalation_settings TO stellwerk_api;
GRANT UPDATE (kind, config, set_by, set_at) ON notification_channels TO stellwerk_api;
GRANT UPDATE (conference_template, remind_after_days, close_after_days, set_by, set_at) ON escalation_settings TO stellwerk_api;
GRANT SELECT ON notification_channels, escalation_settings TO stellwerk_worker;

-- Whose a channel is, for a provider that calls us: it knows the channel's id and nothing else.
CREATE FUNCTION tenant_of_channel(p_id uuid) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id FROM notification_channels WHERE id = p_id $$;

-- Whose a notification is that one of our providers names: only where an attempt by such a channel bears that id.
CREATE FUNCTION notification_of_provider(p_channel text, p_provider_id text) RETURNS TABLE (tenant text, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.tenant_id, a.notification_id FROM notification_attempts a
  WHERE a.channel = p_channel AND a.provider_id = p_provider_id AND a.outcome = 'sent' ORDER BY a.began_at DESC LIMIT 1 $$;
CREATE INDEX notification_attempts_by_provider ON notification_attempts (channel, provider_id) WHERE provider_id IS NOT NULL;

-- The one other kind of secret that the api opens itself: what providers sign their answers with.
CREATE FUNCTION secret_of_callback(home text, called text)
  RETURNS TABLE (name text, id uuid, key_id text, wrapped_key bytea, ciphertext bytea)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT s.name, s.id, s.key_id, s.wrapped_key, s.ciphertext FROM secrets s
    WHERE s.tenant_id = home AND s.name = called AND s.ended_at IS NULL AND s.name LIKE 'callback-%' AND s.tenant_id = written_tenant();
END $$;

-- Open tickets that nothing looks at, and those that should have been looked at before: where, not what.
CREATE FUNCTION unwatched_tickets(p_most int) RETURNS TABLE (tenant text, id uuid, since timestamptz, why text)
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  (SELECT t.tenant_id, t.id, t.opened_at, 'without_workflow' FROM tickets t
   LEFT JOIN sla_watches w ON w.tenant_id = t.tenant_id AND w.ticket_id = t.id
   WHERE t.closed_at IS NULL AND t.opened_at < now() - interval '60 seconds' AND (w.ticket_id IS NULL OR w.ended_at IS NOT NULL)
   ORDER BY random() LIMIT p_most)
  UNION ALL
  (SELECT w.tenant_id, w.ticket_id, w.next_at, 'overdue' FROM sla_watches w
   WHERE w.ended_at IS NULL AND w.next_at < now() - interval '30 seconds' ORDER BY random() LIMIT p_most) $$;

-- Some of the tickets that are watched, as far as we know: the engine may have lost their workflow.
CREATE FUNCTION watched_tickets(p_most int) RETURNS TABLE (tenant text, id uuid)
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT w.tenant_id, w.ticket_id FROM sla_watches w WHERE w.ended_at IS NULL AND w.looked_at < now() - interval '60 seconds'
  ORDER BY random() LIMIT p_most $$;

-- Counts for the metric: numbers, of nobody.
CREATE FUNCTION escalation_counts() RETURNS TABLE (name text, label text, value bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT 'timers_overdue', '', count(*) FROM sla_watches WHERE ended_at IS NULL AND next_at < now() - interval '5 seconds'
  UNION ALL
  SELECT 'tickets_without_workflow', '', count(*) FROM tickets t
  LEFT JOIN sla_watches w ON w.tenant_id = t.tenant_id AND w.ticket_id = t.id
  WHERE t.closed_at IS NULL AND t.opened_at < now() - interval '60 seconds' AND (w.ticket_id IS NULL OR w.ended_at IS NOT NULL)
  UNION ALL
  SELECT 'notifications', status, count(*) FROM notifications
  WHERE status = 'pending' OR ended_at > now() - interval '1 day' GROUP BY status $$;

REVOKE EXECUTE ON FUNCTION tenant_of_channel(uuid), notification_of_provider(text, text), secret_of_callback(text, text), unwatched_tickets(int), watched_tickets(int),
  escalation_counts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_of_channel(uuid), notification_of_provider(text, text), secret_of_callback(text, text) TO stellwerk_api;
GRANT EXECUTE ON FUNCTION unwatched_tickets(int), watched_tickets(int), escalation_counts() TO stellwerk_worker;
