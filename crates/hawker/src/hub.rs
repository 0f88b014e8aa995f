//! The hub: the one thread that owns the rules.
//!
//! It takes what gathered in the inbox, lets the engine handle it, and carries out what comes out: commits go to the
//! store, replies to the shard of their connection, posts are encoded once and go to every shard where somebody
//! hears their room.

use crate::framer::Payload;
use crate::letters::{RoomNo, Ticket, ToShard, shard_of};
use crate::metrics::Metrics;
use crate::queues::{Inbox, Mailbox};
use crate::shared::Shared;
use hawker_core::answer::{Answer, Resumption};
use hawker_core::direct::Notice;
use hawker_core::engine::{Engine, Input, Output};
use hawker_core::post::{Class, MessageRef, Post, Posted};
use hawker_core::{ConnId, Refusal, RoomId, RoomKey};
use hawker_fanout::{Item, Ring};
use hawker_store::{Reader, Writer};
use hawker_wire::tencent::direct;
use hawker_wire::tencent::push::{self, WireItem};
use hawker_wire::tencent::reply::ResumeStatus;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How often the hub looks up when nothing happens.
const IDLE: Duration = Duration::from_secs(1);

/// A room as the hub brings its posts out.
struct Channel {
    number: RoomNo,
    ring: Ring<Payload>,
    /// Who hears it, by shard.
    listeners: Vec<u32>,
    /// Messages that the ring tells were pinned, and the number of that tip: it repeats the message.
    pinned: Vec<(u64, u64)>,
}

/// What is known of a room from before the restart.
pub struct Before {
    /// Which.
    pub room: RoomKey,
    /// The last number that it may have given out: exact after a clean stop, the end of a block after a crash.
    pub last: u64,
    /// What was kept of what it said, oldest first.
    pub said: Vec<Arc<Posted>>,
}

/// The newest number of which nobody can be told any more what it was. Tips and notices are not kept, and of what was
/// said in the last moments before a crash nobody knows how much there was.
fn lost_before(last: u64, said: &[Arc<Posted>]) -> u64 {
    said.iter().rev().fold(last, |lost, posted| if posted.seq == lost { lost - 1 } else { lost })
}

/// See the module.
pub struct Hub {
    engine: Engine<Ticket>,
    shared: Arc<Shared>,
    inbox: Arc<Inbox>,
    writer: Writer,
    reader: Reader,
    last_notice: Option<(Arc<Notice>, Arc<WireItem>)>,
    shards: Vec<Arc<Mailbox>>,
    letters: Vec<Vec<ToShard>>,
    channels: HashMap<RoomKey, Channel>,
    next_room: u32,
    /// Messages older than this are not shown to a newcomer.
    history_age_max: Duration,
}

impl Hub {
    /// A hub over an engine. `before` holds what each room said before the restart.
    pub fn new(
        engine: Engine<Ticket>,
        shared: Arc<Shared>,
        inbox: Arc<Inbox>,
        (writer, reader): (Writer, Reader),
        shards: Vec<Arc<Mailbox>>,
        before: Vec<Before>,
    ) -> Self {
        let letters = shards.iter().map(|_| Vec::new()).collect();
        let channels = HashMap::new();
        let history_age_max = shared.config.limits().history_age_max;
        let oldest = shared.clock.now() - history_age_max;
        let mut hub = Self {
            engine,
            shared,
            inbox,
            writer,
            reader,
            last_notice: None,
            shards,
            letters,
            channels,
            next_room: 0,
            history_age_max,
        };
        for Before { room, last, said } in before {
            hub.channel(&room, lost_before(last, &said));
            for posted in said.iter().filter(|posted| posted.at > oldest) {
                let item = hub.encode(posted);
                hub.channel(&room, 0).ring.push(item);
            }
        }
        hub
    }

