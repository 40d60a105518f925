-- Where an account is known from is marked by a key that the database does not have in the clear: a dump tells nobody's name, also not by trying.

-- the marks without a key: accounts become known anew by their next sign-in
DELETE FROM sign_in_places;
DELETE FROM sign_in_failures;

-- The key is sealed as other values are (and wrapped anew with them); of those the API sees this one only.
GRANT SELECT, INSERT ON sealed_values TO stellwerk_api;
CREATE POLICY api_seals_marks ON sealed_values AS RESTRICTIVE TO stellwerk_api
  USING (tenant_id = msp_tenant() AND owner = 'sign-in-marks') WITH CHECK (tenant_id = msp_tenant() AND owner = 'sign-in-marks');

-- Forgets accounts by their marks, when their person is erased; gives how many rows.
CREATE FUNCTION forget_accounts(accounts text[]) RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH places AS (DELETE FROM sign_in_places WHERE account = ANY (accounts) RETURNING 1),
    failures AS (DELETE FROM sign_in_failures WHERE split_part(ref, '/', 1) = ANY (accounts) AND kind <> 'address' RETURNING 1)
  SELECT (SELECT count(*) FROM places) + (SELECT count(*) FROM failures) $$;
REVOKE EXECUTE ON FUNCTION forget_accounts(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_accounts(text[]) TO stellwerk_api;

-- Sign-ins with a passkey that nobody ended went with the next that began; now by housekeeping, too.
CREATE FUNCTION forget_ceremonies() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM passkey_ceremonies WHERE expires_at < now() $$;
REVOKE EXECUTE ON FUNCTION forget_ceremonies() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_ceremonies() TO stellwerk_bridge;

-- An erasure takes a person's name out of a receiver's address as well; whose address that is then nobody knows, so nothing is told there
-- until somebody says where.
CREATE FUNCTION stop_redacted_webhook() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.disabled_because := 'person';
  RETURN NEW;
END $$;
CREATE TRIGGER stop_redacted_webhook BEFORE UPDATE OF url ON webhook_subscriptions
  FOR EACH ROW WHEN (NEW.url <> OLD.url AND NEW.url ~ '\mperson-[0-9a-f]{12}\M') EXECUTE FUNCTION stop_redacted_webhook();
REVOKE EXECUTE ON FUNCTION stop_redacted_webhook() FROM PUBLIC;
