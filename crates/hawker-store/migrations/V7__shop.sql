-- What happened in shop and rooms, in the order in which it happened: the outbox of webhooks, and the history of each order.
-- Written in the transaction of the state that it tells of, and never changed.
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
CREATE INDEX event_stream ON event (app, stream, id);
