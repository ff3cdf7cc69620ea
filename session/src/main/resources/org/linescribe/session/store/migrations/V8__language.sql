-- ISO 639 code of the language that a model of several found in the utterance.
ALTER TABLE segments ADD COLUMN language VARCHAR(35) NULL;