    /// Runs until the inbox is stopped. `false`: the store failed.
    pub fn run(mut self) -> bool {
        loop {
            let now = self.shared.clock.now();
            let wait = self.engine.wake_at().map_or(IDLE, |at| at.since(now).min(IDLE));
            let taken = self.inbox.take(wait);
            if taken.failed {
                return false;
            }
            let now = self.shared.clock.now();
            self.engine.handle(now, Input::Committed(taken.committed));
            for input in taken.inputs {
                self.engine.handle(now, input);
            }
            self.engine.tick(now);
            if taken.stopping {
                self.engine.finish();
            } else {
                self.engine.seal();
            }
            while let Some(output) = self.engine.poll() {
                self.carry_out(output);
            }
            for (shard, letters) in self.shards.iter().zip(&mut self.letters) {
                shard.put(letters);
            }
            if taken.stopping {
                self.reader.finish();
                self.writer.finish();
                return true;
            }
        }
    }

    fn carry_out(&mut self, output: Output<Ticket>) {
        match output {
            Output::Commit(number, changes) => {
                self.shared.metrics.count_sales(&changes);
                if !self.writer.commit(number, changes) {
                    self.inbox.fail();
                }
            }
            Output::Reply { ticket, answer } => self.reply(ticket, answer),
            Output::Deliver(posted) => self.deliver(&posted),
            Output::Tell(conn, posted) => {
                let item = Arc::new(push::item(&posted));
                self.to(conn, ToShard::Tell(conn, item));
            }
            Output::Subscribe { conn, room, after, pull } => self.subscribe(conn, &room, after, pull),
            Output::Unsubscribe(conn, room) => self.unsubscribe(conn, &room),
            Output::Forget(room) => self.forget(&room),
            Output::Kick(conn, reason) => self.to(conn, ToShard::Kick(conn, reason)),
            Output::Notify(conn, notice) => {
                let item = self.notice(&notice);
                self.to(conn, ToShard::Tell(conn, item));
            }
            Output::Look(number, query) => {
                if !self.reader.look(number, query) {
                    self.inbox.fail();
                }
            }
        }
    }

    /// A notice that goes to several connections in a row is written once.
    fn notice(&mut self, notice: &Arc<Notice>) -> Arc<WireItem> {
        if let Some((last, item)) = &self.last_notice
            && Arc::ptr_eq(last, notice)
        {
            return item.clone();
        }
        let item = Arc::new(direct::item(notice));
        self.last_notice = Some((notice.clone(), item.clone()));
        item
    }

    fn to(&mut self, conn: ConnId, letter: ToShard) {
        self.letters[shard_of(conn)].push(letter);
    }

    fn reply(&mut self, ticket: Ticket, mut answer: Result<Answer, Refusal>) {
        match ticket {
            Ticket::Http(to) => drop(to.send(answer)),
            Ticket::Poll(conn) => {
                if let Err(refusal) = answer {
                    self.to(conn, ToShard::PollRefused(conn, refusal));
                }
            }
            Ticket::Conn { conn, seq, servcmd, shape } => {
                let resumed = self.resumed(&mut answer);
                let history = self.history(&answer);
                let letter =
                    ToShard::Reply { conn, seq, servcmd, shape, answer: Box::new(answer), resumed, history };
                self.to(conn, letter);
            }
        }
    }

    /// Which rooms a client that came back can be told all that it missed in.
    fn resumed(&self, answer: &mut Result<Answer, Refusal>) -> Vec<(RoomId, ResumeStatus)> {
        let Ok(Answer::LoggedIn(login)) = answer else { return Vec::new() };
        let app = login.app;
        let status = |(room, how): (RoomId, Resumption)| {
            let status = match how {
                Resumption::NotMember => ResumeStatus::NotMember,
                Resumption::Member { after } => {
                    let channel = self.channels.get(&RoomKey { app, room: room.clone() });
                    // A room without a channel has never said anything.
                    let whole = channel.is_none_or(|channel| channel.ring.reaches(after));
                    if whole { ResumeStatus::Resumed } else { ResumeStatus::GapTooLarge }
                }
            };
            (room, status)
        };
        std::mem::take(&mut login.resumed).into_iter().map(status).collect()
    }

    /// What a joiner is shown of what was said before.
    fn history(&self, answer: &Result<Answer, Refusal>) -> Vec<Arc<WireItem>> {
        let Ok(Answer::Joined { room, history: true, next_seq, app }) = answer else { return Vec::new() };
        let Some(channel) = self.channels.get(&RoomKey { app: *app, room: room.clone() }) else {
            return Vec::new();
        };
        let oldest = self.shared.clock.now() - self.history_age_max;
        let before = channel.ring.after(0).rev().filter(|item| item.seq < *next_seq && item.payload.at > oldest);
        let messages = before.filter(|item| item.payload.wire.event == MESSAGE && item.class != Class::Like);
        let mut last: Vec<_> =
            messages.take(self.shared.config.room.history_messages).map(|item| item.payload.wire.clone()).collect();
        last.reverse();
        last
    }

