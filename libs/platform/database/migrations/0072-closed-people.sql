-- Somebody's access is closed for good, by a person's act: people.status 'closed' without a step that closed it (closed_by).

ALTER TABLE alarms
  DROP CONSTRAINT alarms_change_check,
  ADD CONSTRAINT alarms_change_check CHECK (change IN ('locked', 'unlocked', 'closed', 'passkey_added', 'passkey_removed', 'passkey_renamed',
    'role_given', 'role_ended'));

-- For good means that no program opens it again, nor makes it look like a step's doing that can be taken back.
CREATE FUNCTION closed_person_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Whoever is closed for good stays closed.' USING ERRCODE = 'check_violation';
END $$;
REVOKE EXECUTE ON FUNCTION closed_person_stays() FROM PUBLIC;
CREATE TRIGGER closed_person_stays BEFORE UPDATE OF status, closed_by ON people FOR EACH ROW
  WHEN (OLD.status = 'closed' AND OLD.closed_by IS NULL AND (NEW.status <> 'closed' OR NEW.closed_by IS NOT NULL))
  EXECUTE FUNCTION closed_person_stays();

-- Ends what still lets in, or counts for, somebody whom the same transaction closed for good, at whichever customer it is: keys that are theirs
-- or that they made (they have seen those), delegations from and to them, links mailed to an address that nobody else has. Gives what it
-- ended. Keys that a step had closed are no longer given back with it.
CREATE FUNCTION end_ways_of_closed(p_tenant text, p_person uuid, p_by text) RETURNS TABLE (tenant text, kind text, id text)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  person people;
  everywhere boolean;
BEGIN
  SELECT p.* INTO person FROM people p WHERE p.tenant_id = p_tenant AND p.id = p_person AND p.status = 'closed' AND p.closed_by IS NULL;
  IF p_tenant IS DISTINCT FROM written_tenant() OR person.id IS NULL THEN
    RAISE EXCEPTION 'Only of somebody who is closed for good.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT t.kind = 'msp' INTO everywhere FROM tenants t WHERE t.id = p_tenant;
  UPDATE api_keys k SET closed_by = NULL
    WHERE k.tenant_id = p_tenant AND lower(k.subject) = lower(person.subject) AND k.revoked_at IS NOT NULL AND k.closed_by IS NOT NULL;
  RETURN QUERY
    UPDATE api_keys k SET revoked_at = now()
    WHERE (everywhere OR k.tenant_id = p_tenant) AND k.revoked_at IS NULL
      AND lower(person.subject) IN (lower(k.subject), lower(k.created_by))
    RETURNING k.tenant_id, 'api_key', k.id::text;
  RETURN QUERY
    UPDATE approval_delegations d SET ended_at = now(), ended_by = p_by
    WHERE (everywhere OR d.tenant_id = p_tenant) AND d.ended_at IS NULL AND d.valid_until > now()
      AND lower(person.subject) IN (lower(d.delegator), lower(d.delegate))
    RETURNING d.tenant_id, 'delegation', d.id::text;
  IF EXISTS (SELECT FROM people o WHERE o.tenant_id = p_tenant AND o.status <> 'closed' AND lower(o.mail) = lower(person.mail)) THEN RETURN; END IF;
  RETURN QUERY
    UPDATE mailed_links l SET revoked_at = now()
    WHERE (everywhere OR l.tenant_id = p_tenant) AND lower(l.recipient) = lower(person.mail)
      AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > now()
    RETURNING l.tenant_id, 'mailed_link', l.id::text;
END $$;

-- Which of these login names and mail addresses are of people whose access is closed, at the customer or the MSP: no vote of theirs is
-- waited for. An address that somebody else has now is that one's.
CREATE FUNCTION closed_approvers(p_tenant text, p_names text[]) RETURNS SETOF text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT n.name FROM unnest(p_names) AS n (name)
  WHERE p_tenant = ANY (visible_tenants()) AND (
    SELECT bool_and(p.status = 'closed') FROM people p JOIN tenants h ON h.id = p.tenant_id
    WHERE (h.id = p_tenant OR h.kind = 'msp') AND lower(n.name) IN (lower(p.subject), lower(p.mail))) $$;

REVOKE EXECUTE ON FUNCTION end_ways_of_closed(text, uuid, text), closed_approvers(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION end_ways_of_closed(text, uuid, text) TO stellwerk_api;
GRANT EXECUTE ON FUNCTION closed_approvers(text, text[]) TO stellwerk_api, stellwerk_worker;
