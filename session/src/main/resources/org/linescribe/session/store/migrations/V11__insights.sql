-- What was derived from the transcript after the call, as the API answers it.
ALTER TABLE sessions ADD COLUMN insights MEDIUMTEXT NULL;
