-- begins_after: the newest order when the node's data folder was new. run: of the process that saw it last, new at each start.
-- One statement: each commits by itself.
ALTER TABLE nodes ADD COLUMN (begins_after BIGINT NOT NULL DEFAULT 0, run VARCHAR(36) NULL);
