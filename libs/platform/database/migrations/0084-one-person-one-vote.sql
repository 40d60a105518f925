-- Approvals count people: whoever makes a machine acts by it, and two accounts with one mail address are one person.

-- Every name that the people behind these names act by at a customer, in small letters: the names themselves, whoever made or renewed a key or
-- machine of that name, accounts with the same mail address at the customer or the MSP, that address as a contact's (mail:<address>), and
-- the keys and machines that those made.
CREATE FUNCTION names_of_person(p_tenant text, p_names text[]) RETURNS SETOF text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH RECURSIVE place AS (
    SELECT t.id FROM tenants t WHERE p_tenant = ANY (visible_tenants()) AND (t.id = p_tenant OR t.kind = 'msp')
  ), machines AS (
    SELECT lower(k.subject) AS machine, lower(k.created_by) AS maker FROM api_keys k JOIN place ON place.id = k.tenant_id
    WHERE k.created_by IS NOT NULL
    UNION
    SELECT lower('machine:' || m.name || '@' || m.tenant_id), lower(m.set_by) FROM machine_clients m JOIN place ON place.id = m.tenant_id
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
REVOKE EXECUTE ON FUNCTION names_of_person(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION names_of_person(text, text[]) TO stellwerk_api, stellwerk_worker;
-- its answer is among those
DROP FUNCTION mail_of_subject(text, text);

-- As in 0048, without machines: no role of theirs lets them decide.
CREATE OR REPLACE FUNCTION role_holders(p_tenant text)
  RETURNS TABLE (subject text, at text, role text, mail text, language text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.subject, h.kind, g.role, p.mail, p.language
  FROM role_grants g JOIN people p ON p.tenant_id = g.tenant_id AND p.id = g.person_id JOIN tenants h ON h.id = p.tenant_id
  WHERE p_tenant = ANY (visible_tenants()) AND g.ended_at IS NULL AND p.status = 'active' AND (h.id = p_tenant OR h.kind = 'msp')
    AND p_tenant = ANY (tenants_covered(p.tenant_id, g.covers, g.covers_id))
  UNION
  SELECT k.subject, h.kind, k.role, NULL, NULL
  FROM api_keys k JOIN tenants h ON h.id = k.tenant_id
  WHERE p_tenant = ANY (visible_tenants()) AND k.subject NOT LIKE 'key.%' AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > now())
    AND (h.id = p_tenant OR (h.kind = 'msp' AND (k.covers IS NULL OR p_tenant = ANY (k.covers)))) $$;
