-- Outgoing webhooks: who is told of which events, and how each telling went. And a name for keys of SSH servers.

ALTER TABLE ssh_host_keys ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE ssh_host_keys ALTER COLUMN id DROP DEFAULT;
ALTER TABLE ssh_host_keys ADD CONSTRAINT ssh_host_keys_id UNIQUE (tenant_id, id);

CREATE TABLE webhook_subscriptions (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  url text NOT NULL,
  event_types text[] NOT NULL CHECK (cardinality(event_types) BETWEEN 1 AND 100),
  description text,
  -- null: it is told; a person switched it off, its receiver is gone (410), or failed for days
  disabled_because text CHECK (disabled_because IN ('person', 'gone', 'failing')),
  -- since when no delivery went through; null: the last one did, or there was none
  failing_since timestamptz,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);

-- What a subscription's messages are signed with: the newest and, while receivers change over, those before it.
CREATE TABLE webhook_secrets (
  tenant_id text NOT NULL,
  subscription_id uuid NOT NULL,
  id uuid NOT NULL,
  key_id text NOT NULL,
  wrapped_key bytea NOT NULL,
  ciphertext bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- null: the one that holds until it is replaced
  expires_at timestamptz,
  PRIMARY KEY (tenant_id, subscription_id, id),
  FOREIGN KEY (tenant_id, subscription_id) REFERENCES webhook_subscriptions ON DELETE CASCADE
);

CREATE TABLE webhook_deliveries (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  subscription_id uuid NOT NULL,
  -- the header webhook-id: of the first delivery, also where the message is sent again
  message_id text NOT NULL,
  event_id uuid NOT NULL,
  event_type text NOT NULL,
  occurred_at timestamptz NOT NULL,
  -- ids only, as in the event
  data jsonb NOT NULL,
  reason text NOT NULL CHECK (reason IN ('event', 'test', 'redelivery')),
  requested_by text,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts int NOT NULL DEFAULT 0,
  -- why it failed, or failed last
  code text,
  next_try_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, subscription_id) REFERENCES webhook_subscriptions ON DELETE CASCADE,
  CHECK ((status = 'pending') = (ended_at IS NULL))
);
-- an event that comes twice is delivered once
CREATE UNIQUE INDEX webhook_deliveries_of_event ON webhook_deliveries (tenant_id, subscription_id, event_id) WHERE reason = 'event';
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (tenant_id, subscription_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE webhook_attempts (
  tenant_id text NOT NULL,
  delivery_id uuid NOT NULL,
  attempt int NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  -- the receiver's answer; null: none came, and `code` says why
  status int,
  code text,
  duration_ms int NOT NULL,
  PRIMARY KEY (tenant_id, delivery_id, attempt),
  FOREIGN KEY (tenant_id, delivery_id) REFERENCES webhook_deliveries ON DELETE CASCADE
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['webhook_subscriptions', 'webhook_secrets', 'webhook_deliveries', 'webhook_attempts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

-- the upkeep sees what ended long ago, and nothing else across tenants
CREATE POLICY bridge_forgets ON webhook_deliveries TO stellwerk_bridge USING (ended_at < now() - interval '30 days');

GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_subscriptions TO stellwerk_api;
GRANT SELECT, INSERT ON webhook_secrets, webhook_deliveries TO stellwerk_api;
GRANT UPDATE (expires_at) ON webhook_secrets TO stellwerk_api;
GRANT SELECT ON webhook_attempts TO stellwerk_api;

GRANT SELECT ON webhook_subscriptions TO stellwerk_bridge;
GRANT SELECT, INSERT, DELETE ON webhook_deliveries TO stellwerk_bridge;

GRANT SELECT ON webhook_subscriptions, webhook_secrets, webhook_deliveries TO stellwerk_worker;
GRANT UPDATE (disabled_because, failing_since, changed_at) ON webhook_subscriptions TO stellwerk_worker;
GRANT UPDATE (status, attempts, code, next_try_at, ended_at) ON webhook_deliveries TO stellwerk_worker;
GRANT SELECT, INSERT, UPDATE ON webhook_attempts TO stellwerk_worker;
GRANT EXECUTE ON FUNCTION request_is_shown TO stellwerk_bridge, stellwerk_worker;
