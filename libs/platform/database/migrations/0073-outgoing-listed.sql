-- A tenant without a policy reaches what is on its list and nothing else. Tenants that are in use go on as they were, by a row that says so; the
-- MSP's own, which a migration makes, counts as in use once somebody can sign in or there is a customer.
INSERT INTO outgoing_policies (tenant_id, public_addresses, set_by)
  SELECT t.id, 'open', 'stellwerk' FROM tenants t
  WHERE t.status <> 'erased' AND (EXISTS (SELECT FROM tenants WHERE kind = 'customer') OR EXISTS (SELECT FROM people)
    OR EXISTS (SELECT FROM api_keys))
  ON CONFLICT DO NOTHING;
COMMENT ON TABLE outgoing_policies IS 'Without a row public addresses have to be on the list as well.';

-- Whoever makes the first owner by a command opens the way to the issuer that they sign in at: nobody could come in to do it.
GRANT SELECT, INSERT ON outgoing_allowances TO stellwerk_founder;
CREATE POLICY founder_at_the_msp ON outgoing_allowances AS RESTRICTIVE TO stellwerk_founder
  USING (tenant_id = msp_tenant()) WITH CHECK (tenant_id = msp_tenant());
