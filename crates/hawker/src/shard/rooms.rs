//! Rooms as a shard sees them: who hears them here, pushed or polling.

use super::Shard;
use super::conn::{Phase, Sub};
use crate::framer::Payload;
use crate::letters::RoomNo;
use crate::metrics::Metrics;
use bytes::Bytes;
use hawker_core::engine::KickReason;
use hawker_core::post::Class;
use hawker_core::{ConnId, Refusal, RoomKey};
use hawker_fanout::{Batch, Feed, Item, Pushed, Ring};
use hawker_wire::tencent::envelope::{self, outcome_body};
use hawker_wire::tencent::error::{Family, wire_error};
use hawker_wire::tencent::push::{self, WireItem};
use hawker_wire::tencent::reply;
use std::sync::Arc;
use std::time::Instant;

/// One room at this shard.
pub(super) struct RoomFeed {
    key: RoomKey,
    pub feed: Feed<Payload, usize>,
    /// For those who poll: what was said last. Kept up only while somebody does.
    recent: Option<Ring<Payload>>,
    pollers: u32,
    /// Polls that wait for something to happen.
    parked: Vec<ConnId>,
}

impl Shard {
    pub(super) fn subscribe(
        &mut self,
        id: ConnId,
        number: RoomNo,
        key: RoomKey,
        backlog: Vec<Arc<Item<Payload>>>,
        lost: u64,
        pull: bool,
    ) {
        let Some(slot) = self.conns.find(id) else { return };
        if self.conns[slot].phase != Phase::Open || self.conns[slot].sub(number).is_some() {
            return;
        }
        let bounds = self.shared.config.ring();
        let room = self.rooms.entry(number).or_insert_with(|| RoomFeed {
            key,
            feed: Feed::default(),
            recent: None,
            pollers: 0,
            parked: Vec::new(),
        });
        if pull {
            room.pollers += 1;
            if room.recent.is_none() {
                let mut ring = Ring::new(bounds, lost);
                backlog.into_iter().for_each(|item| ring.push(item));
                room.recent = Some(ring);
            }
            self.conns[slot].subs.push(Sub { room: number, place: None });
            self.resume_poll(slot, number);
            return;
        }
        let place = room.feed.add(slot) as u32;
        self.conns[slot].subs.push(Sub { room: number, place: Some(place) });
        if !backlog.is_empty() {
            let mut batch = Batch::new(backlog);
            self.send_batch(slot, &mut batch);
        }
    }

    pub(super) fn unsubscribe(&mut self, id: ConnId, number: RoomNo) {
        let Some(slot) = self.conns.find(id) else { return };
        let subs = &mut self.conns[slot].subs;
        let Some(at) = subs.iter().position(|sub| sub.room == number) else { return };
        let sub = subs.remove(at);
        self.leave_room(&sub);
    }

    /// Takes a connection out of a room's books.
    pub(super) fn leave_room(&mut self, sub: &Sub) {
        let Some(room) = self.rooms.get_mut(&sub.room) else { return };
        match sub.place {
            None => room.pollers = room.pollers.saturating_sub(1),
            Some(place) => {
                let moved = room.feed.remove(place as usize).and_then(|slot| self.conns.get_mut(slot));
                if let Some(moved) = moved.and_then(|conn| conn.sub(sub.room)) {
                    moved.place = Some(place);
                }
            }
        }
        if room.pollers == 0 {
            room.recent = None;
            room.parked.clear();
            if room.feed.members().is_empty() {
                self.rooms.remove(&sub.room);
            }
        }
    }

    pub(super) fn forget(&mut self, number: RoomNo) {
        // What was said last (that the room is closed) still leaves, and answers the polls that wait.
        self.flush(number);
        let Some(room) = self.rooms.remove(&number) else { return };
        for slot in room.feed.members().to_vec() {
            if let Some(conn) = self.conns.get_mut(slot) {
                conn.subs.retain(|sub| sub.room != number);
            }
        }
    }

    /// Something was said in a room.
    pub(super) fn hear(&mut self, number: RoomNo, item: Arc<Item<Payload>>) {
        let Some(room) = self.rooms.get_mut(&number) else { return };
        if let Some(recent) = &mut room.recent {
            recent.push(item.clone());
        }
        if room.feed.waiting() == 0 {
            self.pending.push(number);
        }
        room.feed.push(item);
    }

    /// Those who poll are not shown these any more. What is on its way to members goes on: the notice follows it.
    pub(super) fn forget_messages(&mut self, number: RoomNo, seqs: &[u64]) {
        if let Some(recent) = self.rooms.get_mut(&number).and_then(|room| room.recent.as_mut()) {
            seqs.iter().for_each(|seq| recent.remove(*seq));
        }
    }

