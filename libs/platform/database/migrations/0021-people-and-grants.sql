-- People and what they may do where: roles are granted for all customers, a group of them, one, or at home.

-- Suspended: nobody of the customer gets in, its data stays. The MSP itself cannot be suspended.
ALTER TABLE tenants ADD COLUMN status text NOT NULL DEFAULT 'active'
  CHECK (status IN ('active', 'suspended', 'offboarding', 'erased') AND (kind = 'customer' OR status = 'active'));

-- Groups of customers, by the MSP's own division; a customer may be in several.
CREATE TABLE tenant_groups (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  name text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name)
);
CREATE TABLE tenant_group_members (
  tenant_id text NOT NULL,
  group_id uuid NOT NULL,
  member text NOT NULL REFERENCES tenants,
  PRIMARY KEY (tenant_id, group_id, member),
  FOREIGN KEY (tenant_id, group_id) REFERENCES tenant_groups ON DELETE CASCADE
);

CREATE TABLE people (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  -- stable name for histories: <name>@<tenant>
  subject text NOT NULL,
  display_name text NOT NULL,
  mail text,
  language text CHECK (language IN ('de', 'en')),
  -- locked: by an administrator; closed: by the step of a run, or for good
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'locked', 'closed')),
  source text NOT NULL CHECK (source IN ('issuer', 'invitation', 'command', 'emergency')),
  created_at timestamptz NOT NULL DEFAULT now(),
  -- the step that closed it: <tenant>/<run>/<step>; null for every other reason
  closed_by text,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX people_by_subject ON people (tenant_id, lower(subject));
CREATE INDEX people_by_mail ON people (tenant_id, lower(mail)) WHERE mail IS NOT NULL;

CREATE TABLE role_grants (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  person_id uuid NOT NULL,
  role text NOT NULL CHECK (role IN ('owner','operator','technician','customer_admin','approver','requester','auditor')),
  covers text NOT NULL CHECK (covers IN ('home', 'all', 'group', 'tenant')),
  -- the group's or the customer's id
  covers_id text,
  -- claim: by a group of the issuer, taken back when the group is gone; manual: by a person
  source text NOT NULL CHECK (source IN ('claim', 'manual')),
  granted_by text NOT NULL,
  granted_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  ended_by text,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES people,
  CHECK ((covers IN ('group', 'tenant')) = (covers_id IS NOT NULL)),
  -- customers' roles hold at home, the MSP's for customers; an auditor is either
  CHECK (role = 'auditor' OR (covers = 'home') = (role IN ('customer_admin', 'approver', 'requester')))
);
CREATE UNIQUE INDEX role_grants_in_force ON role_grants (tenant_id, person_id, role, covers, coalesce(covers_id, ''), source)
  WHERE ended_at IS NULL;

-- A key may do less than its role: some permissions only, for some customers only, until some time.
ALTER TABLE api_keys
  ADD COLUMN scopes text[],
  ADD COLUMN covers text[],
  ADD COLUMN expires_at timestamptz,
  ADD COLUMN last_used_at timestamptz,
  -- the key that takes its place; both hold until the older expires
  ADD COLUMN successor uuid,
  ADD COLUMN created_by text;
COMMENT ON COLUMN api_keys.scopes IS 'Permissions that it may use of its role''s; null: all of them.';
COMMENT ON COLUMN api_keys.covers IS 'Customers that a key of the MSP holds for; null: all, also later ones.';

