-- Of the places that an account is known from the first named counts: a device before the network that others share with it.
CREATE OR REPLACE FUNCTION sign_in_record(address text, account text, places text[])
  RETURNS TABLE (kind text, ref text, failures int, seconds double precision)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT pg_advisory_xact_lock(l.key) FROM (
    SELECT DISTINCT hashtextextended(r, 35) AS key FROM unnest(ARRAY[sign_in_record.address, sign_in_record.account]) AS r
    WHERE r IS NOT NULL ORDER BY 1) AS l;
  WITH known AS (
    SELECT (SELECT p.place FROM sign_in_places p
      WHERE p.tenant_id = msp_tenant() AND p.account = sign_in_record.account AND p.place = ANY (places)
      ORDER BY array_position(places, p.place) LIMIT 1) AS place
  ), counted AS (
    SELECT 'known' AS kind, sign_in_record.account || '/' || k.place AS ref FROM known k WHERE k.place IS NOT NULL
    UNION ALL SELECT 'address', sign_in_record.address FROM known k WHERE k.place IS NULL
    UNION ALL SELECT 'stranger', sign_in_record.account FROM known k WHERE k.place IS NULL AND sign_in_record.account IS NOT NULL
  )
  SELECT c.kind, c.ref, coalesce(f.failures, 0), coalesce(extract(epoch FROM clock_timestamp() - f.failed_at), 0)
  FROM counted c LEFT JOIN sign_in_failures f ON f.tenant_id = msp_tenant() AND f.kind = c.kind AND f.ref = c.ref
    AND f.failed_at > clock_timestamp() - interval '1 day' $$;
