-- The handover of a customer: everything of theirs, encrypted to a key that the receiver names, released by two persons.

CREATE TABLE tenant_exports (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  -- an age recipient; whoever has its identity, and nobody else, reads the export
  recipient text NOT NULL CHECK (recipient ~ '^age1[a-z0-9]+$'),
  reason text NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  status text NOT NULL DEFAULT 'building' CHECK (status IN ('building', 'ready', 'gone')),
  -- names, counts and hashes of the files; its SHA-256 is what the releases bind to
  manifest text,
  hash text CHECK (hash ~ '^[0-9a-f]{64}$'),
  ready_at timestamptz,
  available_until timestamptz,
  event_ids uuid[] NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK ((status = 'building') = (hash IS NULL))
);
CREATE UNIQUE INDEX tenant_exports_one_building ON tenant_exports (tenant_id) WHERE status = 'building';

-- One of the MSP's owners and one of the customer's administrators, each for the hash that they saw.
CREATE TABLE tenant_export_releases (
  tenant_id text NOT NULL,
  export_id uuid NOT NULL,
  side text NOT NULL CHECK (side IN ('msp', 'customer')),
  released_by text NOT NULL,
  hash text NOT NULL,
  released_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, export_id, side),
  FOREIGN KEY (tenant_id, export_id) REFERENCES tenant_exports
);

-- Encrypted files, in pieces. A file that was not finished is begun anew.
CREATE TABLE tenant_export_chunks (
  tenant_id text NOT NULL,
  export_id uuid NOT NULL,
  file text NOT NULL,
  seq int NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (tenant_id, export_id, file, seq),
  FOREIGN KEY (tenant_id, export_id) REFERENCES tenant_exports
);
CREATE TABLE tenant_export_files (
  tenant_id text NOT NULL,
  export_id uuid NOT NULL,
  file text NOT NULL,
  rows bigint NOT NULL,
  plain_sha256 text NOT NULL,
  sha256 text NOT NULL,
  size bigint NOT NULL,
  read_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, export_id, file),
  FOREIGN KEY (tenant_id, export_id) REFERENCES tenant_exports
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tenant_exports', 'tenant_export_releases', 'tenant_export_chunks', 'tenant_export_files'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

-- A page of a table's rows of one customer, in the order of its primary key, without columns of secrets. Only while an export
-- is being built: the worker reads tables that are otherwise none of its business.
CREATE FUNCTION handover_page(p_tenant text, p_export uuid, p_table text, p_hidden text[], p_after jsonb, p_limit int)
  RETURNS TABLE (line text, place jsonb) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  keys text;
  places text;
  tenant_column text := CASE p_table WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END;
BEGIN
  IF p_tenant IS DISTINCT FROM written_tenant()
    OR NOT EXISTS (SELECT FROM tenant_exports e WHERE e.tenant_id = p_tenant AND e.id = p_export AND e.status = 'building') THEN
    RAISE EXCEPTION 'No export of % is being built.', p_tenant USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT string_agg(format('x.%I', a.attname), ', ' ORDER BY array_position(i.indkey::int2[], a.attnum)),
      string_agg(format('%L, x.%I', a.attname, a.attname), ', ')
    INTO keys, places
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = to_regclass('public.' || quote_ident(p_table)) AND i.indisprimary;
  RETURN QUERY EXECUTE format($q$
    SELECT (to_jsonb(x) - $2)::text, jsonb_build_object(%s) FROM %I x
    WHERE x.%I = $1 AND ($3 IS NULL OR ROW(%s) > (SELECT %s FROM jsonb_populate_record(NULL::%I, $3) x)) ORDER BY %s LIMIT $4$q$,
    places, p_table, tenant_column, keys, keys, p_table, keys) USING p_tenant, p_hidden, p_after, p_limit;
END $$;

-- JSON Schemas of the exported rows, by table, from the catalogue.
CREATE FUNCTION handover_columns(p_tables text[]) RETURNS TABLE (table_name text, column_name text, type text, nullable boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (p_tables) ORDER BY c.relname, a.attnum $$;

REVOKE EXECUTE ON FUNCTION handover_page(text, uuid, text, text[], jsonb, int), handover_columns(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION handover_page(text, uuid, text, text[], jsonb, int), handover_columns(text[]) TO stellwerk_worker;
GRANT SELECT, INSERT, DELETE ON tenant_export_chunks, tenant_export_files TO stellwerk_worker;
GRANT SELECT ON tenant_exports TO stellwerk_worker;
GRANT UPDATE (status, manifest, hash, ready_at, available_until) ON tenant_exports TO stellwerk_worker;
GRANT SELECT, INSERT ON tenant_exports, tenant_export_releases TO stellwerk_api;
GRANT SELECT ON tenant_export_chunks, tenant_export_files TO stellwerk_api;
GRANT SELECT (tenant_id, id, event_ids) ON tenant_exports TO stellwerk_bridge;

-- As in 0053, with rows that belong to an account.
CREATE OR REPLACE FUNCTION condition_about(p_about text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_about
    WHEN 'subject' THEN '(t.subject ~* $2 OR t.subject = $3)'
    WHEN 'request' THEN 'EXISTS (SELECT FROM requests r WHERE r.tenant_id = t.tenant_id AND r.id = t.request_id AND (r.subject ~* $2 OR r.subject = $3))'
    WHEN 'run' THEN 'EXISTS (SELECT FROM runs r WHERE r.tenant_id = t.tenant_id AND r.id = t.run_id AND (r.subject ~* $2 OR r.subject = $3))'
    WHEN 'person' THEN 'EXISTS (SELECT FROM people p WHERE p.tenant_id = t.tenant_id AND p.id = t.person_id AND (p.subject ~* $2 OR p.subject = $3))'
    ELSE 'false' END $$;
