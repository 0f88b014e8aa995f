//! Sequences of commands, in the world of the property tests, which checks all promises after each.

#[path = "../../crates/hawker-core/tests/support/mod.rs"]
mod support;

use hawker_core::post::{Meaning, Priority};
use support::{ROOMS, SLOTS, Say, Step, USERS, What, World};

/// Longer runs find nothing more and take their time.
const STEPS_MAX: usize = 200;

/// Each step is one to four bytes.
pub fn run(bytes: &[u8]) {
    let mut bytes = Bytes(bytes.iter());
    let seed = bytes.below(256) as u64;
    let mut steps = Vec::new();
    while let (Some(step), true) = (bytes.step(), steps.len() < STEPS_MAX) {
        steps.push(step);
    }
    World::new(seed).run(&steps);
}

struct Bytes<'a>(std::slice::Iter<'a, u8>);

impl Bytes<'_> {
    fn below(&mut self, bound: usize) -> usize {
        self.0.next().map_or(0, |byte| usize::from(*byte) % bound)
    }

    fn step(&mut self) -> Option<Step> {
        let kind = *self.0.next()?;
        Some(match kind % 32 {
            0 | 1 => Step::Login { slot: self.below(SLOTS), user: self.below(USERS) },
            2 => Step::Relogin { slot: self.below(SLOTS), seen: Some(self.below(20) as u64) },
            3 => Step::Relogin { slot: self.below(SLOTS), seen: None },
            4 => Step::Logout { slot: self.below(SLOTS) },
            5 => Step::Close { slot: self.below(SLOTS) },
            6 => Step::Nick { slot: self.below(SLOTS) },
            7 => Step::Profiles { slot: self.below(SLOTS) },
            8 => Step::Info { slot: self.below(SLOTS) },
            9 => Step::Open { slot: self.below(SLOTS), room: self.below(ROOMS) },
            10 => Step::SendAs {
                user: self.below(USERS),
                room: self.below(ROOMS),
                say: self.say(),
                times: 1 + self.below(15),
            },
            11 => Step::Kick { user: self.below(USERS) },
            12 => Step::PowerCut,
            13 => Step::Hello { slot: self.below(SLOTS) },
            14 | 15 => Step::Pass { ms: [1, 40, 400, 1000, 2000, 5000, 61_000][self.below(7)] },
            16..=19 => Step::Confirm { commits: 1 + self.below(3) },
            20 | 21 => Step::Admin { room: self.below(ROOMS), what: self.what() },
            _ => Step::Room { slot: self.below(SLOTS), room: self.below(ROOMS), what: self.what() },
        })
    }

    fn say(&mut self) -> Say {
        let meaning = [Meaning::Chat, Meaning::Like, Meaning::Commerce][self.below(3)];
        let priority = [Priority::High, Priority::Normal, Priority::Low, Priority::Lowest][self.below(4)];
        Say { meaning, priority }
    }

    fn what(&mut self) -> What {
        let secs = |n| [0, 1, 3, u32::MAX][n];
        match self.below(32) {
            0..=5 => What::Join,
            6 => What::Watch,
            7 => What::Quit,
            8 => What::Dismiss,
            9..=14 => What::Say(self.say()),
            15 => What::Again,
            16 => What::Mute { user: self.below(USERS), secs: secs(self.below(4)) },
            17 => What::Ban { users: vec![self.below(USERS)], secs: secs(self.below(4)) },
            18 => What::Ban { users: vec![self.below(USERS), self.below(USERS)], secs: secs(self.below(4)) },
            19 => What::Admins { user: self.below(USERS), admin: self.below(2) == 1 },
            20 => What::Name,
            21 => What::Field { key: self.below(12), filled: self.below(2) == 1 },
            22 => What::MuteAll { on: self.below(2) == 1 },
            23 => What::MemberField { filled: self.below(2) == 1 },
            24 => What::Notify,
            25 => What::Online,
            26 => What::Members,
            27 => What::Tally { key: self.below(2), by: self.below(9) as i64 - 4 },
            28 => [What::DropTallies, What::Budget { per_second: Some(1 + self.below(50) as u32) }][self.below(2)]
                .clone(),
            29 => What::Tallies,
            30 => What::Recall { back: self.below(4) as u64 },
            _ => [What::Stats, What::TooLong][self.below(2)].clone(),
        }
    }
}

/// Somebody logs in, joins, talks; the power goes, and it comes back.
pub fn seeds() -> Vec<Vec<u8>> {
    let join = [0, 0, 1, 16, 0, 22, 0, 0, 0, 16, 1];
    let talk = [22, 0, 0, 9, 1, 0, 22, 0, 0, 15, 20, 0, 20, 6, 0, 16, 2];
    let back = [12, 2, 0, 5, 8, 0, 22, 0, 0, 25, 14, 5];
    vec![[&[1][..], &join, &talk, &back].concat(), [&[2][..], &join, &join, &talk, &talk].concat()]
}
