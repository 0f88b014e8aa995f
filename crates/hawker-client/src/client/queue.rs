//! What one receiver still has to be given.
//!
//! A receiver that is busy must not stop the connection, so its queue is bounded. When full, likes and member tips go
//! first, oldest first; messages only when nothing lighter is left. Whatever fell out is counted and told.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

use crate::protocol::{Event, Lagged, Weight};

pub(crate) struct Queue {
    state: Mutex<State>,
    waker: AtomicWaker,
}

struct State {
    /// So many events of each weight.
    max: usize,
    /// The number the next event gets; numbers keep the order across the three queues.
    next: u64,
    light: VecDeque<(u64, Event)>,
    heavy: VecDeque<(u64, Event)>,
    control: VecDeque<(u64, Event)>,
    lagged: Lagged,
    /// The number of the first event that fell out and was not told yet.
    lagged_at: Option<u64>,
    closed: bool,
}

impl Queue {
    pub(crate) fn new(max: usize) -> Queue {
        let state = State {
            max: max.max(1),
            next: 0,
            light: VecDeque::new(),
            heavy: VecDeque::new(),
            control: VecDeque::new(),
            lagged: Lagged::default(),
            lagged_at: None,
            closed: false,
        };
        Queue { state: Mutex::new(state), waker: AtomicWaker::new() }
    }

    pub(crate) fn push(&self, event: Event) {
        self.state.lock().expect("no panic while locked").push(event);
        self.waker.wake();
    }

    pub(crate) fn close(&self) {
        self.state.lock().expect("no panic while locked").closed = true;
        self.waker.wake();
    }

    pub(crate) fn poll_pop(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.waker.register(cx.waker());
        let mut state = self.state.lock().expect("no panic while locked");
        match state.pop() {
            Some(event) => Poll::Ready(Some(event)),
            None if state.closed => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

impl State {
    fn push(&mut self, event: Event) {
        let (queue, lost) = match event.weight() {
            Weight::Light => (&mut self.light, &mut self.lagged.light),
            Weight::Heavy => (&mut self.heavy, &mut self.lagged.heavy),
            Weight::Control => (&mut self.control, &mut self.lagged.control),
        };
        if queue.len() == self.max
            && let Some((number, _)) = queue.pop_front()
        {
            *lost += 1;
            self.lagged_at = Some(self.lagged_at.map_or(number, |first| first.min(number)));
        }
        queue.push_back((self.next, event));
        self.next += 1;
    }

    /// The oldest of the three fronts, or the word that something older fell out.
    fn pop(&mut self) -> Option<Event> {
        let queues = [&mut self.light, &mut self.heavy, &mut self.control];
        let oldest = queues.into_iter().filter(|q| !q.is_empty()).min_by_key(|q| q[0].0)?;
        if self.lagged_at.is_some_and(|first| first < oldest[0].0) {
            self.lagged_at = None;
            return Some(Event::Lagged(std::mem::take(&mut self.lagged)));
        }
        oldest.pop_front().map(|(_, event)| event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{MemberTip, NetState, Notice};

    fn light(seq: u64) -> Event {
        Event::MemberJoined(MemberTip { seq, ..MemberTip::default() })
    }

    fn heavy(text: &str) -> Event {
        Event::Notice(Notice { room: "r".into(), by: "a".into(), text: text.into() })
    }

    fn drained(queue: &Queue) -> Vec<Event> {
        let mut state = queue.state.lock().unwrap();
        std::iter::from_fn(|| state.pop()).collect()
    }

    #[test]
    fn order_is_kept_across_weights() {
        let queue = Queue::new(4);
        let events = [heavy("a"), light(1), Event::NetState(NetState::Connected), heavy("b"), light(2)];
        events.iter().cloned().for_each(|event| queue.push(event));
        assert_eq!(drained(&queue), events);
    }

    #[test]
    fn light_events_fall_out_alone_and_are_counted() {
        let queue = Queue::new(2);
        queue.push(heavy("a"));
        (1..=5).for_each(|seq| queue.push(light(seq)));
        queue.push(heavy("b"));
        let lagged = Event::Lagged(Lagged { light: 3, ..Lagged::default() });
        assert_eq!(drained(&queue), [heavy("a"), lagged, light(4), light(5), heavy("b")]);
    }

    #[test]
    fn messages_fall_out_only_of_their_own_queue_and_never_silently() {
        let queue = Queue::new(2);
        queue.push(light(1));
        ["a", "b", "c"].iter().for_each(|text| queue.push(heavy(text)));
        let lagged = Event::Lagged(Lagged { heavy: 1, ..Lagged::default() });
        assert_eq!(drained(&queue), [light(1), lagged, heavy("b"), heavy("c")]);
    }
}
