//! How often somebody may guess a password: by the name that is guessed, and by the address that guesses.
//!
//! A guess counts as wrong until it turns out to be right, so that many at once gain nothing. After a few wrong ones each
//! has to wait longer than the one before. Whoever logged in from an address before is counted apart there: strangers who
//! guess at a name do not lock its owner out.

use hawker_core::Time;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// How patient we are.
struct Patience {
    /// Wrong guesses that cost no wait.
    free: u32,
    /// The longest wait.
    wait_max: Duration,
}

/// With a name.
const NAME: Patience = Patience { free: 5, wait_max: Duration::from_secs(5 * 60) };
/// With an address, behind which many may sit.
const ADDRESS: Patience = Patience { free: 20, wait_max: Duration::from_secs(15 * 60) };
/// The first wait; each is twice the one before.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Wrong guesses are forgotten when there was none for so long.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3600);
/// Names and addresses of which each kind is remembered; the one that guessed longest ago gives way.
const REMEMBERED_MAX: usize = 10_000;
/// Pairs of name and address that got in before; the oldest gives way.
const KNOWN_MAX: usize = 1000;

/// Who guesses at a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Guesser {
    /// Somebody who got in from there before.
    Known(String, IpAddr),
    /// Everybody else.
    Stranger(String),
}

/// Counts of wrong guesses.
#[derive(Default)]
pub struct Guesses {
    names: Table<Guesser>,
    addresses: Table<IpAddr>,
    known: VecDeque<(String, IpAddr)>,
}

impl Guesses {
    /// A guess is about to be checked. Refused with the time from which on it may be.
    pub fn begin(&mut self, name: &str, from: IpAddr, now: Time) -> Result<(), Time> {
        let (guesser, from) = (self.guesser(name, from), network(from));
        let until = self.names.free_at(&guesser, &NAME).max(self.addresses.free_at(&from, &ADDRESS));
        if until > now {
            return Err(until);
        }
        self.names.count(guesser, now);
        self.addresses.count(from, now);
        Ok(())
    }

    /// The guess was right.
    pub fn succeeded(&mut self, name: &str, from: IpAddr) {
        let guesser = self.guesser(name, from);
        self.names.forget(&guesser);
        let from = network(from);
        self.addresses.forget(&from);
        let pair = (name.to_owned(), from);
        self.known.retain(|known| *known != pair);
        if self.known.len() >= KNOWN_MAX {
            self.known.pop_front();
        }
        self.known.push_back(pair);
    }

    fn guesser(&self, name: &str, from: IpAddr) -> Guesser {
        let pair = (name.to_owned(), network(from));
        if self.known.contains(&pair) { Guesser::Known(pair.0, pair.1) } else { Guesser::Stranger(pair.0) }
    }
}

/// What one customer of a provider has for itself: an address, or half of a long one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(long) => IpAddr::V6(Ipv6Addr::from(u128::from(long) & !u128::from(u64::MAX))),
        short => short,
    }
}

/// Wrong guesses of one kind.
struct Table<K>(HashMap<K, Count>);

#[derive(Clone, Copy)]
struct Count {
    wrong: u32,
    last: Time,
}

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Clone + Eq + Hash> Table<K> {
    fn free_at(&self, key: &K, patience: &Patience) -> Time {
        self.0.get(key).map_or(Time(0), |count| count.last + patience.wait(count.wrong))
    }

    fn count(&mut self, key: K, now: Time) {
        if !self.0.contains_key(&key) && self.0.len() >= REMEMBERED_MAX {
            self.make_room(now);
        }
        let count = self.0.entry(key).or_insert(Count { wrong: 0, last: now });
        if now.since(count.last) >= FORGOTTEN_AFTER {
            count.wrong = 0;
        }
        *count = Count { wrong: count.wrong.saturating_add(1), last: now };
    }

    fn make_room(&mut self, now: Time) {
        self.0.retain(|_, count| now.since(count.last) < FORGOTTEN_AFTER);
        if self.0.len() < REMEMBERED_MAX {
            return;
        }
        if let Some(oldest) = self.0.iter().min_by_key(|(_, count)| count.last).map(|(key, _)| key.clone()) {
            self.0.remove(&oldest);
        }
    }

    fn forget(&mut self, key: &K) {
        self.0.remove(key);
    }
}

