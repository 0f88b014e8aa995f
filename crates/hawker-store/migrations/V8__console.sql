-- The console: who may use it, with what, and what was done there. Of every secret that only has to be recognised, a hash is kept.
CREATE TABLE console_user (
    name       TEXT    NOT NULL PRIMARY KEY,
    -- An argon2id hash with its salt and parameters.
    password   TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE console_session (
    token   BLOB    NOT NULL PRIMARY KEY,
    user    TEXT    NOT NULL,
    made_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX console_session_user ON console_session (user, made_at);

-- The one-time link that sets up the first user, or lets in who is locked out. There is at most one.
CREATE TABLE console_link (
    only_one   INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1),
    token      BLOB    NOT NULL,
    good_until INTEGER NOT NULL
) STRICT;

CREATE TABLE api_key (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    app        INTEGER NOT NULL,
    hash       BLOB    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    -- Words with blanks between them.
    scopes     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    -- 0: never.
    used_at    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    app    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    who    TEXT    NOT NULL,
    what   TEXT    NOT NULL,
    about  TEXT    NOT NULL,
    -- The address that it came from.
    origin TEXT    NOT NULL
) STRICT;

CREATE TABLE webhook (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    app         INTEGER NOT NULL,
    url         TEXT    NOT NULL,
    -- Patterns with blanks between them.
    events      TEXT    NOT NULL,
    active      INTEGER NOT NULL,
    secret      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    -- The last event that it was decided about.
    read_to     INTEGER NOT NULL,
    last_status INTEGER NOT NULL DEFAULT 0,
    last_at     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE webhook_delivery (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook  INTEGER NOT NULL,
    -- 0: a test, which tells of nothing that happened.
    event    INTEGER NOT NULL,
    stream   TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    made_at  INTEGER NOT NULL,
    -- 0 waiting, 1 delivered, 2 failed.
    state    INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- NULL: nothing to do, or another of its stream comes first.
    next_at  INTEGER,
    -- Of the last attempt: the HTTP status (0: there was no answer), how long it took in ms, and what was said.
    status   INTEGER NOT NULL DEFAULT 0,
    took     INTEGER NOT NULL DEFAULT 0,
    answer   TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX webhook_delivery_listed ON webhook_delivery (webhook, id);
CREATE INDEX webhook_delivery_queue ON webhook_delivery (webhook, stream, id) WHERE state = 0;
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_delivery_event ON webhook_delivery (event);
CREATE INDEX webhook_delivery_age ON webhook_delivery (made_at) WHERE state <> 0;

-- For clearing away old events.
CREATE INDEX event_age ON event (at);

-- For the console's list of rooms, the newest first.
CREATE INDEX room_age ON room (app, created_at, room);

-- What is old is found among what may go: the files of the shop, which are nobody's, stay.
DROP INDEX file_by_age;
CREATE INDEX file_by_age ON file (made_at) WHERE user <> '';

-- Answers to writes that came with a key of their own: the same write gets the same answer again.
CREATE TABLE api_answer (
    who     TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    -- A hash of what was asked.
    request BLOB    NOT NULL,
    status  INTEGER NOT NULL,
    body    BLOB    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (who, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_answer_age ON api_answer (at);
