-- Counters that the host of a room keeps; the likes are a column of the room.
CREATE TABLE counter (
    app   INTEGER NOT NULL,
    room  TEXT NOT NULL,
    key   TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (app, room, key)
) WITHOUT ROWID;
