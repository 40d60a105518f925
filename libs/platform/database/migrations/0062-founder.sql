-- Whoever makes the first owner, by a command: people of the MSP and their roles, and nothing of any customer.
GRANT USAGE ON SCHEMA public TO stellwerk_founder;
GRANT EXECUTE ON FUNCTION visible_tenants(), written_tenant(), msp_tenant(), append_audit(text, jsonb),
  conflict_of_provider(text, text, text, text, text, text[]) TO stellwerk_founder;
GRANT INSERT (tenant_id, action, outcome, object_kind, request_id, actor, origin, object_id, reason, before, after)
  ON audit_entries TO stellwerk_founder;
GRANT SELECT ON tenants TO stellwerk_founder;
GRANT SELECT, INSERT ON people, role_grants, person_identities TO stellwerk_founder;
GRANT SELECT (tenant_id, id, name, issuer), INSERT ON identity_providers TO stellwerk_founder;
-- asked by the trigger refuse_account_of_leaver
GRANT SELECT (tenant_id, type, status, subject) ON requests TO stellwerk_founder;

-- In no transaction of it is there another tenant than the MSP.
CREATE POLICY founder_at_the_msp ON tenants AS RESTRICTIVE TO stellwerk_founder USING (kind = 'msp');
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['people', 'role_grants', 'person_identities', 'identity_providers', 'requests'] LOOP
    EXECUTE format('CREATE POLICY founder_at_the_msp ON %I AS RESTRICTIVE TO stellwerk_founder USING (tenant_id = msp_tenant()) WITH CHECK (tenant_id = msp_tenant())', t);
  END LOOP;
END $$;
