-- Whoever exchanges master keys: sees which key wrapped what and exchanges the wrapping. What is encrypted it cannot read.

-- what a rotation has still to do
CREATE INDEX sealed_values_by_key ON sealed_values (key_id);
CREATE INDEX secrets_by_key ON secrets (key_id) WHERE key_id IS NOT NULL;

CREATE POLICY keeper_rewraps ON sealed_values TO stellwerk_keeper USING (true) WITH CHECK (true);
CREATE POLICY keeper_rewraps ON secrets TO stellwerk_keeper USING (true) WITH CHECK (true);
CREATE POLICY keeper_rewraps ON payload_keys TO stellwerk_keeper USING (true) WITH CHECK (true);

GRANT USAGE ON SCHEMA public TO stellwerk_keeper;
GRANT SELECT (tenant_id, owner, name, key_id, wrapped_key) ON sealed_values TO stellwerk_keeper;
GRANT SELECT (tenant_id, name, version, id, key_id, wrapped_key) ON secrets TO stellwerk_keeper;
GRANT SELECT (tenant_id, version, key_id, wrapped_key) ON payload_keys TO stellwerk_keeper;
GRANT UPDATE (key_id, wrapped_key) ON sealed_values, secrets, payload_keys TO stellwerk_keeper;

-- a rotation goes on record at the MSP
GRANT EXECUTE ON FUNCTION visible_tenants(), written_tenant(), msp_tenant(), append_audit(text, jsonb) TO stellwerk_keeper;
GRANT INSERT (tenant_id, action, outcome, object_kind, request_id, actor, origin, object_id, reason, before, after)
  ON audit_entries TO stellwerk_keeper;
