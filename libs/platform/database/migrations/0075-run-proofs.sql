-- What is kept of a customer's completion certificates when the customer is erased: outcome, dates, decisions and the hash of the whole
-- certificate, in the bytes that are signed; nobody's name.
CREATE TABLE run_proofs (
  tenant_id text NOT NULL REFERENCES tenants,
  run_id uuid NOT NULL,
  -- canonical JSON (libs/process/model/run-proof.ts)
  proof text NOT NULL,
  kept_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, run_id)
);
ALTER TABLE run_proofs ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_proofs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON run_proofs FOR SELECT USING (tenant_id = ANY (visible_tenants()));
CREATE POLICY tenant_inserts ON run_proofs FOR INSERT WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_updates ON run_proofs FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_deletes ON run_proofs FOR DELETE USING (tenant_id = written_tenant());
CREATE POLICY owner_all ON run_proofs TO CURRENT_USER USING (true) WITH CHECK (true);
-- one is made while its customer is erased, at no other time, and nobody changes one
CREATE POLICY worker_keeps_of_erased ON run_proofs AS RESTRICTIVE FOR INSERT TO stellwerk_worker
  WITH CHECK (EXISTS (SELECT FROM tenants t WHERE t.id = tenant_id AND t.status = 'erased'));
GRANT SELECT, INSERT ON run_proofs TO stellwerk_worker;
GRANT SELECT ON run_proofs TO stellwerk_api;
