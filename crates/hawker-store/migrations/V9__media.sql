-- Who may push and play the live video of a room. A new key takes the place of the old one.
CREATE TABLE stream_key (
    app  INTEGER NOT NULL,
    room TEXT NOT NULL,
    push TEXT NOT NULL,
    play TEXT NOT NULL,
    PRIMARY KEY (app, room)
) WITHOUT ROWID;

-- Whoever opens a room under an old name has nothing to do with the keys of the one before.
CREATE TRIGGER stream_key_goes AFTER DELETE ON room
BEGIN
    DELETE FROM stream_key WHERE app = old.app AND room = old.room;
END;
