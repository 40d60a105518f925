-- Inbox rows outlive Kafka's retention (14 days) and every span that can be published or replayed; after 30 days the
-- bridge deletes them. The restrictive policy keeps it from deleting any earlier, whatever the program asks for.
CREATE INDEX inbox_by_time ON inbox (taken_at);
CREATE POLICY bridge_forgets_old ON inbox AS RESTRICTIVE FOR DELETE TO stellwerk_bridge
  USING (taken_at < now() - interval '30 days');
GRANT DELETE ON inbox TO stellwerk_bridge;
