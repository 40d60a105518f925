-- Secrets of webhooks are wrapped by the master key, too: whoever exchanges it sees their wrapped keys, and nothing else.
CREATE POLICY keeper_rewraps ON webhook_secrets TO stellwerk_keeper USING (true) WITH CHECK (true);
GRANT SELECT (tenant_id, subscription_id, id, key_id, wrapped_key) ON webhook_secrets TO stellwerk_keeper;
GRANT UPDATE (key_id, wrapped_key) ON webhook_secrets TO stellwerk_keeper;
