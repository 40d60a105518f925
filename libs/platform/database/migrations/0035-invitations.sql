-- Invitations: whoever has no identity provider is let in by a link, and from then on signs in with a passkey.

CREATE TABLE invitations (
  tenant_id text NOT NULL REFERENCES tenants,
  id uuid NOT NULL,
  -- whom it is for: the id that the person has, or will have
  person_id uuid NOT NULL,
  -- how they got in; becomes people.source
  source text NOT NULL CHECK (source IN ('invitation', 'command', 'emergency')),
  -- null: the link is handed over in another way
  mail text,
  -- whether the platform sends the link
  by_mail boolean NOT NULL CHECK (NOT by_mail OR mail IS NOT NULL),
  display_name text NOT NULL,
  language text NOT NULL CHECK (language IN ('de', 'en')),
  -- [{role, covers, coversId}], given when it is accepted
  grants jsonb NOT NULL,
  invited_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- counts how often it was sent; each time with a new link
  number int NOT NULL DEFAULT 1,
  valid_days int NOT NULL CHECK (valid_days BETWEEN 1 AND 14),
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  withdrawn_at timestamptz,
  withdrawn_by text,
  -- when the engine noticed; it is over from expires_at on
  expired_at timestamptz,
  -- those of its events that reach its workflow
  event_ids uuid[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id),
  CHECK (num_nonnulls(accepted_at, withdrawn_at, expired_at) <= 1),
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
);
CREATE UNIQUE INDEX invitations_open ON invitations (tenant_id, person_id)
  WHERE accepted_at IS NULL AND withdrawn_at IS NULL AND expired_at IS NULL;
CREATE UNIQUE INDEX invitations_open_by_mail ON invitations (tenant_id, lower(mail))
  WHERE mail IS NOT NULL AND accepted_at IS NULL AND withdrawn_at IS NULL AND expired_at IS NULL;

ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_reads ON invitations FOR SELECT USING (tenant_id = ANY (visible_tenants()));
CREATE POLICY tenant_inserts ON invitations FOR INSERT WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_updates ON invitations FOR UPDATE USING (tenant_id = written_tenant()) WITH CHECK (tenant_id = written_tenant());
CREATE POLICY tenant_deletes ON invitations FOR DELETE USING (tenant_id = written_tenant());
CREATE POLICY owner_all ON invitations TO CURRENT_USER USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON invitations TO stellwerk_api;
GRANT UPDATE (number, expires_at, accepted_at, withdrawn_at, withdrawn_by, expired_at, event_ids) ON invitations TO stellwerk_api;
GRANT SELECT ON invitations TO stellwerk_worker;
GRANT UPDATE (expired_at, event_ids) ON invitations TO stellwerk_worker;
GRANT SELECT (tenant_id, id, event_ids) ON invitations TO stellwerk_bridge;
