-- Where a tenant's systems may be: what an outgoing connection may reach.

-- Private, loopback and link-local addresses need a row here, whatever a system's configuration names. By name or by
-- network, never both; `ports` null: every port.
CREATE TABLE outgoing_allowances (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  host text CHECK (host ~ '^(\*\.)?[a-z0-9_.-]{1,253}$'),
  cidr cidr,
  ports int[] CHECK (cardinality(ports) BETWEEN 1 AND 100 AND 1 <= ALL (ports) AND 65535 >= ALL (ports)),
  protocols text[] NOT NULL CHECK (cardinality(protocols) > 0 AND protocols <@ ARRAY['http', 'ldap', 'smtp', 'ssh']),
  reason text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CHECK (num_nonnulls(host, cidr) = 1)
);

-- Without a row public addresses are open.
CREATE TABLE outgoing_policies (
  tenant_id text PRIMARY KEY REFERENCES tenants,
  public_addresses text NOT NULL CHECK (public_addresses IN ('open', 'listed')),
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now()
);

-- Keys that SSH servers showed. One that nobody trusted is only on record; `trusted_at` is a person's act.
CREATE TABLE ssh_host_keys (
  tenant_id text NOT NULL REFERENCES tenants,
  -- as connected to, in its one form; an IPv6 address without brackets
  host text NOT NULL,
  port int NOT NULL CHECK (port BETWEEN 1 AND 65535),
  -- SHA256:… as ssh-keygen -l shows it
  fingerprint text NOT NULL CHECK (fingerprint ~ '^SHA256:[A-Za-z0-9+/]{43}$'),
  -- null until the server showed the key itself
  algorithm text,
  first_seen_at timestamptz,
  trusted_at timestamptz,
  trusted_by text,
  reason text,
  PRIMARY KEY (tenant_id, host, port, fingerprint),
  CHECK (num_nulls(trusted_at, trusted_by, reason) IN (0, 3)),
  CHECK (num_nulls(algorithm, first_seen_at) IN (0, 2))
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['outgoing_allowances', 'outgoing_policies', 'ssh_host_keys'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT, DELETE ON outgoing_allowances TO stellwerk_api;
GRANT SELECT, INSERT, UPDATE ON outgoing_policies TO stellwerk_api;
GRANT SELECT, INSERT, DELETE ON ssh_host_keys TO stellwerk_api;
GRANT UPDATE (trusted_at, trusted_by, reason) ON ssh_host_keys TO stellwerk_api;

GRANT SELECT ON outgoing_allowances, outgoing_policies TO stellwerk_worker;
GRANT SELECT, INSERT ON ssh_host_keys TO stellwerk_worker;
