-- The audit: who did what to whom, when and why, per tenant. Entries commit with the act they tell of. One owner chains them
-- shortly after in a table of its own, so that no writer waits for another. Nobody changes or removes either, the owner of
-- the tables included; see below for the one exception.

CREATE TABLE audit_entries (
  tenant_id text NOT NULL,
  -- version 7: the primary key is the order in time
  id uuid NOT NULL DEFAULT uuidv7(),
  -- whole milliseconds, so that what a hash covers survives every client
  at timestamptz(3) NOT NULL DEFAULT now(),
  action text NOT NULL CHECK (action ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$'),
  outcome text NOT NULL CHECK (outcome IN ('done', 'denied', 'failed')),
  object_kind text NOT NULL CHECK (object_kind <> ''),
  -- the request that this is part of, where it may be confidential
  request_id uuid,
  -- what may name a person: an erasure replaces it
  actor text NOT NULL CHECK (actor <> ''),
  origin text,
  object_id text NOT NULL,
  reason text,
  before jsonb,
  after jsonb,
  -- without it nobody can try names against the digest that the chain keeps
  salt uuid NOT NULL DEFAULT gen_random_uuid(),
  -- the entry of the erasure that replaced it last
  erased_by uuid,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_entries_by_object ON audit_entries (tenant_id, object_id, id);
CREATE INDEX audit_entries_by_actor ON audit_entries (tenant_id, actor, id);

-- Entries that are not chained yet.
CREATE TABLE audit_waiting (
  tenant_id text NOT NULL,
  entry_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, entry_id)
);

CREATE TABLE audit_chain (
  tenant_id text NOT NULL,
  seq bigint NOT NULL CHECK (seq > 0),
  entry_id uuid NOT NULL,
  -- SHA-256 of the entry's salt and erasable content, as it was when it was chained
  content_hash bytea NOT NULL,
  -- SHA-256 of the entry: what is never erased, and the hash of what may be
  entry_hash bytea NOT NULL,
  -- SHA-256 of the hash before it and of this entry's
  hash bytea NOT NULL,
  chained_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, seq),
  UNIQUE (tenant_id, entry_id)
);

-- Heads of chains, signed and published: what was cut off or written anew after one of them shows.
CREATE TABLE audit_anchors (
  tenant_id text NOT NULL,
  seq bigint NOT NULL,
  hash bytea NOT NULL,
  -- null: no signing key was configured
  signature text,
  anchored_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, seq)
);

-- Every entry waits for the chain, however it was written.
CREATE FUNCTION queue_audit_entries() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO audit_waiting (tenant_id, entry_id) SELECT tenant_id, id FROM new_entries;
  RETURN NULL;
END $$;
CREATE TRIGGER queue_audit_entries AFTER INSERT ON audit_entries REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION queue_audit_entries();

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- The exception: an erasure that is itself on record replaces what may name a person, and nothing else.
CREATE FUNCTION refuse_all_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.erased_by::text = current_setting('stellwerk.audit_erasure', true)
    AND (NEW.tenant_id, NEW.id, NEW.at, NEW.action, NEW.outcome, NEW.object_kind, NEW.request_id)
      IS NOT DISTINCT FROM (OLD.tenant_id, OLD.id, OLD.at, OLD.action, OLD.outcome, OLD.object_kind, OLD.request_id)
    AND NEW.salt <> OLD.salt AND OLD.action <> 'audit.person_erased'
  THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'The audit is append-only: only a recorded erasure may replace what names a person.' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only_update BEFORE UPDATE ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure();
