-- When the caller was told what is said before a call is transcribed; no end where it hung up in it.
ALTER TABLE call_records ADD COLUMN announced_from DATETIME(6) NULL;
ALTER TABLE call_records ADD COLUMN announced_to DATETIME(6) NULL;
