-- Owners take back that a customer is to be erased, until it begins.
ALTER TABLE tenant_offboardings
  ADD COLUMN erasure_withdrawn_by text,
  ADD COLUMN erasure_withdrawn_at timestamptz,
  ADD COLUMN erasure_withdraw_reason text,
  ADD CONSTRAINT a_withdrawal_is_whole CHECK (num_nulls(erasure_withdrawn_by, erasure_withdrawn_at, erasure_withdraw_reason) IN (0, 3));
-- what held an erasure that nobody wants any more goes with it
GRANT UPDATE (erasure_withdrawn_by, erasure_withdrawn_at, erasure_withdraw_reason, held) ON tenant_offboardings TO stellwerk_api;

-- Who asked for an erasure stands until it was taken back: nobody asks in their place.
CREATE FUNCTION refuse_second_asking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Somebody asked for the erasure of % already.', OLD.tenant_id USING ERRCODE = 'check_violation';
END $$;
REVOKE EXECUTE ON FUNCTION refuse_second_asking() FROM PUBLIC;
CREATE TRIGGER refuse_second_asking BEFORE UPDATE OF erasure_requested_by ON tenant_offboardings FOR EACH ROW
  WHEN (OLD.erasure_requested_by IS NOT NULL AND NEW.erasure_requested_by IS NOT NULL
    AND OLD.erasure_requested_by <> NEW.erasure_requested_by) EXECUTE FUNCTION refuse_second_asking();
