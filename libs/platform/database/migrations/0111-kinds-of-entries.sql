-- More happens to tickets than at first: which kinds there are is said where they are written. Background work writes them, too.
ALTER TABLE ticket_entries DROP CONSTRAINT ticket_entries_kind_check;
ALTER TABLE ticket_entries ADD CHECK (kind ~ '^[a-z][a-z_]{1,39}$');

GRANT SELECT, INSERT ON ticket_entries TO stellwerk_worker;
GRANT SELECT ON tickets, priority_matrices TO stellwerk_worker;
GRANT UPDATE (impact, urgency, priority, status, status_reason, team, technician, changed_at, resolved_at, closed_at)
  ON tickets TO stellwerk_worker;
