-- What becomes of clocks that run out: marks, chains, who was told of what, and when a ticket is looked at next.

-- A warning or breach that was reached. What a later change took back stays, as lifted; the clock may reach it again.
CREATE TABLE sla_marks (
  tenant_id text NOT NULL REFERENCES tenants,
  ticket_id uuid NOT NULL,
  clock text NOT NULL CHECK (clock IN ('first_response', 'update', 'resolution')),
  -- of the clock: of updates there is one for each answer
  started_at timestamptz NOT NULL,
  mark text NOT NULL CHECK (mark IN ('warning', 'breach')),
  number int NOT NULL CHECK (number > 0),
  due_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  lifted_at timestamptz,
  lifted_by text,
  lifted_because text,
  PRIMARY KEY (tenant_id, ticket_id, clock, started_at, mark, number),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets,
  CHECK (lifted_at IS NOT NULL OR (lifted_by IS NULL AND lifted_because IS NULL))
);
CREATE UNIQUE INDEX sla_marks_standing ON sla_marks (tenant_id, ticket_id, clock, started_at, mark) WHERE lifted_at IS NULL;

-- When the workflow of a ticket looked last, and when it is to look again: what is overdue is seen here.
CREATE TABLE sla_watches (
  tenant_id text NOT NULL REFERENCES tenants,
  ticket_id uuid NOT NULL,
  looked_at timestamptz NOT NULL,
  -- null: nothing is due by itself
  next_at timestamptz,
  ended_at timestamptz,
  -- how often the reconciler had to start the workflow anew, or to tell it again
  restarts int NOT NULL DEFAULT 0,
  restarted_at timestamptz,
  PRIMARY KEY (tenant_id, ticket_id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets
);
CREATE INDEX sla_watches_due ON sla_watches (next_at) WHERE ended_at IS NULL AND next_at IS NOT NULL;

-- Of the MSP for all customers, or of one customer.
CREATE TABLE escalation_chains (
  tenant_id text NOT NULL REFERENCES tenants,
  name text NOT NULL,
  version int NOT NULL CHECK (version > 0),
  -- Chain of libs/sla/model
  chain jsonb NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, name, version)
);

-- What starts which chain, as a whole in versions.
CREATE TABLE escalation_triggers (
  tenant_id text NOT NULL REFERENCES tenants,
  version int NOT NULL CHECK (version > 0),
  -- Trigger[] of libs/sla/model
  triggers jsonb NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, version)
);

CREATE TABLE escalations (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  -- whose chain it is, with what it was when it started
  chain_tenant text NOT NULL REFERENCES tenants,
  chain_name text NOT NULL,
  chain_version int NOT NULL CHECK (chain_version > 0),
  chain jsonb NOT NULL,
  cause text NOT NULL CHECK (cause IN ('warning', 'breach', 'alert', 'hand')),
  -- what tells causes of one ticket apart: each starts one chain
  cause_key text NOT NULL,
  -- of a mark {clock, startedAt, number}, of an alert {severity}, by hand {reason}
  cause_details jsonb NOT NULL,
  status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'acknowledged', 'ended')),
  -- ChainState of libs/sla/model
  state jsonb NOT NULL,
  due_at timestamptz NOT NULL,
  started_by text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  conference_url text,
  acknowledged_by text,
  acknowledged_at timestamptz,
  acknowledged_via text CHECK (acknowledged_via IN ('api', 'link', 'sms', 'voice')),
  -- null: for good
  acknowledged_until timestamptz,
  ended_at timestamptz,
  end_reason text,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, ticket_id, cause_key),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets,
  CHECK ((status = 'ended') = (ended_at IS NOT NULL)),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  CHECK (status <> 'acknowledged' OR (acknowledged_by IS NOT NULL AND acknowledged_at IS NOT NULL AND acknowledged_via IS NOT NULL))
);
CREATE INDEX escalations_by_time ON escalations (tenant_id, started_at DESC, id DESC);
CREATE INDEX escalations_going ON escalations (tenant_id, ticket_id) WHERE status <> 'ended';

