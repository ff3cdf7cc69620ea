-- Who opened the session first: an API key, a trunk or a caller's address. NULL: nobody was identified.
ALTER TABLE sessions ADD COLUMN owner VARCHAR(128) NULL;

CREATE INDEX sessions_by_owner ON sessions (owner, started_at, session_id);