    fn deliver(&mut self, posted: &Posted) {
        if let Post::Recalled { messages, .. } = &posted.post {
            self.forget_messages(&posted.room, messages);
        }
        let item = self.encode(posted);
        Metrics::bump(&self.shared.metrics.items_encoded_total);
        let channel = self.channel(&posted.room, posted.seq - 1);
        channel.ring.push(item.clone());
        if let Post::Pinned { message, .. } = &posted.post {
            let lost = channel.ring.lost();
            channel.pinned.retain(|(_, tip)| *tip > lost);
            channel.pinned.push((message.seq, posted.seq));
        }
        let number = channel.number;
        let heard_by: smallvec::SmallVec<[usize; 8]> =
            channel.listeners.iter().enumerate().filter(|(_, count)| **count > 0).map(|(at, _)| at).collect();
        for shard in heard_by {
            self.letters[shard].push(ToShard::Item(number, item.clone()));
        }
    }

    /// What was taken back is not told again: not to newcomers, not to those who come back, not to those who poll.
    fn forget_messages(&mut self, room: &RoomKey, messages: &[MessageRef]) {
        let Some(channel) = self.channels.get_mut(room) else { return };
        let mut seqs: Vec<u64> = messages.iter().map(|message| message.seq).collect();
        let tips = channel.pinned.extract_if(.., |(message, _)| seqs.contains(message)).map(|(_, tip)| tip);
        let tips: Vec<_> = tips.collect();
        seqs.extend(tips);
        let seqs: Arc<[u64]> = seqs.into();
        seqs.iter().for_each(|seq| channel.ring.remove(*seq));
        for (letters, listeners) in self.letters.iter_mut().zip(&channel.listeners) {
            if *listeners > 0 {
                letters.push(ToShard::Recalled(channel.number, seqs.clone()));
            }
        }
    }

    fn encode(&self, posted: &Posted) -> Arc<Item<Payload>> {
        let payload = Payload { wire: Arc::new(push::item(posted)), at: posted.at };
        Arc::new(Item { seq: posted.seq, class: posted.class, payload })
    }

    /// The channel of a room; a new one remembers nothing up to `lost`.
    fn channel(&mut self, room: &RoomKey, lost: u64) -> &mut Channel {
        if !self.channels.contains_key(room) {
            self.next_room += 1;
            let channel = Channel {
                number: RoomNo(self.next_room),
                ring: Ring::new(self.shared.config.ring(), lost),
                listeners: vec![0; self.shards.len()],
                pinned: Vec::new(),
            };
            self.channels.insert(room.clone(), channel);
        }
        self.channels.get_mut(room).expect("just made sure")
    }

    fn subscribe(&mut self, conn: ConnId, room: &RoomKey, after: u64, pull: bool) {
        let shard = shard_of(conn);
        let channel = self.channel(room, 0);
        channel.listeners[shard] += 1;
        let backlog = channel.ring.after(after).cloned().collect();
        let lost = channel.ring.lost();
        let number = channel.number;
        let letter = ToShard::Subscribe { conn, number, room: room.clone(), backlog, lost, pull };
        self.letters[shard].push(letter);
    }

    fn unsubscribe(&mut self, conn: ConnId, room: &RoomKey) {
        let Some(channel) = self.channels.get_mut(room) else { return };
        let shard = shard_of(conn);
        channel.listeners[shard] = channel.listeners[shard].saturating_sub(1);
        let number = channel.number;
        self.letters[shard].push(ToShard::Unsubscribe(conn, number));
    }

    fn forget(&mut self, room: &RoomKey) {
        if let Some(channel) = self.channels.remove(room) {
            for letters in &mut self.letters {
                letters.push(ToShard::Forget(channel.number));
            }
        }
    }
}

/// The wire's number for messages.
const MESSAGE: u8 = 3;
