-- The erasure of a customer that left: every row of every table that carries its tenant, but what the law keeps, and that on its day.

-- Records of the MSP's: they stay when the customer is gone.
CREATE TABLE tenant_erasures (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  customer text NOT NULL REFERENCES tenants,
  offboarding_id uuid NOT NULL,
  reason text NOT NULL,
  requested_by text NOT NULL,
  confirmed_by text NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  -- rows that were deleted, by table
  erased jsonb NOT NULL DEFAULT '{}',
  -- histories that were deleted from the engine
  histories int NOT NULL DEFAULT 0,
  event_ids uuid[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, customer),
  CHECK (lower(confirmed_by) <> lower(requested_by))
);

-- What the law keeps of it, and until when; null: for good.
CREATE TABLE tenant_erasure_kept (
  tenant_id text NOT NULL,
  erasure_id uuid NOT NULL,
  kept_table text NOT NULL,
  law text NOT NULL,
  keep_until timestamptz,
  erased_at timestamptz,
  PRIMARY KEY (tenant_id, erasure_id, kept_table),
  FOREIGN KEY (tenant_id, erasure_id) REFERENCES tenant_erasures
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tenant_erasures', 'tenant_erasure_kept'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

-- From here nobody goes back. `p_kept` is [{table, law, years}]: kept until the end of that many whole years, null for good.
-- Raises while a legal hold is in force or a request is open; gives the MSP's tenant.
CREATE FUNCTION begin_erasure_of_tenant(p_tenant text, p_offboarding uuid, p_erasure uuid, p_event uuid, p_kept jsonb) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  leaving tenant_offboardings := held_offboarding(p_tenant, p_offboarding);
  home text := msp_tenant();
BEGIN
  IF leaving.status <> 'due' OR leaving.erasure_confirmed_by IS NULL OR leaving.erase_after IS NULL OR leaving.erase_after > now() THEN
    RAISE EXCEPTION 'The erasure of % is not due, or not confirmed.', p_tenant USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF EXISTS (SELECT FROM legal_holds h WHERE h.tenant_id = p_tenant AND h.ended_at IS NULL) THEN
    RAISE EXCEPTION 'A legal hold forbids the erasure of %.', p_tenant USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF EXISTS (SELECT FROM requests r WHERE r.tenant_id = p_tenant AND r.status IN ('planning', 'awaiting_approval', 'approved', 'running')) THEN
    RAISE EXCEPTION 'Requests of % are open.', p_tenant USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO tenant_erasures (tenant_id, id, customer, offboarding_id, reason, requested_by, confirmed_by, event_ids)
    VALUES (home, p_erasure, p_tenant, p_offboarding, leaving.erasure_reason, leaving.erasure_requested_by, leaving.erasure_confirmed_by, ARRAY[p_event]);
  INSERT INTO tenant_erasure_kept (tenant_id, erasure_id, kept_table, law, keep_until)
    SELECT home, p_erasure, k ->> 'table', k ->> 'law',
      -- claims begin to lapse with the end of the year (§ 199 BGB)
      CASE WHEN k ->> 'years' IS NOT NULL
        THEN (date_trunc('year', now() AT TIME ZONE 'UTC') + make_interval(years => 1 + (k ->> 'years')::int)) AT TIME ZONE 'UTC' END
    FROM jsonb_array_elements(p_kept) AS k;
  UPDATE tenant_offboardings SET status = 'erasing', held = NULL WHERE tenant_id = p_tenant AND id = p_offboarding;
  DELETE FROM tenant_group_members WHERE member = p_tenant;
  UPDATE tenants SET status = 'erased', name = id, status_reason = NULL, status_by = NULL, live_since = NULL WHERE id = p_tenant;
  RETURN home;
END $$;

-- Deletes at most so many rows of one table of the customer that an erasure is about. Kept tables only once their time is over.
CREATE FUNCTION erase_tenant_rows(p_home text, p_erasure uuid, p_table text, p_limit int) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  customer text := (SELECT e.customer FROM tenant_erasures e JOIN tenants t ON t.id = e.customer
    WHERE e.tenant_id = p_home AND e.id = p_erasure AND p_home = written_tenant() AND t.status = 'erased' AND t.kind = 'customer');
  keys text;
  n bigint;
BEGIN
  IF customer IS NULL THEN RAISE EXCEPTION 'No erasure is under way.' USING ERRCODE = 'insufficient_privilege'; END IF;
  IF EXISTS (SELECT FROM tenant_erasure_kept k WHERE k.tenant_id = p_home AND k.erasure_id = p_erasure AND k.kept_table = p_table
      AND (k.keep_until IS NULL OR k.keep_until > now())) OR p_table = 'tenants' THEN
    RAISE EXCEPTION 'The law keeps %.', p_table USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO keys
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = to_regclass('public.' || quote_ident(p_table)) AND i.indisprimary
      AND EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = i.indrelid AND t.attname = 'tenant_id');
  IF keys IS NULL THEN RAISE EXCEPTION 'The table % is not one for this.', p_table USING ERRCODE = 'insufficient_privilege'; END IF;
  -- what was not sent yet is waited for
  EXECUTE format('DELETE FROM %1$I WHERE (%2$s) IN (SELECT %2$s FROM %1$I WHERE tenant_id = $1 %3$s LIMIT $2)', p_table, keys,
    CASE p_table WHEN 'outbox' THEN 'AND sent_at IS NOT NULL' ELSE '' END) USING customer, p_limit;
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n > 0 THEN
    UPDATE tenant_erasures SET erased = erased || jsonb_build_object(p_table, coalesce((erased ->> p_table)::bigint, 0) + n)
      WHERE tenant_id = p_home AND id = p_erasure;
  END IF;
  RETURN n;
END $$;

-- As in 0040; the audit of a customer that was erased goes when the time is over for which the law keeps it, and not before.
CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND EXISTS (
    SELECT FROM tenant_erasure_kept k JOIN tenant_erasures e ON e.tenant_id = k.tenant_id AND e.id = k.erasure_id
      JOIN tenants t ON t.id = e.customer
    WHERE k.kept_table = TG_TABLE_NAME AND e.customer = OLD.tenant_id AND t.status = 'erased' AND k.keep_until <= now())
  THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'The audit is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

REVOKE EXECUTE ON FUNCTION begin_erasure_of_tenant(text, uuid, uuid, uuid, jsonb), erase_tenant_rows(text, uuid, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_erasure_of_tenant(text, uuid, uuid, uuid, jsonb), erase_tenant_rows(text, uuid, text, int) TO stellwerk_worker;
GRANT SELECT ON tenant_erasures, tenant_erasure_kept TO stellwerk_api, stellwerk_worker;
GRANT UPDATE (ended_at, histories) ON tenant_erasures TO stellwerk_worker;
GRANT UPDATE (erased_at) ON tenant_erasure_kept TO stellwerk_worker;
GRANT SELECT (tenant_id, id, event_ids) ON tenant_erasures TO stellwerk_bridge;
GRANT SELECT (tenant_id, sent_at) ON outbox TO stellwerk_worker;