CREATE TRIGGER append_only BEFORE DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_anchors FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_chain FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_anchors FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_waiting FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- Appends entries: [{action, actor, origin, objectKind, objectId, request, reason, before, after, outcome}]. For stored
-- functions, whose plans are kept; in the transaction of the act, with its tenant set.
CREATE FUNCTION append_audit(p_tenant text, p_entries jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_entries (tenant_id, action, outcome, object_kind, request_id, actor, origin, object_id, reason, before, after)
  SELECT p_tenant, e ->> 'action', coalesce(e ->> 'outcome', 'done'), e ->> 'objectKind', (e ->> 'request')::uuid, e ->> 'actor',
    e ->> 'origin', e ->> 'objectId', e ->> 'reason', nullif(e -> 'before', 'null'), nullif(e -> 'after', 'null')
  FROM jsonb_array_elements(p_entries) AS e;
END $$;

-- Replaces what names a person in these entries. `p_erasure` is the entry that puts the erasure on record; it has to be there.
CREATE FUNCTION erase_from_audit(p_tenant text, p_erasure uuid, p_rows jsonb) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  replaced bigint;
BEGIN
  IF p_tenant IS DISTINCT FROM written_tenant() THEN RAISE EXCEPTION 'This transaction does not write for %.', p_tenant USING ERRCODE = 'insufficient_privilege'; END IF;
  PERFORM 1 FROM audit_entries WHERE tenant_id = p_tenant AND id = p_erasure AND action = 'audit.person_erased';
  IF NOT FOUND THEN RAISE EXCEPTION 'The erasure is not on record.' USING ERRCODE = 'insufficient_privilege'; END IF;
  PERFORM set_config('stellwerk.audit_erasure', p_erasure::text, true);
  UPDATE audit_entries a SET actor = r.actor, origin = r.origin, object_id = r.object_id, reason = r.reason,
      before = nullif(r.before, 'null'), after = nullif(r.after, 'null'), salt = r.salt, erased_by = p_erasure
    FROM jsonb_to_recordset(p_rows) AS r (id uuid, actor text, origin text, object_id text, reason text, before jsonb, after jsonb, salt uuid)
    WHERE a.tenant_id = p_tenant AND a.id = r.id;
  GET DIAGNOSTICS replaced = ROW_COUNT;
  PERFORM set_config('stellwerk.audit_erasure', '', true);
  RETURN replaced;
END $$;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['audit_entries', 'audit_waiting', 'audit_chain', 'audit_anchors'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_reads ON %I FOR SELECT USING (tenant_id = ANY (visible_tenants()))', t);
    EXECUTE format('CREATE POLICY tenant_inserts ON %I FOR INSERT WITH CHECK (tenant_id = written_tenant())', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', t);
    PERFORM pg_restore_attribute_stats('schemaname', 'public', 'relname', t, 'attname', 'tenant_id', 'inherited', false,
      'null_frac', 0::real, 'avg_width', 8, 'n_distinct', 5::real);
  END LOOP;
END $$;

-- The owner of the chain crosses tenants.
CREATE POLICY bridge_chains ON audit_entries FOR SELECT TO stellwerk_bridge USING (true);
CREATE POLICY bridge_chains ON audit_waiting TO stellwerk_bridge USING (true);
CREATE POLICY bridge_chains ON audit_chain TO stellwerk_bridge USING (true) WITH CHECK (true);
CREATE POLICY bridge_chains ON audit_anchors TO stellwerk_bridge USING (true) WITH CHECK (true);

REVOKE EXECUTE ON FUNCTION append_audit(text, jsonb), erase_from_audit(text, uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_audit(text, jsonb) TO stellwerk_api, stellwerk_bridge, stellwerk_worker;
GRANT EXECUTE ON FUNCTION erase_from_audit(text, uuid, jsonb) TO stellwerk_api, stellwerk_worker;
-- when it was, and which salt it has, is not the programs' to say
GRANT SELECT, INSERT (tenant_id, action, outcome, object_kind, request_id, actor, origin, object_id, reason, before, after)
  ON audit_entries TO stellwerk_api, stellwerk_bridge, stellwerk_worker;
GRANT SELECT ON audit_chain, audit_anchors TO stellwerk_api;
GRANT SELECT, DELETE ON audit_waiting TO stellwerk_bridge;
GRANT SELECT, INSERT ON audit_chain, audit_anchors TO stellwerk_bridge;
-- anchors are published through the outbox
GRANT INSERT ON outbox TO stellwerk_bridge;
GRANT SELECT, INSERT, UPDATE ON event_keys TO stellwerk_bridge;
