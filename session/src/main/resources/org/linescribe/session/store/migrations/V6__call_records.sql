-- Call detail records; one session may have had several calls.
CREATE TABLE call_records (
  session_id VARCHAR(128) NOT NULL,
  started_at DATETIME(6) NOT NULL,
  call_id VARCHAR(255) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  trunk VARCHAR(64) NULL,
  caller VARCHAR(512) NOT NULL,
  callee VARCHAR(512) NOT NULL,
  transport VARCHAR(16) NOT NULL,
  answered_at DATETIME(6) NULL,
  ended_at DATETIME(6) NOT NULL,
  outcome VARCHAR(64) NOT NULL,
  legs TEXT NOT NULL,
  PRIMARY KEY (session_id, started_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE INDEX call_records_by_start ON call_records (started_at, session_id);
CREATE INDEX call_records_by_end ON call_records (ended_at);
