-- The command that makes the first owner, or an emergency account, shows the link that registers a passkey.
GRANT SELECT, INSERT ON invitations TO stellwerk_founder;
GRANT UPDATE (expired_at, event_ids) ON invitations TO stellwerk_founder;
GRANT SELECT (tenant_id, person_id) ON passkeys TO stellwerk_founder;
GRANT SELECT, INSERT ON outbox, mailed_links, mailed_link_keys, sealed_values TO stellwerk_founder;
GRANT SELECT, INSERT, UPDATE ON event_keys TO stellwerk_founder;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['invitations', 'passkeys', 'outbox', 'event_keys', 'mailed_links', 'mailed_link_keys'] LOOP
    EXECUTE format('CREATE POLICY founder_at_the_msp ON %I AS RESTRICTIVE TO stellwerk_founder USING (tenant_id = msp_tenant()) WITH CHECK (tenant_id = msp_tenant())', t);
  END LOOP;
END $$;
-- of what is sealed only what belongs to links
CREATE POLICY founder_seals_links ON sealed_values AS RESTRICTIVE TO stellwerk_founder
  USING (tenant_id = msp_tenant() AND owner LIKE 'mailed-link%') WITH CHECK (tenant_id = msp_tenant() AND owner LIKE 'mailed-link%');
