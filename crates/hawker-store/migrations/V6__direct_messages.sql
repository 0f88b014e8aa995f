-- Direct messages. A number holds the time in its upper 48 bits, so one order serves everything.
CREATE TABLE direct_message (
    no       INTEGER PRIMARY KEY,
    low      INTEGER NOT NULL,              -- the two accounts, the smaller number first
    high     INTEGER NOT NULL,
    sender   INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    random   INTEGER NOT NULL,
    counts   INTEGER NOT NULL,
    shows    INTEGER NOT NULL,
    recalled INTEGER NOT NULL DEFAULT 0,    -- the number of the recall
    gone_low  INTEGER NOT NULL DEFAULT 0,   -- deleted for one side
    gone_high INTEGER NOT NULL DEFAULT 0,
    message  TEXT NOT NULL
);
-- The number is part of every index.
CREATE INDEX direct_pair ON direct_message (low, high);
CREATE INDEX direct_recalled ON direct_message (low, high, recalled) WHERE recalled > 0;

-- A conversation as one side sees it.
CREATE TABLE direct_conversation (
    account  INTEGER NOT NULL,
    peer     INTEGER NOT NULL,
    listed   INTEGER NOT NULL DEFAULT 0,
    newest   INTEGER NOT NULL DEFAULT 0,
    touched  INTEGER NOT NULL DEFAULT 0,    -- the newest message or recall
    read_to  INTEGER NOT NULL DEFAULT 0,
    cleared  INTEGER NOT NULL DEFAULT 0,
    unread   INTEGER NOT NULL DEFAULT 0,
    pinned   INTEGER NOT NULL DEFAULT 0,
    remind   INTEGER NOT NULL DEFAULT 0,    -- 0 as usual, 1 not at all, 2 without a sound
    PRIMARY KEY (account, peer)
) WITHOUT ROWID;

CREATE TABLE blacklist (
    account INTEGER NOT NULL,
    peer    INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    PRIMARY KEY (account, peer)
) WITHOUT ROWID;

-- Attributes of rooms, and how often they have changed.
CREATE TABLE attribute (
    app   INTEGER NOT NULL,
    room  TEXT NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    no    INTEGER NOT NULL,
    PRIMARY KEY (app, room, key)
) WITHOUT ROWID;
ALTER TABLE room ADD COLUMN attributes_changed INTEGER NOT NULL DEFAULT 0;
