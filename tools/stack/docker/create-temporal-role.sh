#!/bin/bash
# Run once by the PostgreSQL image when its data directory is new: Temporal's own role and databases, so that Temporal
# never holds the superuser's password.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username postgres --set password="$STELLWERK_TEMPORAL_PASSWORD" <<'SQL'
CREATE ROLE stellwerk_temporal LOGIN PASSWORD :'password';
CREATE DATABASE temporal OWNER stellwerk_temporal;
CREATE DATABASE temporal_visibility OWNER stellwerk_temporal;
SQL
