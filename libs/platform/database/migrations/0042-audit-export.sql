-- An export also gives what is not chained yet.
GRANT SELECT ON audit_waiting TO stellwerk_api;