CREATE TABLE escalation_entries (
  tenant_id text NOT NULL,
  escalation_id uuid NOT NULL,
  sequence int NOT NULL CHECK (sequence > 0),
  at timestamptz NOT NULL DEFAULT now(),
  kind text NOT NULL CHECK (kind ~ '^[a-z][a-z_]{1,39}$'),
  who text NOT NULL,
  data jsonb NOT NULL,
  PRIMARY KEY (tenant_id, escalation_id, sequence),
  FOREIGN KEY (tenant_id, escalation_id) REFERENCES escalations
);

-- Somebody, or a channel of many, who is told of an escalation.
CREATE TABLE notifications (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  escalation_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('step', 'hand_over')),
  round int NOT NULL CHECK (round >= 0),
  step int NOT NULL CHECK (step >= 0),
  recipient_kind text NOT NULL CHECK (recipient_kind IN ('person', 'channel')),
  -- a subject of the MSP, or a channel's name
  recipient text NOT NULL,
  due_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sent', 'failed', 'withdrawn')),
  -- which of the recipient's ways is tried, and how often it was
  method int NOT NULL DEFAULT 0 CHECK (method >= 0),
  tries int NOT NULL DEFAULT 0 CHECK (tries >= 0),
  ended_at timestamptz,
  code text,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets,
  FOREIGN KEY (tenant_id, escalation_id) REFERENCES escalations (tenant_id, id),
  CHECK ((status = 'pending') = (ended_at IS NULL))
);
CREATE INDEX notifications_of_escalation ON notifications (tenant_id, escalation_id);
CREATE INDEX notifications_pending ON notifications (tenant_id, ticket_id) WHERE status = 'pending';

-- A try to tell them. One without an end was under way when its worker died: the next repeats the same message.
CREATE TABLE notification_attempts (
  tenant_id text NOT NULL,
  notification_id uuid NOT NULL,
  number int NOT NULL CHECK (number > 0),
  channel text NOT NULL CHECK (channel IN ('mail', 'sms', 'voice', 'webhook', 'teams', 'slack')),
  began_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  outcome text CHECK (outcome IN ('sent', 'failed')),
  code text,
  -- by which a provider names it when it answers
  provider_id text,
  PRIMARY KEY (tenant_id, notification_id, number),
  FOREIGN KEY (tenant_id, notification_id) REFERENCES notifications,
  CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX notification_attempts_of_provider ON notification_attempts (tenant_id, provider_id) WHERE provider_id IS NOT NULL;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['sla_marks', 'sla_watches', 'escalation_chains', 'escalation_triggers', 'escalations', 'escalation_entries',
    'notifications', 'notification_attempts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT ON escalation_chains, escalation_triggers, escalations, escalation_entries TO stellwerk_api;
GRANT UPDATE (status, state, acknowledged_by, acknowledged_at, acknowledged_via, acknowledged_until, ended_at, end_reason) ON escalations
  TO stellwerk_api;
GRANT SELECT ON sla_marks, sla_watches, notifications, notification_attempts TO stellwerk_api;

GRANT SELECT ON escalation_chains, escalation_triggers TO stellwerk_worker;
GRANT SELECT, INSERT ON sla_marks, sla_watches, escalations, escalation_entries, notifications, notification_attempts TO stellwerk_worker;
GRANT UPDATE (lifted_at, lifted_by, lifted_because) ON sla_marks TO stellwerk_worker;
GRANT UPDATE (looked_at, next_at, ended_at, restarts, restarted_at) ON sla_watches TO stellwerk_worker;
GRANT UPDATE (status, state, conference_url, acknowledged_by, acknowledged_at, acknowledged_via, acknowledged_until, ended_at, end_reason)
  ON escalations TO stellwerk_worker;
GRANT UPDATE (status, method, tries, ended_at, code) ON notifications TO stellwerk_worker;
GRANT UPDATE (ended_at, outcome, code, provider_id) ON notification_attempts TO stellwerk_worker;
-- whom it may be told to, and in which language
GRANT SELECT (mail, language) ON people TO stellwerk_worker;
