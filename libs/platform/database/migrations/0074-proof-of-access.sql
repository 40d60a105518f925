-- A refused sign-in proves that our access is gone only where the same credential, for the same account at the same place, let us in
-- before. Hence the last sign-in of each system that worked is on record, with the version of the secret that it was made by.

CREATE TABLE system_sign_ins (
  tenant_id text NOT NULL REFERENCES tenants,
  system text NOT NULL,
  -- the version, by its id
  secret_id uuid NOT NULL,
  -- the account and where it signs in, as configured then
  place text NOT NULL,
  -- to within the hour
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, system)
);
ALTER TABLE system_sign_ins ENABLE ROW LEVEL SECURITY;
ALTER TABLE system_sign_ins FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON system_sign_ins FOR SELECT USING (tenant_id = ANY (visible_tenants()));
CREATE POLICY tenant_inserts ON system_sign_ins FOR INSERT WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_updates ON system_sign_ins FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_deletes ON system_sign_ins FOR DELETE USING (tenant_id = written_tenant());
CREATE POLICY owner_all ON system_sign_ins TO CURRENT_USER USING (true) WITH CHECK (true);
-- whoever sets secrets cannot say that they worked
GRANT SELECT, INSERT, UPDATE ON system_sign_ins TO stellwerk_worker;

-- unproven: refused, but what was refused is not known to have let us in
ALTER TABLE tenant_access_list
  DROP CONSTRAINT tenant_access_list_state_check,
  ADD CONSTRAINT tenant_access_list_state_check
    CHECK (state IN ('to_prove', 'gone', 'still_open', 'unknown', 'unproven', 'confirmed', 'none', 'closed_here'));
ALTER POLICY api_confirms_only ON tenant_access_list USING (state IN ('unknown', 'unproven')) WITH CHECK (state = 'confirmed');
-- what counted as proven until now is tried anew, unless the list is settled
UPDATE tenant_access_list a SET state = 'to_prove'
  FROM tenant_offboardings o
  WHERE o.tenant_id = a.tenant_id AND o.id = a.offboarding_id AND o.status = 'closed' AND a.state = 'gone';

-- As in 0066; what is unproven holds it as well, and everything was tried just before.
CREATE OR REPLACE FUNCTION destroy_credentials_of_tenant(p_tenant text, p_offboarding uuid) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  leaving tenant_offboardings := held_offboarding(p_tenant, p_offboarding);
BEGIN
  IF leaving.status <> 'closed' OR EXISTS (SELECT FROM tenant_access_list a WHERE a.tenant_id = p_tenant
      AND a.offboarding_id = p_offboarding AND (a.state IN ('to_prove', 'still_open', 'unknown', 'unproven')
        OR (a.entry LIKE 'system/%' AND a.state <> 'none' AND (a.probed_at IS NULL OR a.probed_at < now() - interval '1 hour'))))
    THEN RETURN false; END IF;
  UPDATE secrets SET key_id = NULL, wrapped_key = NULL, ciphertext = NULL, ended_at = now(), ended_by = 'stellwerk'
    WHERE tenant_id = p_tenant AND ended_at IS NULL AND (name NOT LIKE 'sign-in-%' OR leaving.fetch_closed_at IS NOT NULL);
  DELETE FROM sealed_values WHERE tenant_id = p_tenant;
  DELETE FROM webhook_secrets WHERE tenant_id = p_tenant;
  UPDATE one_time_links SET ciphertext = NULL WHERE tenant_id = p_tenant;
  UPDATE tenant_access_list SET destroyed_at = now()
    WHERE tenant_id = p_tenant AND offboarding_id = p_offboarding AND destroyed_at IS NULL AND state <> 'none'
      AND (secret_ref IS NULL OR secret_ref NOT LIKE 'secret://sign-in-%' OR leaving.fetch_closed_at IS NOT NULL);
  RETURN true;
END $$;
