-- The reconciler finds acts whose event never reached the engine, as it does decisions.
CREATE POLICY worker_audits_acts ON acts FOR SELECT TO stellwerk_worker USING (true);
