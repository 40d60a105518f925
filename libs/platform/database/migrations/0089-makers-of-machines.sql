-- A machine client keeps everybody who entered or replaced it: each of them may know what it signs in with.

ALTER TABLE machine_clients
  -- whoever entered it, then everybody who replaced it, each once
  ADD COLUMN made_by text[] NOT NULL DEFAULT '{}';
-- who replaced it before this is on record
UPDATE machine_clients m SET made_by = ARRAY(
  SELECT who FROM (
    SELECT a.actor AS who, min(a.at) AS first FROM audit_entries a
    WHERE a.tenant_id = m.tenant_id AND a.object_kind = 'machine_client' AND a.object_id = m.id::text
      AND a.action IN ('machine_client.created', 'machine_client.changed') AND a.actor <> m.set_by
    GROUP BY a.actor UNION ALL SELECT m.set_by, NULL) hands
  ORDER BY first NULLS LAST);

-- No program says who made it: whoever replaces it is added, and nobody is taken away.
CREATE FUNCTION note_maker_of_machine() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN NEW.made_by := ARRAY[NEW.set_by];
  ELSIF NOT NEW.set_by = ANY (NEW.made_by) THEN NEW.made_by := NEW.made_by || NEW.set_by;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER note_maker_of_machine BEFORE INSERT OR UPDATE ON machine_clients FOR EACH ROW EXECUTE FUNCTION note_maker_of_machine();
REVOKE UPDATE ON machine_clients FROM stellwerk_api;
GRANT UPDATE (provider_id, client_id, subject, role, scopes, covers, enabled, set_by, set_at) ON machine_clients TO stellwerk_api;

-- As in 0084, but a machine is everybody's who ever entered it. (A key's renewals are rows of their own, which stay.)
CREATE OR REPLACE FUNCTION names_of_person(p_tenant text, p_names text[]) RETURNS SETOF text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH RECURSIVE place AS (
    SELECT t.id FROM tenants t WHERE p_tenant = ANY (visible_tenants()) AND (t.id = p_tenant OR t.kind = 'msp')
  ), machines AS (
    SELECT lower(k.subject) AS machine, lower(k.created_by) AS maker FROM api_keys k JOIN place ON place.id = k.tenant_id
    WHERE k.created_by IS NOT NULL
    UNION
    SELECT lower('machine:' || m.name || '@' || m.tenant_id), lower(hand) FROM machine_clients m JOIN place ON place.id = m.tenant_id
      CROSS JOIN LATERAL unnest(m.made_by) AS hand
  ), behind AS (
    SELECT lower(n.name) AS name FROM unnest(p_names) AS n (name)
    UNION
    SELECT m.maker FROM behind b JOIN machines m ON m.machine = b.name
  ), addresses AS (
    SELECT lower(p.mail) AS mail FROM people p JOIN place ON place.id = p.tenant_id
    WHERE p.mail IS NOT NULL AND lower(p.subject) IN (SELECT name FROM behind)
    UNION
    -- a directory may name people by their address
    SELECT regexp_replace(b.name, '^mail:', '') FROM behind b WHERE b.name LIKE '%@%'
  ), accounts AS (
    SELECT name FROM behind
    UNION
    SELECT lower(p.subject) FROM people p JOIN place ON place.id = p.tenant_id WHERE lower(p.mail) IN (SELECT mail FROM addresses)
    UNION
    SELECT m.machine FROM accounts a JOIN machines m ON m.maker = a.name
  )
  SELECT name FROM accounts UNION SELECT 'mail:' || mail FROM addresses $$;
