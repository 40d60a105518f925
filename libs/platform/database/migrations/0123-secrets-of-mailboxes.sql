-- The API reads mailboxes, so it needs what it signs in by there; other secrets it still cannot read.
CREATE FUNCTION secret_of_mailbox(home text, called text)
  RETURNS TABLE (name text, id uuid, key_id text, wrapped_key bytea, ciphertext bytea)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.name, s.id, s.key_id, s.wrapped_key, s.ciphertext FROM secrets s
  WHERE s.tenant_id = home AND s.name = called AND s.ended_at IS NULL AND s.name LIKE 'mailbox-%' AND s.tenant_id = written_tenant() $$;
REVOKE EXECUTE ON FUNCTION secret_of_mailbox(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION secret_of_mailbox(text, text) TO stellwerk_api;
