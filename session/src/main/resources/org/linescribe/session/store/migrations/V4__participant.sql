-- Who spoke on the leg when the segment was said, as JSON; a leg may change its speaker (a transferred call).
ALTER TABLE segments ADD COLUMN participant TEXT NULL;
