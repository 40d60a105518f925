-- Limits that hold over all instances of the API: token buckets and slots of calls under way, leased in portions, and what
-- slows down guessing at sign-in. All of it is reached by functions alone: a lease serves callers of several tenants at once.

-- What a tenant's limits are where they differ from the usual ones (libs/platform/limits/limit-table.ts).
CREATE TABLE tenant_limits (
  tenant_id text NOT NULL REFERENCES tenants,
  name text NOT NULL CHECK (name ~ '^(read|write|expensive|under_way)\.(key|person|tenant)$'),
  -- calls a second in the long run; null for calls under way
  per_second double precision CHECK (per_second > 0),
  -- calls in one go, or under way at once
  most int NOT NULL CHECK (most >= 1),
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, name),
  CHECK ((name LIKE 'under\_way.%') = (per_second IS NULL))
);

-- Unlogged: a lease waits for no disk, and after a crash of the server every bucket is full again, which harms nobody.
-- What belongs to no tenant (an address that is not signed in) is the MSP's. `ref` is a key's id or a digest, never a name.
CREATE UNLOGGED TABLE limit_buckets (
  tenant_id text NOT NULL,
  name text NOT NULL,
  ref text NOT NULL,
  tokens double precision NOT NULL,
  -- what the last lease was given
  granted double precision NOT NULL,
  refilled_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, name, ref)
) WITH (fillfactor = 50);

-- Slots of calls under way that an instance holds. What is not renewed frees itself: its instance has died.
CREATE UNLOGGED TABLE limit_slots (
  tenant_id text NOT NULL,
  name text NOT NULL,
  ref text NOT NULL,
  instance uuid NOT NULL,
  slots int NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, name, ref, instance)
) WITH (fillfactor = 50);

-- Failed attempts to sign in, by digest of an address, an account, or an account at a place it is known from.
CREATE UNLOGGED TABLE sign_in_failures (
  tenant_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('address', 'stranger', 'known')),
  ref text NOT NULL,
  failures int NOT NULL,
  failed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, kind, ref)
);

-- Where an account has signed in from: strangers' failures do not slow it down there.
CREATE TABLE sign_in_places (
  tenant_id text NOT NULL,
  account text NOT NULL,
  place text NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, account, place)
);

-- Leases tokens: refills each bucket by the time gone by, takes back what was not spent, and gives at most what is there.
-- Buckets in one order, so that two leases never wait for each other in a circle.
CREATE FUNCTION lease_tokens(asks jsonb)
  RETURNS TABLE (n int, granted double precision, remaining double precision, per_second double precision, most int)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  a record;
  at timestamptz;
BEGIN
  FOR a IN
    SELECT q.n, coalesce(q.tenant, msp_tenant()) AS tenant, q.name, q.ref, q.want, q.back,
      coalesce(l.per_second, q.per_second) AS per_second, coalesce(l.most, q.most) AS most
    FROM jsonb_to_recordset(asks)
      AS q (n int, tenant text, name text, ref text, want double precision, back double precision, per_second double precision, most int)
    LEFT JOIN tenant_limits l ON l.tenant_id = q.tenant AND l.name = q.name
    ORDER BY 2, 3, 4
  LOOP
    at := clock_timestamp();
    n := a.n;
    per_second := a.per_second;
    most := a.most;
    INSERT INTO limit_buckets AS b (tenant_id, name, ref, tokens, granted, refilled_at)
    VALUES (a.tenant, a.name, a.ref, a.most - least(a.want, a.most), least(a.want, a.most), at)
    ON CONFLICT ON CONSTRAINT limit_buckets_pkey DO UPDATE SET
      granted = least(a.want, floor(least(a.most, b.tokens + a.back + greatest(0, extract(epoch FROM at - b.refilled_at)) * a.per_second))),
      tokens = least(a.most, b.tokens + a.back + greatest(0, extract(epoch FROM at - b.refilled_at)) * a.per_second)
        - least(a.want, floor(least(a.most, b.tokens + a.back + greatest(0, extract(epoch FROM at - b.refilled_at)) * a.per_second))),
      refilled_at = greatest(b.refilled_at, at)
    RETURNING b.granted, b.tokens INTO granted, remaining;
    RETURN NEXT;
  END LOOP;
END $$;

-- Leases slots: `want` is how many the instance would hold from now on, 0 gives all back.
CREATE FUNCTION lease_slots(owner uuid, seconds double precision, asks jsonb)
  RETURNS TABLE (n int, granted int, most int)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  a record;
  others int;
BEGIN
  FOR a IN
    SELECT q.n, q.tenant, q.name, q.ref, q.want, coalesce(l.most, q.most) AS most
    FROM jsonb_to_recordset(asks) AS q (n int, tenant text, name text, ref text, want int, most int)
    LEFT JOIN tenant_limits l ON l.tenant_id = q.tenant AND l.name = q.name
    ORDER BY 2, 3, 4
  LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended(a.tenant || '/' || a.name || '/' || a.ref, 34));
    DELETE FROM limit_slots s
    WHERE s.tenant_id = a.tenant AND s.name = a.name AND s.ref = a.ref AND s.expires_at <= clock_timestamp() AND s.instance <> owner;
    SELECT coalesce(sum(s.slots), 0) INTO others FROM limit_slots s
    WHERE s.tenant_id = a.tenant AND s.name = a.name AND s.ref = a.ref AND s.instance <> owner;
    n := a.n;
    most := a.most;
    granted := greatest(0, least(a.want, a.most - others));
    IF granted = 0 THEN
      DELETE FROM limit_slots s WHERE s.tenant_id = a.tenant AND s.name = a.name AND s.ref = a.ref AND s.instance = owner;
    ELSE
      INSERT INTO limit_slots AS s (tenant_id, name, ref, instance, slots, expires_at)
      VALUES (a.tenant, a.name, a.ref, owner, granted, clock_timestamp() + seconds * interval '1 second')
      ON CONFLICT ON CONSTRAINT limit_slots_pkey DO UPDATE SET slots = excluded.slots, expires_at = excluded.expires_at;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

