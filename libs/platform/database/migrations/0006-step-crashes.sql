-- Unexpected errors of a step, counted on their own: waiting for a system that is away is no reason to give a step up.
ALTER TABLE run_steps ADD COLUMN crashes int NOT NULL DEFAULT 0;
