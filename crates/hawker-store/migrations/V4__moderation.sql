-- Messages that are pinned in their room, in the order of pinning.
CREATE TABLE pin (
    id   INTEGER PRIMARY KEY,
    app  INTEGER NOT NULL,
    room TEXT NOT NULL,
    seq  INTEGER NOT NULL,
    pin  TEXT NOT NULL,
    UNIQUE (app, room, seq)
);
-- Words that an app (room '') or a room refuses or masks, as lists in JSON.
CREATE TABLE words (
    app    INTEGER NOT NULL,
    room   TEXT NOT NULL,
    reject TEXT NOT NULL,
    mask   TEXT NOT NULL,
    PRIMARY KEY (app, room)
) WITHOUT ROWID;