-- How often each of these failed, and how long ago; until the transaction ends nobody else reads the same, so that attempts
-- made at once count one after the other. What is older than a day no longer counts.
CREATE FUNCTION sign_in_record(address text, account text, places text[])
  RETURNS TABLE (kind text, ref text, failures int, seconds double precision)
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT pg_advisory_xact_lock(l.key) FROM (
    SELECT DISTINCT hashtextextended(r, 35) AS key FROM unnest(ARRAY[sign_in_record.address, sign_in_record.account]) AS r
    WHERE r IS NOT NULL ORDER BY 1) AS l;
  WITH known AS (
    SELECT min(p.place) AS place FROM sign_in_places p
    WHERE p.tenant_id = msp_tenant() AND p.account = sign_in_record.account AND p.place = ANY (places)
  ), counted AS (
    SELECT 'known' AS kind, sign_in_record.account || '/' || k.place AS ref FROM known k WHERE k.place IS NOT NULL
    UNION ALL SELECT 'address', sign_in_record.address FROM known k WHERE k.place IS NULL
    UNION ALL SELECT 'stranger', sign_in_record.account FROM known k WHERE k.place IS NULL AND sign_in_record.account IS NOT NULL
  )
  SELECT c.kind, c.ref, coalesce(f.failures, 0), coalesce(extract(epoch FROM clock_timestamp() - f.failed_at), 0)
  FROM counted c LEFT JOIN sign_in_failures f ON f.tenant_id = msp_tenant() AND f.kind = c.kind AND f.ref = c.ref
    AND f.failed_at > clock_timestamp() - interval '1 day' $$;

CREATE FUNCTION note_sign_in_failure(kinds text[], refs text[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO sign_in_failures AS f (tenant_id, kind, ref, failures, failed_at)
  SELECT msp_tenant(), w.kind, w.ref, 1, clock_timestamp() FROM unnest(kinds, refs) AS w (kind, ref) ORDER BY 2, 3
  ON CONFLICT (tenant_id, kind, ref) DO UPDATE SET
    failures = CASE WHEN f.failed_at > excluded.failed_at - interval '1 day' THEN least(f.failures, 1000) + 1 ELSE 1 END,
    failed_at = excluded.failed_at $$;

-- What was counted beforehand was none.
CREATE FUNCTION forgive_sign_in(kinds text[], refs text[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE sign_in_failures f SET failures = greatest(0, f.failures - 1)
  FROM unnest(kinds, refs) AS w (kind, ref) WHERE f.tenant_id = msp_tenant() AND f.kind = w.kind AND f.ref = w.ref $$;

-- A success ends what the account failed at from these places, and makes them known.
CREATE FUNCTION note_sign_in_success(account text, places text[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM sign_in_failures f WHERE f.tenant_id = msp_tenant() AND f.kind = 'known'
    AND f.ref IN (SELECT note_sign_in_success.account || '/' || p FROM unnest(places) AS p);
  INSERT INTO sign_in_places (tenant_id, account, place)
  SELECT msp_tenant(), note_sign_in_success.account, p FROM unnest(places) AS p ORDER BY p
  ON CONFLICT (tenant_id, account, place) DO UPDATE SET seen_at = now() $$;

-- Deletes what says nothing any more; gives how many rows.
CREATE FUNCTION forget_limits() RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH buckets AS (DELETE FROM limit_buckets WHERE refilled_at < now() - interval '2 hours' RETURNING 1),
    slots AS (DELETE FROM limit_slots WHERE expires_at < now() - interval '1 minute' RETURNING 1),
    failures AS (DELETE FROM sign_in_failures WHERE failed_at < now() - interval '1 day' RETURNING 1),
    places AS (DELETE FROM sign_in_places WHERE seen_at < now() - interval '180 days' RETURNING 1)
  SELECT (SELECT count(*) FROM buckets) + (SELECT count(*) FROM slots) + (SELECT count(*) FROM failures) + (SELECT count(*) FROM places) $$;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tenant_limits', 'limit_buckets', 'limit_slots', 'sign_in_failures', 'sign_in_places'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_updates ON %I FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY tenant_deletes ON %I FOR DELETE USING (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

REVOKE EXECUTE ON FUNCTION lease_tokens(jsonb), lease_slots(uuid, double precision, jsonb), sign_in_record(text, text, text[]),
  note_sign_in_failure(text[], text[]), forgive_sign_in(text[], text[]), note_sign_in_success(text, text[]), forget_limits() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lease_tokens(jsonb), lease_slots(uuid, double precision, jsonb), sign_in_record(text, text, text[]),
  note_sign_in_failure(text[], text[]), forgive_sign_in(text[], text[]), note_sign_in_success(text, text[]) TO stellwerk_api;
GRANT EXECUTE ON FUNCTION forget_limits() TO stellwerk_bridge;
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant_limits TO stellwerk_api;
