-- The SIP Call-ID is an attribute too; it has a column so that an index finds a call among all sessions.
ALTER TABLE sessions ADD COLUMN call_id VARCHAR(255) NULL;

CREATE INDEX sessions_by_call_id ON sessions (call_id);

-- For the deletion of sessions by the age of their end.
CREATE INDEX sessions_by_end ON sessions (ended_at);
