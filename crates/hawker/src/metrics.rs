//! Counters of the whole process, in the text format of Prometheus. Never labelled by room or user.

use hawker_core::change::Change;
use hawker_core::post::Class;
use hawker_core::shop::ShopEvent;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

macro_rules! counters {
    ($($(#[doc = $help:expr])* $name:ident,)*) => {
        /// All counters; bumped from the threads where things happen.
        #[derive(Default)]
        pub struct Metrics {
            $($(#[doc = $help])* pub $name: AtomicU64,)*
            /// Open connections.
            pub connections: AtomicI64,
            /// Files that are coming in.
            pub uploads_open: AtomicI64,
            /// Streams of live video that are pushed.
            pub live_streams: AtomicI64,
            /// Viewers of live video.
            pub live_viewers: AtomicI64,
            /// Items handed to connections, by class; those that were not dropped were delivered.
            pub fanned_out: [AtomicU64; 7],
            /// Items dropped because a connection read too slowly, by class.
            pub dropped_slow: [AtomicU64; 7],
        }
        impl Metrics {
            fn plain(&self) -> Vec<(&'static str, &'static str, u64)> {
                vec![$((stringify!($name), concat!($($help),*), self.$name.load(Relaxed)),)*]
            }
        }
    };
}

counters! {
    /// Connections accepted.
    connections_accepted_total,
    /// Connections turned away because there were too many.
    connections_refused_total,
    /// Connections closed because they did not say what they wanted in time.
    handshakes_timed_out_total,
    /// WebSocket connections that broke the protocol.
    protocol_violations_total,
    /// Requests taken over WebSocket.
    requests_total,
    /// Requests refused because a connection asked too often.
    requests_throttled_total,
    /// Connections closed because they went on asking too often.
    floods_closed_total,
    /// Connections closed because they read too slowly for what must not be dropped.
    slow_closed_total,
    /// Requests over HTTP.
    http_requests_total,
    /// Items written, before they were shared.
    items_encoded_total,
    /// Rounds of a room at a shard.
    flushes_total,
    /// Transactions on disk.
    commits_total,
    /// Orders made.
    orders_created_total,
    /// Orders paid.
    orders_paid_total,
    /// Coupons claimed.
    coupons_claimed_total,
    /// Gifts sent, however many at once.
    gifts_sent_total,
    /// Addresses given out to put files.
    upload_addresses_total,
    /// Files stored.
    uploads_total,
    /// Bytes of them.
    uploaded_bytes_total,
    /// Files that were not taken.
    uploads_refused_total,
    /// Files asked for, also in parts.
    downloads_total,
    /// Files cleared away because of their age.
    files_expired_total,
    /// Attempts to deliver something to a webhook.
    webhook_attempts_total,
    /// Deliveries to webhooks that have arrived.
    webhooks_delivered_total,
    /// Deliveries to webhooks that were given up.
    webhooks_failed_total,
    /// Streams of live video that were taken.
    live_pushes_total,
    /// Streams of live video that were refused.
    live_pushes_refused_total,
    /// Bytes of sound and pictures that encoders have sent.
    live_bytes_in_total,
    /// Times that somebody began to watch live video, other than over HLS.
    live_plays_total,
    /// Frames given to viewers of live video, other than over HLS.
    live_frames_out_total,
}

impl Metrics {
    /// Counts what happened in shops.
    pub fn count_sales(&self, changes: &[Change]) {
        for change in changes {
            let Change::Shop(_, _, event) = change else { continue };
            match event {
                ShopEvent::OrderCreated(_) => Self::bump(&self.orders_created_total),
                ShopEvent::OrderPaid(_) => Self::bump(&self.orders_paid_total),
                ShopEvent::Claimed(_) => Self::bump(&self.coupons_claimed_total),
                ShopEvent::GiftSent(_) => Self::bump(&self.gifts_sent_total),
                _ => {}
            }
        }
    }

    /// Counts one.
    pub fn bump(counter: &AtomicU64) {
        counter.fetch_add(1, Relaxed);
    }

    /// Counts some.
    pub fn add(counter: &AtomicU64, some: u64) {
        counter.fetch_add(some, Relaxed);
    }

    /// Items went to so many connections.
    pub fn count(counters: &[AtomicU64; 7], class: Class, connections: u64) {
        counters[class as usize].fetch_add(connections, Relaxed);
    }

    /// Everything, as text.
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(4096);
        for (name, help, value) in self.plain() {
            let _ = write!(
                out,
                "# HELP hawker_{name} {}\n# TYPE hawker_{name} counter\nhawker_{name} {value}\n",
                help.trim()
            );
        }
        for (name, help, gauge) in [
            ("connections", "Open connections.", &self.connections),
            ("uploads_open", "Files that are coming in.", &self.uploads_open),
            ("live_streams", "Streams of live video that are pushed.", &self.live_streams),
            ("live_viewers", "Viewers of live video, other than over HLS.", &self.live_viewers),
        ] {
            let value = gauge.load(Relaxed);
            let _ = write!(out, "# HELP hawker_{name} {help}\n# TYPE hawker_{name} gauge\nhawker_{name} {value}\n");
        }
        for (name, help, counters) in [
            ("items_fanned_out_total", "Items handed to connections: delivered, or dropped.", &self.fanned_out),
            ("items_dropped_slow_total", "Items dropped because a connection read too slowly.", &self.dropped_slow),
        ] {
            let _ = write!(out, "# HELP hawker_{name} {help}\n# TYPE hawker_{name} counter\n");
            for class in Class::ALL {
                let value = counters[class as usize].load(Relaxed);
                let _ = writeln!(out, "hawker_{name}{{class=\"{}\"}} {value}", class.name());
            }
        }
        out
    }
}