impl Patience {
    /// How long after the last of so many wrong guesses the next may come.
    fn wait(&self, wrong: u32) -> Duration {
        match wrong.checked_sub(self.free) {
            None => Duration::ZERO,
            Some(over) => FIRST_WAIT.saturating_mul(1_u32.checked_shl(over).unwrap_or(u32::MAX)).min(self.wait_max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn secs(secs: u64) -> Time {
        Time::from_secs(1_000_000 + secs)
    }

    fn address(number: u32) -> IpAddr {
        IpAddr::from((0x0a00_0000 + number).to_be_bytes())
    }

    #[test]
    fn the_first_guesses_are_free_and_the_waits_grow() {
        let mut guesses = Guesses::default();
        for _ in 0..5 {
            assert_eq!(guesses.begin("mei", HERE, secs(0)), Ok(()));
        }
        assert_eq!(guesses.begin("mei", HERE, secs(0)), Err(secs(1)));
        assert_eq!(guesses.begin("mei", HERE, secs(0)), Err(secs(1)), "who is sent away has not guessed");
        assert_eq!(guesses.begin("mei", HERE, secs(1)), Ok(()));
        assert_eq!(guesses.begin("mei", HERE, secs(2)), Err(secs(3)));
        assert_eq!(guesses.begin("mei", HERE, secs(3)), Ok(()));
        assert_eq!(guesses.begin("mei", HERE, secs(3)), Err(secs(7)));
        assert_eq!(guesses.begin("lan", HERE, secs(3)), Ok(()), "another name");
    }

    #[test]
    fn no_wait_is_longer_than_it_may_be() {
        assert_eq!(NAME.wait(1000), NAME.wait_max);
        assert_eq!(NAME.wait(u32::MAX), NAME.wait_max);
        assert_eq!(ADDRESS.wait(0), Duration::ZERO);
    }

    #[test]
    fn a_name_is_guarded_against_many_addresses_and_an_address_against_many_names() {
        let mut guesses = Guesses::default();
        for number in 0..5 {
            assert!(guesses.begin("mei", address(number), secs(0)).is_ok());
        }
        assert_eq!(guesses.begin("mei", address(99), secs(0)), Err(secs(1)));
        for number in 0..20 {
            assert!(guesses.begin(&format!("user {number}"), HERE, secs(0)).is_ok());
        }
        assert_eq!(guesses.begin("somebody else", HERE, secs(0)), Err(secs(1)));
    }

    #[test]
    fn who_got_in_starts_anew_and_is_not_locked_out_by_strangers() {
        let mut guesses = Guesses::default();
        for _ in 0..4 {
            guesses.begin("mei", HERE, secs(0)).unwrap();
        }
        guesses.begin("mei", HERE, secs(0)).unwrap();
        guesses.succeeded("mei", HERE);
        for _ in 0..5 {
            guesses.begin("mei", THERE, secs(1)).unwrap();
        }
        assert!(guesses.begin("mei", THERE, secs(1)).is_err());
        for _ in 0..5 {
            assert!(guesses.begin("mei", HERE, secs(1)).is_ok());
        }
        assert!(guesses.begin("mei", HERE, secs(1)).is_err(), "there too guesses are counted");
    }

    #[test]
    fn wrong_guesses_are_forgotten_in_time() {
        let mut guesses = Guesses::default();
        for _ in 0..5 {
            guesses.begin("mei", HERE, secs(0)).unwrap();
        }
        for _ in 0..5 {
            assert!(guesses.begin("mei", HERE, secs(3600)).is_ok());
        }
    }

    #[test]
    fn the_tables_are_bounded() {
        let mut guesses = Guesses::default();
        for number in 0..REMEMBERED_MAX as u32 + 10 {
            guesses.begin(&format!("user {number}"), address(number), secs(u64::from(number) / 100)).unwrap();
        }
        assert_eq!(guesses.names.0.len(), REMEMBERED_MAX);
        assert_eq!(guesses.addresses.0.len(), REMEMBERED_MAX);
        for number in 0..KNOWN_MAX as u32 + 10 {
            guesses.succeeded("mei", address(number));
        }
        assert_eq!(guesses.known.len(), KNOWN_MAX);
    }

    #[test]
    fn half_of_a_long_address_is_one_guesser() {
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let same: IpAddr = "2001:db8::ffff:2".parse().unwrap();
        let other: IpAddr = "2001:db8:0:1::1".parse().unwrap();
        assert_eq!(network(one), network(same));
        assert_ne!(network(one), network(other));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), HERE);
    }
}
