-- Sessions that were erased, the nodes that may hold something of them on their own disks, and which of those have deleted it.
CREATE TABLE nodes (
  node_id VARCHAR(36) NOT NULL PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  seen_at DATETIME(6) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE erasures (
  erasure_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  session_id VARCHAR(128) NOT NULL,
  erased_at DATETIME(6) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE INDEX erasures_by_session ON erasures (session_id, erasure_id);
CREATE INDEX erasures_by_time ON erasures (erased_at);

-- held: whether the node had something of the session.
CREATE TABLE erasure_nodes (
  erasure_id BIGINT NOT NULL,
  node_id VARCHAR(36) NOT NULL,
  done_at DATETIME(6) NOT NULL,
  held SMALLINT NOT NULL,
  PRIMARY KEY (erasure_id, node_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
