-- Who somebody is at an issuer is also said by an administrator, before they ever signed in.
ALTER TABLE person_identities ADD COLUMN linked_by text;
ALTER TABLE person_identities ALTER COLUMN last_sign_in_at DROP NOT NULL;
COMMENT ON COLUMN person_identities.linked_by IS 'Null: it came by the first sign-in.';
COMMENT ON COLUMN person_identities.last_sign_in_at IS 'Null: not yet. Tokens of the issuer are taken after a sign-in only.';
CREATE INDEX person_identities_of_person ON person_identities (tenant_id, person_id);
GRANT DELETE ON person_identities TO stellwerk_api;