-- The tenants that a grant holds for, in order. Those of the MSP that cover all include its own.
CREATE FUNCTION tenants_covered(home text, covers text, covers_id text) RETURNS text[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT CASE covers
    WHEN 'home' THEN ARRAY[home]
    WHEN 'all' THEN ARRAY(SELECT t.id FROM tenants t WHERE t.status <> 'erased' ORDER BY t.id)
    WHEN 'group' THEN ARRAY(
      SELECT m.member FROM tenant_group_members m JOIN tenants t ON t.id = m.member
      WHERE m.tenant_id = home AND m.group_id = covers_id::uuid AND t.status <> 'erased' ORDER BY m.member)
    ELSE ARRAY(SELECT t.id FROM tenants t WHERE t.id = covers_id AND t.status <> 'erased') END $$;

-- What a person may do where: [{role, tenants}].
CREATE FUNCTION grants_of_person(home text, person uuid) RETURNS jsonb
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'tenants', tenants_covered(home, g.covers, g.covers_id)) ORDER BY g.role), '[]')
  FROM role_grants g WHERE g.tenant_id = home AND g.person_id = person AND g.ended_at IS NULL $$;

-- Who holds this key, and what for? Answered before the tenant is known, hence by the owner's right and for one hash only.
-- `refusal` says why a key that is known does not let in.
CREATE FUNCTION caller_by_key(hash bytea)
  RETURNS TABLE (id uuid, tenant_id text, tenant_kind text, subject text, grants jsonb, scopes text[], refusal text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.id, k.tenant_id, t.kind, k.subject,
    jsonb_build_array(jsonb_build_object('role', k.role, 'tenants', to_jsonb(CASE
      WHEN t.kind = 'customer' THEN ARRAY[k.tenant_id]
      WHEN k.covers IS NULL THEN tenants_covered(k.tenant_id, 'all', NULL)
      ELSE ARRAY(SELECT c.id FROM tenants c WHERE c.id = ANY (k.covers) AND c.status <> 'erased' ORDER BY c.id) END))),
    k.scopes,
    CASE WHEN k.expires_at <= now() THEN 'expired' WHEN t.status <> 'active' THEN 'suspended' END
  FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
  WHERE k.key_hash = hash AND k.revoked_at IS NULL $$;
DROP FUNCTION holder_of_key(bytea);
DROP FUNCTION tenants_of_msp();

-- Notes that keys were used, at most once a minute each.
CREATE FUNCTION note_keys_used(keys uuid[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE api_keys SET last_used_at = now() WHERE id = ANY (keys) AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute') $$;

-- As with keys (0019): an account that an open off-boarding would not close is refused.
CREATE FUNCTION refuse_account_of_leaver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = 'active' AND EXISTS (
    SELECT 1 FROM requests r
    WHERE r.tenant_id = NEW.tenant_id AND r.type = 'offboarding'
      AND r.status IN ('planning', 'awaiting_approval', 'approved', 'running')
      AND lower(split_part(r.subject, '@', 1) || '@' || r.tenant_id) = lower(NEW.subject)
  ) THEN
    RAISE EXCEPTION 'The off-boarding of % is open.', NEW.subject
      USING ERRCODE = 'check_violation', HINT = 'Cancel the off-boarding first, or reject its plan.';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_account_of_leaver BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION refuse_account_of_leaver();

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tenant_groups', 'tenant_group_members', 'people', 'role_grants'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

REVOKE EXECUTE ON FUNCTION tenants_covered(text, text, text), grants_of_person(text, uuid), caller_by_key(bytea), note_keys_used(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION caller_by_key(bytea), note_keys_used(uuid[]) TO stellwerk_api;
GRANT SELECT, INSERT, UPDATE ON people, role_grants, tenant_groups TO stellwerk_api;
GRANT DELETE ON tenant_groups TO stellwerk_api;
GRANT SELECT, INSERT, DELETE ON tenant_group_members TO stellwerk_api;
-- everything of a key but its hash can be read, and the hash only be written
GRANT INSERT ON api_keys TO stellwerk_api;
GRANT SELECT (tenant_id, id, role, subject, name, created_at, revoked_at, closed_by, scopes, covers, expires_at, last_used_at, successor, created_by) ON api_keys TO stellwerk_api;
GRANT UPDATE (revoked_at, expires_at, successor) ON api_keys TO stellwerk_api;
GRANT SELECT (tenant_id, id, subject, status, closed_by) ON people TO stellwerk_worker;
GRANT UPDATE (status, closed_by) ON people TO stellwerk_worker;
