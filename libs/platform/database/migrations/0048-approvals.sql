-- Approvals: who has to approve (policies), the questions put to them (rounds), their votes, and who stands in for whom.

CREATE TABLE approval_policies (
  tenant_id text NOT NULL REFERENCES tenants,
  -- a process, or * for all that have none of their own
  process text NOT NULL CHECK (process = '*' OR process ~ '^[a-z][a-z_]*$'),
  version int NOT NULL CHECK (version > 0),
  body jsonb NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, process, version)
);

-- A question put to approvers: about a plan, or about anything else that has a kind, an id and a hash.
CREATE TABLE approval_rounds (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  subject_revision int NOT NULL,
  subject_hash text NOT NULL,
  -- the request that it is part of: who may not see a confidential one does not see this either
  request_id uuid,
  process text NOT NULL,
  -- as it was when the question was put: a later version does not change it
  policy jsonb NOT NULL,
  policy_from text NOT NULL CHECK (policy_from IN ('process', 'all', 'default')),
  policy_version int NOT NULL,
  policy_set_by text,
  stage int NOT NULL DEFAULT 1,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'approved', 'rejected', 'superseded', 'withdrawn')),
  opened_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  reminders int NOT NULL DEFAULT 0,
  escalated_at timestamptz,
  -- when it expired and was left open
  expired_at timestamptz,
  closed_at timestamptz,
  -- events that tell its workflow; another event with its id is not ours
  event_ids uuid[] NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, request_id) REFERENCES requests,
  CHECK ((status = 'open') = (closed_at IS NULL))
);
CREATE UNIQUE INDEX approval_rounds_one_open ON approval_rounds (tenant_id, subject_kind, subject_id) WHERE status = 'open';
CREATE INDEX approval_rounds_by_request ON approval_rounds (tenant_id, request_id, subject_revision);
CREATE INDEX approval_rounds_by_time ON approval_rounds (tenant_id, opened_at DESC, id DESC);

CREATE TABLE approval_votes (
  tenant_id text NOT NULL,
  approval_id uuid NOT NULL,
  id uuid NOT NULL,
  stage int NOT NULL,
  -- who gave it; mail:<address> by a link in a mail
  voter text NOT NULL,
  -- whose vote it is, when somebody stood in
  on_behalf_of text,
  verdict text NOT NULL CHECK (verdict IN ('approve', 'reject')),
  reason text,
  subject_hash text NOT NULL,
  link_id uuid,
  given_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, approval_id, id),
  FOREIGN KEY (tenant_id, approval_id) REFERENCES approval_rounds
);
-- one person counts once, also when somebody stands in
CREATE UNIQUE INDEX approval_votes_by_voter ON approval_votes (tenant_id, approval_id, lower(voter));
CREATE UNIQUE INDEX approval_votes_by_principal ON approval_votes (tenant_id, approval_id, lower(on_behalf_of)) WHERE on_behalf_of IS NOT NULL;

CREATE TABLE approval_delegations (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  delegator text NOT NULL,
  delegate text NOT NULL,
  valid_from timestamptz NOT NULL,
  valid_until timestamptz NOT NULL,
  reason text,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  ended_by text,
  PRIMARY KEY (tenant_id, id),
  CHECK (valid_from < valid_until AND lower(delegator) <> lower(delegate))
);
CREATE INDEX approval_delegations_by_delegate ON approval_delegations (tenant_id, lower(delegate)) WHERE ended_at IS NULL;

-- Who holds which role for a tenant now, by an account or by a key. Only for a tenant of the transaction.
CREATE FUNCTION role_holders(p_tenant text)
  RETURNS TABLE (subject text, at text, role text, mail text, language text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.subject, h.kind, g.role, p.mail, p.language
  FROM role_grants g JOIN people p ON p.tenant_id = g.tenant_id AND p.id = g.person_id JOIN tenants h ON h.id = p.tenant_id
  WHERE p_tenant = ANY (visible_tenants()) AND g.ended_at IS NULL AND p.status = 'active' AND (h.id = p_tenant OR h.kind = 'msp')
    AND p_tenant = ANY (tenants_covered(p.tenant_id, g.covers, g.covers_id))
  UNION
  SELECT k.subject, h.kind, k.role, NULL, NULL
  FROM api_keys k JOIN tenants h ON h.id = k.tenant_id
  WHERE p_tenant = ANY (visible_tenants()) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
    AND (h.id = p_tenant OR (h.kind = 'msp' AND (k.covers IS NULL OR p_tenant = ANY (k.covers)))) $$;
REVOKE EXECUTE ON FUNCTION role_holders(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION role_holders(text) TO stellwerk_api, stellwerk_worker;

-- The mail address of somebody with an account, whatever roles it has: who asked for something does not approve it by mail.
CREATE FUNCTION mail_of_subject(p_tenant text, p_subject text) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.mail FROM people p JOIN tenants h ON h.id = p.tenant_id
  WHERE p_tenant = ANY (visible_tenants()) AND lower(p.subject) = lower(p_subject) AND (h.id = p_tenant OR h.kind = 'msp')
  ORDER BY h.id = p_tenant DESC LIMIT 1 $$;
REVOKE EXECUTE ON FUNCTION mail_of_subject(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mail_of_subject(text, text) TO stellwerk_api, stellwerk_worker;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['approval_policies', 'approval_rounds', 'approval_votes', 'approval_delegations'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
    -- the planner knows from the start that tenants are few
    PERFORM pg_restore_attribute_stats('schemaname', 'public', 'relname', t, 'attname', 'tenant_id', 'inherited', false,
      'null_frac', 0::real, 'avg_width', 8, 'n_distinct', 5::real);
  END LOOP;
END $$;

GRANT SELECT, INSERT ON approval_policies, approval_votes, approval_delegations TO stellwerk_api;
GRANT UPDATE (ended_at, ended_by) ON approval_delegations TO stellwerk_api;
GRANT SELECT, INSERT ON approval_rounds TO stellwerk_api, stellwerk_worker;
GRANT UPDATE (stage, status, reminders, escalated_at, expired_at, closed_at, event_ids) ON approval_rounds TO stellwerk_api, stellwerk_worker;
GRANT SELECT ON approval_policies, approval_votes, approval_delegations TO stellwerk_worker;
GRANT SELECT (tenant_id, id, request_id, event_ids) ON approval_rounds TO stellwerk_bridge;
