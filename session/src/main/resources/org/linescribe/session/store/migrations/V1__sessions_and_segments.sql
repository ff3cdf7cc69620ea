-- One text for H2 (MODE=MySQL), MySQL and MariaDB. Times are UTC. JSON is kept as text: H2 has no JSON functions.
-- The binary collation keeps "abc" and "ABC" apart, which session ids must be.
CREATE TABLE sessions (
  session_id VARCHAR(128) NOT NULL PRIMARY KEY,
  kind VARCHAR(32) NOT NULL,
  legs TEXT NOT NULL,
  attributes MEDIUMTEXT NOT NULL,
  started_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6) NULL,
  end_reason VARCHAR(255) NULL,
  changed_at DATETIME(6) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE INDEX sessions_by_start ON sessions (started_at, session_id);

-- The key is the last guard of the numbers: whoever lost a session can never write one of them again.
CREATE TABLE segments (
  session_id VARCHAR(128) NOT NULL,
  seq BIGINT NOT NULL,
  leg VARCHAR(32) NOT NULL,
  text MEDIUMTEXT NOT NULL,
  start_ms BIGINT NOT NULL,
  end_ms BIGINT NOT NULL,
  tokens MEDIUMTEXT NOT NULL,
  model VARCHAR(128) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (session_id, seq)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
