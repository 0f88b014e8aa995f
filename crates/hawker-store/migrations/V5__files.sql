-- Files that users sent: what is kept where, for downloads, quotas and expiry. The bytes are in the file store.
CREATE TABLE file (
    id TEXT NOT NULL PRIMARY KEY,
    app INTEGER NOT NULL,
    user TEXT NOT NULL,
    kind INTEGER NOT NULL,
    extension TEXT NOT NULL,
    name TEXT NOT NULL,
    media TEXT NOT NULL,
    -- Bytes of the original, and with what was made of it.
    bytes INTEGER NOT NULL,
    bytes_in_all INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    -- For pictures, as they are shown; 0 for everything else.
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    -- The media type of the smaller versions of a picture; empty if there are none.
    small_media TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    -- 0 while its bytes are still being stored: a server that dies meanwhile cleans up when it starts.
    stored INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX file_by_age ON file (made_at);
CREATE INDEX file_unfinished ON file (stored) WHERE stored = 0;
