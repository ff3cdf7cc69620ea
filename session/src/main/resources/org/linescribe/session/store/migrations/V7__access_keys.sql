-- API keys that were made while the program ran, by their hashes; those of the settings are not here.
CREATE TABLE access_keys (
  name VARCHAR(64) NOT NULL PRIMARY KEY,
  sha256 CHAR(64) NOT NULL,
  owner VARCHAR(128) NOT NULL,
  scopes TEXT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  created_by VARCHAR(128) NOT NULL,
  CONSTRAINT access_keys_by_hash UNIQUE (sha256)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
