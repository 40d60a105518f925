-- The reconciler finds decisions whose event was sent long ago and never reached the engine (a log that lost its data), tells
-- the workflow itself, and notes that in the inbox. A decision's event has the decision's id.
CREATE POLICY worker_audits_decisions ON decisions FOR SELECT TO stellwerk_worker USING (true);
GRANT INSERT ON inbox TO stellwerk_worker;

-- What belongs to no known customer is kept for the MSP, so its tenant has to exist before anything arrives.
INSERT INTO tenants (id, kind, name, time_zone) VALUES ('msp', 'msp', 'MSP', 'UTC') ON CONFLICT DO NOTHING;
