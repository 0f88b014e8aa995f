-- The shop: state that the rules are started from, and what happened.
--
-- Objects are kept as the JSON that the rules write; what is searched, added up or changed on its own has a column. Everything
-- here is written in the transaction of the events that it follows from.

-- What happened in shop and rooms, in the order in which it happened: the outbox of webhooks, and the history of each order.
CREATE TABLE event (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    app    INTEGER NOT NULL,
    -- What it belongs to ("order/12", "room/abc", "coupon/7"): events of one stream are delivered in their order.
    stream TEXT NOT NULL,
    -- "order.paid", "coupon.claimed", …
    kind   TEXT NOT NULL,
    at     INTEGER NOT NULL,
    -- The object as it was then, as JSON.
    body   TEXT NOT NULL
) STRICT;
-- Only orders show their history: an index of all events would cost each claim as much as its own row.
CREATE INDEX event_of_order ON event (app, stream, id) WHERE stream >= 'order/' AND stream < 'order0';

-- And gifts are added up by time.
CREATE INDEX event_of_gift ON event (app, at) WHERE kind = 'gift.sent';

CREATE TABLE goods (
    app   INTEGER NOT NULL,
    id    INTEGER NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    body  TEXT NOT NULL,
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;

-- available = listed - held - sold
CREATE TABLE stock (
    app    INTEGER NOT NULL,
    sku    INTEGER NOT NULL,
    goods  INTEGER NOT NULL,
    listed INTEGER NOT NULL DEFAULT 0,
    held   INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
    sold   INTEGER NOT NULL DEFAULT 0 CHECK (sold >= 0),
    PRIMARY KEY (app, sku),
    CHECK (held + sold <= listed)
) STRICT, WITHOUT ROWID;

CREATE TABLE shelf (
    app  INTEGER NOT NULL,
    room TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (app, room)
) STRICT, WITHOUT ROWID;

CREATE TABLE sale (
    app   INTEGER NOT NULL,
    id    INTEGER NOT NULL,
    room  TEXT NOT NULL,
    body  TEXT NOT NULL,
    quota INTEGER NOT NULL,
    held  INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
    sold  INTEGER NOT NULL DEFAULT 0 CHECK (sold >= 0),
    PRIMARY KEY (app, id),
    CHECK (held + sold <= quota)
) STRICT, WITHOUT ROWID;

CREATE TABLE sale_buyer (
    app    INTEGER NOT NULL,
    sale   INTEGER NOT NULL,
    user   TEXT NOT NULL,
    pieces INTEGER NOT NULL,
    PRIMARY KEY (app, sale, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE coupon (
    app     INTEGER NOT NULL,
    id      INTEGER NOT NULL,
    title   TEXT NOT NULL,
    ends_at INTEGER NOT NULL,
    body    TEXT NOT NULL,
    stock   INTEGER NOT NULL,
    claimed INTEGER NOT NULL DEFAULT 0,
    used    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (app, id),
    CHECK (claimed <= stock AND used <= claimed)
) STRICT, WITHOUT ROWID;

CREATE TABLE claim (
    id     INTEGER NOT NULL,
    app    INTEGER NOT NULL,
    coupon INTEGER NOT NULL,
    user   TEXT NOT NULL,
    room   TEXT,
    at     INTEGER NOT NULL,
    -- 0 held, 1 reserved by an order, 2 used
    state  INTEGER NOT NULL DEFAULT 0,
    order_id INTEGER,
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX claim_at ON claim (app, at);

-- "order" is a word of SQL.
CREATE TABLE purchase (
    app        INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    user       TEXT NOT NULL,
    room       TEXT,
    state      TEXT NOT NULL,
    total      INTEGER NOT NULL,
    refunded   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    paid_at    INTEGER NOT NULL,
    -- When it was done, cancelled or refunded; NULL: none of these yet.
    ended_at   INTEGER,
    -- What a merchant looks for: buyer, titles, name, phone, tracking number, transaction; in small letters.
    found_by   TEXT NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX purchase_state ON purchase (app, state, id);
CREATE INDEX purchase_room ON purchase (app, room, id) WHERE room IS NOT NULL;
CREATE INDEX purchase_paid ON purchase (app, paid_at) WHERE paid_at > 0;

-- The lines of paid orders, for sums by goods.
CREATE TABLE purchase_line (
    app      INTEGER NOT NULL,
    purchase INTEGER NOT NULL,
    sku      INTEGER NOT NULL,
    goods    INTEGER NOT NULL,
    room     TEXT,
    title    TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    amount   INTEGER NOT NULL,
    PRIMARY KEY (app, purchase, sku)
) STRICT, WITHOUT ROWID;

CREATE TABLE top_up (
    app     INTEGER NOT NULL,
    id      INTEGER NOT NULL,
    user    TEXT NOT NULL,
    paid    INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;

-- A transaction of a payment provider pays for one thing.
CREATE TABLE payment (
    app         INTEGER NOT NULL,
    transaction_id TEXT NOT NULL,
    reference   INTEGER NOT NULL,
    PRIMARY KEY (app, transaction_id)
) STRICT, WITHOUT ROWID;

-- The ledger of coins: each transfer has two entries whose sum is zero.
CREATE TABLE entry (
    app      INTEGER NOT NULL,
    transfer INTEGER NOT NULL,
    -- "user/…", "host/…", "issued", "adjusted"
    holder   TEXT NOT NULL,
    change   INTEGER NOT NULL,
    balance  INTEGER NOT NULL,
    why      TEXT NOT NULL,
    about    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (app, holder, transfer)
) STRICT, WITHOUT ROWID;

CREATE TABLE balance (
    app    INTEGER NOT NULL,
    holder TEXT NOT NULL,
    coins  INTEGER NOT NULL,
    PRIMARY KEY (app, holder),
    CHECK (coins >= 0 OR holder IN ('issued', 'adjusted'))
) STRICT, WITHOUT ROWID;

CREATE TABLE gift (
    app  INTEGER NOT NULL,
    id   TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;

-- What each user gave in each room.
CREATE TABLE given (
    app   INTEGER NOT NULL,
    room  TEXT NOT NULL,
    user  TEXT NOT NULL,
    gifts INTEGER NOT NULL,
    coins INTEGER NOT NULL,
    PRIMARY KEY (app, room, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE follow (
    app  INTEGER NOT NULL,
    user TEXT NOT NULL,
    host TEXT NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (app, user, host)
) STRICT, WITHOUT ROWID;

CREATE TABLE used_key (
    app         INTEGER NOT NULL,
    user        TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint INTEGER NOT NULL,
    show        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (app, user, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX used_key_age ON used_key (at);
