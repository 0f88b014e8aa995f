-- Messages a second of a room that has a number of its own.
ALTER TABLE room ADD COLUMN messages_per_second INTEGER;
