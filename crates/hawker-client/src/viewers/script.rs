//! What a viewer does, and when: a plan made from a seed, without a clock or a connection.

use std::time::Duration;

use super::words::{self, GIFTS, GOODS, Goods};
use crate::protocol::Random;

/// One thing a viewer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// Says something.
    Say(String),
    /// Likes so many times in quick succession.
    Like(u64),
    /// Sends a gift, so many of them.
    Gift(&'static str, u64),
    /// Follows the host.
    Follow,
    /// Buys what is being shown.
    Buy,
    /// Claims a coupon, if one is offered.
    Claim,
    /// Shows a picture.
    Picture(u64),
    /// Goes, and comes back after so long.
    Leave(Duration),
}

/// A viewer's plan without end.
#[derive(Debug)]
pub(super) struct Script {
    random: Random,
    follows: bool,
}

impl Script {
    pub(super) fn new(seed: u64, viewer: usize) -> Script {
        // Neighbouring seeds must not give neighbouring plans.
        let mut mix = Random::new(seed ^ (viewer as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93));
        Script { random: Random::new(mix.next_u64()), follows: false }
    }

    /// When this viewer first comes, among so many.
    pub(super) fn arrival(&mut self, viewers: usize) -> Duration {
        let window = (viewers as f64 * 0.1).clamp(1.0, 30.0);
        Duration::from_secs_f64(window * self.random.unit())
    }

    /// The pause before the next deed: most are short, some are long.
    pub(super) fn pause(&mut self) -> Duration {
        const MEAN_SECS: f64 = 12.0;
        let secs = -MEAN_SECS * (1.0 - self.random.unit()).ln();
        Duration::from_secs_f64(secs.clamp(0.5, 90.0))
    }

    /// The pause between two likes of a burst.
    pub(super) fn between_likes(&mut self) -> Duration {
        Duration::from_millis(120 + self.random.below(200))
    }

    /// The next deed while `goods` are being shown.
    pub(super) fn next(&mut self, goods: &Goods) -> Deed {
        match self.random.below(100) {
            0..3 => Deed::Picture(self.random.next_u64()),
            3..45 => Deed::Say(words::line(&mut self.random, goods)),
            45..75 => Deed::Like(1 + self.random.below(12)),
            75..83 => Deed::Gift(self.gift(), 1 + self.random.below(3)),
            83..90 if !self.follows => {
                self.follows = true;
                Deed::Follow
            }
            83..93 => Deed::Buy,
            93..96 => Deed::Claim,
            _ => Deed::Leave(Duration::from_secs(5 + self.random.below(40))),
        }
    }

    fn gift(&mut self) -> &'static str {
        GIFTS[self.random.below(GIFTS.len() as u64) as usize]
    }
}

/// One thing the host does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HostDeed {
    /// Shows goods, by their place in the list.
    Show(usize),
    /// Offers a coupon.
    Coupon,
    /// Sells goods cheaper for a while, by their place in the list.
    Flash(usize),
    /// Changes the announcement.
    Announce(&'static str),
    /// Pins the last question that a viewer asked, in place of the one before.
    Pin,
}

/// The host's plan: goods by turns, between them an announcement, a question to keep in sight, and a coupon or a flash sale.
pub(super) fn host_script() -> impl Iterator<Item = (Duration, HostDeed)> {
    let deeds = (0..).map(|turn: usize| {
        let round = turn / 5;
        match turn % 5 {
            0 => HostDeed::Show(round % GOODS.len()),
            1 => HostDeed::Announce(words::ANNOUNCEMENTS[round % words::ANNOUNCEMENTS.len()]),
            2 => HostDeed::Pin,
            3 if round.is_multiple_of(2) => HostDeed::Coupon,
            3 => HostDeed::Flash(round % GOODS.len()),
            _ => HostDeed::Show(round % GOODS.len()),
        }
    });
    let pauses = std::iter::once(0).chain(std::iter::repeat(8)).map(Duration::from_secs);
    pauses.zip(deeds)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn deeds(seed: u64, viewer: usize) -> Vec<Deed> {
        let mut script = Script::new(seed, viewer);
        (0..300).map(|_| script.next(&GOODS[0])).collect()
    }

    #[test]
    fn same_seed_gives_the_same_show() {
        assert_eq!(deeds(7, 3), deeds(7, 3));
        assert_ne!(deeds(7, 3), deeds(7, 4));
        assert_ne!(deeds(7, 3), deeds(8, 3));
    }

    #[test]
    fn a_viewer_does_a_bit_of_everything_and_follows_once() {
        let deeds = deeds(1, 0);
        let kinds: HashSet<_> = deeds.iter().map(std::mem::discriminant).collect();
        assert_eq!(kinds.len(), 8);
        assert_eq!(deeds.iter().filter(|deed| **deed == Deed::Follow).count(), 1);
    }

    #[test]
    fn nicks_are_all_different_and_everything_fits_its_field() {
        let nicks: HashSet<String> = (0..500).map(words::nick).collect();
        assert_eq!(nicks.len(), 500);
        assert!(GOODS.iter().all(|goods| goods.card().len() <= 512));
        assert!(words::ANNOUNCEMENTS.iter().all(|text| text.len() <= 300));
    }

    #[test]
    fn host_begins_at_once_and_shows_all_goods_by_turns() {
        let shown: Vec<_> = host_script()
            .filter_map(|(pause, deed)| match deed {
                HostDeed::Show(at) => Some((pause, GOODS[at].id)),
                _ => None,
            })
            .take(2 * GOODS.len() + 1)
            .collect();
        // Each is shown when its turn comes, and once more at the end of it.
        assert_eq!(shown[0], (Duration::ZERO, GOODS[0].id));
        assert_eq!((shown[1].1, shown[2].1), (GOODS[0].id, GOODS[1].id));
        assert_eq!(shown[2 * GOODS.len()].1, GOODS[0].id);
    }
}