    pub(super) fn flush_due_rooms(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        for number in pending {
            let Some(room) = self.rooms.get(&number) else { continue };
            match room.feed.due_at() {
                Some(at) if at <= self.now => self.flush(number),
                Some(_) => self.pending.push(number),
                None => {}
            }
        }
    }

    /// One round: what has gathered goes to everybody.
    fn flush(&mut self, number: RoomNo) {
        let Some(room) = self.rooms.get_mut(&number) else { return };
        let items = room.feed.take();
        if items.is_empty() {
            return;
        }
        let started = Instant::now();
        // A copy: while its members are written to, connections that break leave the list.
        let members = room.feed.members().to_vec();
        let mut batch = Batch::new(items);
        let mut broken = Vec::new();
        for slot in &members {
            if !self.push_to(*slot, &mut batch) {
                broken.push(*slot);
            }
        }
        let metrics = &self.shared.metrics;
        Metrics::bump(&metrics.flushes_total);
        for item in batch.items() {
            Metrics::count(&metrics.fanned_out, item.class, members.len() as u64);
        }
        for slot in broken {
            self.close(slot);
        }
        self.answer_parked(number);
        let took = started.elapsed();
        self.now = self.shared.clock.now();
        if let Some(room) = self.rooms.get_mut(&number) {
            room.feed.rest(self.now, took, self.shared.config.pace());
        }
    }

    /// Brings a batch to one member. `false`: the connection must go.
    fn push_to(&mut self, slot: usize, batch: &mut Batch<Payload>) -> bool {
        let Some(conn) = self.conns.get_mut(slot) else { return true };
        if let Some(blocked) = &mut conn.outbox {
            let metrics = &self.shared.metrics;
            let mut on_drop = |class| Metrics::count(&metrics.dropped_slow, class, 1);
            for item in batch.items() {
                match blocked.queue.push_item(item, &mut on_drop) {
                    Pushed::Queued => {}
                    Pushed::Full => {
                        Metrics::bump(&self.shared.metrics.slow_closed_total);
                        return false;
                    }
                }
            }
            return true;
        }
        let bytes = batch.bytes(conn.variant, &self.framer);
        match conn.send_now(bytes) {
            Ok(written) if written == bytes.len() => true,
            Ok(written) => {
                let rest = bytes.slice(written..);
                conn.block(rest, self.shared.config.outbox(), self.now);
                self.blocked.push(self.conns.id_of(slot));
                true
            }
            Err(_) => false,
        }
    }

    fn send_batch(&mut self, slot: usize, batch: &mut Batch<Payload>) {
        if !self.push_to(slot, batch) {
            self.close(slot);
        }
    }

    /// Tells one connection something that no other hears.
    pub(super) fn tell(&mut self, id: ConnId, item: &Arc<WireItem>) {
        let Some(slot) = self.conns.find(id) else { return };
        self.send_text(slot, &push::frame([&**item]));
    }

    pub(super) fn kick(&mut self, id: ConnId, reason: KickReason) {
        let Some(slot) = self.conns.find(id) else { return };
        self.send_text(slot, &push::kick(reason));
    }

    /// Sends one frame of a connection's own.
    pub(super) fn send_text(&mut self, slot: usize, json: &str) {
        let Some(conn) = self.conns.get_mut(slot) else { return };
        let frame = conn.text_frame(json);
        self.send_frame(slot, frame.into());
    }

    pub(super) fn send_frame(&mut self, slot: usize, frame: Bytes) {
        use super::conn::Sent;
        let bounds = self.shared.config.outbox();
        let conn = self.conns.get_mut(slot).filter(|conn| conn.phase == Phase::Open);
        let Some(conn) = conn else { return };
        match conn.send_frame(frame, bounds, self.now) {
            Ok(Sent::Now | Sent::Later) => {}
            Ok(Sent::Blocked) => self.blocked.push(self.conns.id_of(slot)),
            Ok(Sent::Full) => {
                Metrics::bump(&self.shared.metrics.slow_closed_total);
                self.close(slot);
            }
            Err(_) => self.close(slot),
        }
    }

    // Long polls.

    /// A connection that was just made known to a room had a poll waiting for that.
    fn resume_poll(&mut self, slot: usize, number: RoomNo) {
        let Some(parked) = &mut self.conns[slot].parked else { return };
        if *parked.room == *self.rooms[&number].key.room.as_str() && parked.number.is_none() {
            parked.number = Some(number);
            self.serve_poll(slot, number);
        }
    }

