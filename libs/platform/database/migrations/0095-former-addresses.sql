-- Approvals know people by every mail address that an account ever had: who changes theirs at the issuer, or has it changed, is still the same.

CREATE TABLE person_addresses (
  tenant_id text NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  person_id uuid NOT NULL,
  -- in small letters; the pseudonym once the person is erased
  mail text NOT NULL CHECK (mail = lower(mail)),
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES people ON DELETE CASCADE
);
CREATE UNIQUE INDEX person_addresses_once ON person_addresses (tenant_id, person_id, mail) WHERE mail LIKE '%@%';
CREATE INDEX person_addresses_by_mail ON person_addresses (tenant_id, mail);
INSERT INTO person_addresses (tenant_id, person_id, mail, first_seen_at)
  SELECT tenant_id, id, lower(mail), created_at FROM people WHERE mail LIKE '%@%';

-- No program forgets or makes up one: what an account has is noted as it gets it. An erasure's pseudonym is no address.
CREATE FUNCTION note_address() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO person_addresses (tenant_id, person_id, mail) VALUES (NEW.tenant_id, NEW.id, lower(NEW.mail)) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER note_address AFTER INSERT OR UPDATE OF mail ON people
  FOR EACH ROW WHEN (NEW.mail LIKE '%@%') EXECUTE FUNCTION note_address();
REVOKE EXECUTE ON FUNCTION note_address() FROM PUBLIC;

ALTER TABLE person_addresses ENABLE ROW LEVEL SECURITY;
ALTER TABLE person_addresses FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON person_addresses FOR SELECT USING (tenant_id = ANY (visible_tenants()));
CREATE POLICY tenant_inserts ON person_addresses FOR INSERT WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_updates ON person_addresses FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_deletes ON person_addresses FOR DELETE USING (tenant_id = written_tenant());
CREATE POLICY owner_all ON person_addresses TO CURRENT_USER USING (true) WITH CHECK (true);
GRANT SELECT ON person_addresses TO stellwerk_api;

-- As in 0089, by every address that an account has or had.
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
    SELECT a.mail FROM people p JOIN place ON place.id = p.tenant_id
      JOIN person_addresses a ON a.tenant_id = p.tenant_id AND a.person_id = p.id AND a.mail LIKE '%@%'
    WHERE lower(p.subject) IN (SELECT name FROM behind)
    UNION
    -- a directory may name people by their address
    SELECT regexp_replace(b.name, '^mail:', '') FROM behind b WHERE b.name LIKE '%@%'
  ), accounts AS (
    SELECT name FROM behind
    UNION
    SELECT lower(p.subject) FROM people p JOIN place ON place.id = p.tenant_id
      JOIN person_addresses a ON a.tenant_id = p.tenant_id AND a.person_id = p.id
    WHERE a.mail IN (SELECT mail FROM addresses)
    UNION
    SELECT m.machine FROM accounts a JOIN machines m ON m.maker = a.name
  )
  SELECT name FROM accounts UNION SELECT 'mail:' || mail FROM addresses $$;
