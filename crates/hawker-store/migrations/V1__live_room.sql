-- Everything of the live room. Times are milliseconds since 1970, ids are 63-bit numbers or texts.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE app (
    id     INTEGER PRIMARY KEY,
    secret TEXT NOT NULL
);

CREATE TABLE account (
    id              INTEGER PRIMARY KEY,
    app             INTEGER NOT NULL,
    user            TEXT NOT NULL,
    profile         TEXT NOT NULL,
    sigs_valid_from INTEGER NOT NULL,
    UNIQUE (app, user)
);

CREATE TABLE session (
    id         INTEGER PRIMARY KEY,
    account    INTEGER NOT NULL,
    instance   TEXT NOT NULL,
    since      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);

CREATE TABLE membership (
    session   INTEGER NOT NULL,
    app       INTEGER NOT NULL,
    room      TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    present   INTEGER NOT NULL,
    PRIMARY KEY (session, app, room)
) WITHOUT ROWID;

CREATE TABLE room (
    app          INTEGER NOT NULL,
    room         TEXT NOT NULL,
    name         TEXT NOT NULL,
    introduction TEXT NOT NULL,
    notification TEXT NOT NULL,
    avatar       TEXT NOT NULL,
    mute_all     INTEGER NOT NULL,
    fields       TEXT NOT NULL,
    owner        TEXT,
    created_at   INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    info_seq     INTEGER NOT NULL,
    seq_ceiling  INTEGER NOT NULL,
    likes        INTEGER NOT NULL DEFAULT 0,
    messages     INTEGER NOT NULL DEFAULT 0,
    peak         INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (app, room)
) WITHOUT ROWID;

CREATE TABLE sanction (
    app   INTEGER NOT NULL,
    room  TEXT NOT NULL,
    user  TEXT NOT NULL,
    kind  TEXT NOT NULL CHECK (kind IN ('mute', 'ban')),
    until INTEGER NOT NULL,
    PRIMARY KEY (app, room, user, kind)
) WITHOUT ROWID;

CREATE TABLE room_admin (
    app  INTEGER NOT NULL,
    room TEXT NOT NULL,
    user TEXT NOT NULL,
    PRIMARY KEY (app, room, user)
) WITHOUT ROWID;

-- Custom fields of members; `attent` holds the hosts that a user follows.
CREATE TABLE member_field (
    app   INTEGER NOT NULL,
    room  TEXT NOT NULL,
    user  TEXT NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (app, room, user, key)
) WITHOUT ROWID;

-- The last messages of each room, for newcomers.
CREATE TABLE said (
    app    INTEGER NOT NULL,
    room   TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    posted TEXT NOT NULL,
    PRIMARY KEY (app, room, seq)
) WITHOUT ROWID;