    /// The room that a connection polls, if it is known there.
    pub(super) fn polled_room(&self, slot: usize, name: &str) -> Option<RoomNo> {
        let subs = self.conns[slot].subs.iter().filter(|sub| sub.place.is_none());
        let mut numbers = subs.map(|sub| sub.room);
        numbers.find(|number| self.rooms.get(number).is_some_and(|room| room.key.room.as_str() == name))
    }

    /// Answers a poll if there is something new, and leaves it waiting otherwise.
    pub(super) fn serve_poll(&mut self, slot: usize, number: RoomNo) {
        let history = self.shared.config.room.history_messages;
        let oldest = self.now - self.shared.config.limits().history_age_max;
        let Some(room) = self.rooms.get_mut(&number) else { return };
        let Some(recent) = &room.recent else { return };
        let Some(parked) = &mut self.conns[slot].parked else { return };
        if parked.start_seq == 0 {
            // "From the recent history": the newest few, without what a crowd makes of likes and comings and goings.
            let next = recent.newest().unwrap_or(recent.lost()) + 1;
            let young = recent.after(0).rev().filter(|item| item.payload.at > oldest);
            let shown = young.filter(|item| !matches!(item.class, Class::Like | Class::Tip));
            let mut shown: Vec<_> = shown.take(history).map(|item| &*item.payload.wire).collect();
            if !shown.is_empty() {
                shown.reverse();
                let body = reply::poll(room.key.room.as_str(), next, false, shown);
                return self.send_poll_reply(slot, &body);
            }
            parked.start_seq = next;
        }
        if recent.after(parked.start_seq - 1).len() > 0 {
            self.answer_poll(slot, number);
        } else {
            // Those that have gone meanwhile are only cleared away when something is said, or here.
            if room.parked.len() > 2 * room.pollers as usize {
                room.parked.retain(|waiting| self.conns.find(*waiting).is_some());
            }
            room.parked.push(self.conns.id_of(slot));
        }
    }

    fn answer_parked(&mut self, number: RoomNo) {
        let Some(room) = self.rooms.get_mut(&number) else { return };
        let parked = std::mem::take(&mut room.parked);
        // Most viewers wait for the same: the body is written once for each place where somebody stands.
        let mut last: Option<(u64, String)> = None;
        for id in parked {
            let Some(slot) = self.conns.find(id) else { continue };
            let Some(start) = self.conns[slot].parked.as_ref().map(|parked| parked.start_seq) else { continue };
            let body = match last.take() {
                Some((at, body)) if at == start => body,
                _ => self.poll_body(number, start),
            };
            self.send_poll_reply(slot, &body);
            last = Some((start, body));
        }
    }

    fn answer_poll(&mut self, slot: usize, number: RoomNo) {
        let Some(start) = self.conns[slot].parked.as_ref().map(|parked| parked.start_seq) else { return };
        let body = self.poll_body(number, start);
        self.send_poll_reply(slot, &body);
    }

    fn poll_body(&self, number: RoomNo, start: u64) -> String {
        let Some(room) = self.rooms.get(&number) else { return outcome_body(10010, "the room is gone") };
        let name = room.key.room.as_str();
        let Some(recent) = &room.recent else { return reply::poll(name, start, false, []) };
        let items = recent.after(start - 1);
        let next = items.clone().last().map_or(start, |item| item.seq + 1);
        reply::poll(name, next, !recent.reaches(start - 1), items.map(|item| &*item.payload.wire))
    }

    fn send_poll_reply(&mut self, slot: usize, body: &str) {
        let Some(parked) = self.conns[slot].parked.take() else { return };
        self.send_text(slot, &envelope::reply(&parked.servcmd, parked.seq, body));
    }

    pub(super) fn poll_held_long_enough(&mut self, id: ConnId) {
        let Some(slot) = self.conns.find(id) else { return };
        let parked = self.conns[slot].parked.as_ref();
        if parked.is_some_and(|parked| parked.until <= self.now) {
            self.answer_empty(id);
        }
    }

    /// Answers a poll with nothing new.
    pub(super) fn answer_empty(&mut self, id: ConnId) {
        let Some(slot) = self.conns.find(id) else { return };
        let Some(parked) = &self.conns[slot].parked else { return };
        let (name, start, number) = (parked.room.clone(), parked.start_seq, parked.number);
        if let Some(room) = number.and_then(|number| self.rooms.get_mut(&number)) {
            room.parked.retain(|waiting| *waiting != id);
        }
        self.send_poll_reply(slot, &reply::poll(&name, start, false, []));
    }

    pub(super) fn refuse_poll(&mut self, id: ConnId, refusal: &Refusal) {
        let Some(slot) = self.conns.find(id) else { return };
        let error = wire_error(refusal, Family::Group);
        self.send_poll_reply(slot, &outcome_body(error.code, &error.info));
    }
}
