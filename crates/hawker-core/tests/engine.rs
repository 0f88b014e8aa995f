//! What must hold in every order of events, with a store that confirms late and loses what it has not confirmed.
//!
//! The properties themselves are written down in [`support::World`], which checks them after every step.

mod support;

use hawker_core::post::{Meaning, Priority};
use proptest::prelude::*;
use support::{ROOMS, SLOTS, Say, Step, USERS, What, World};

fn say() -> impl Strategy<Value = Say> {
    let meaning = prop_oneof![3 => Just(Meaning::Chat), 3 => Just(Meaning::Like), 1 => Just(Meaning::Commerce)];
    let priority = prop_oneof![1 => Just(Priority::High), 3 => Just(Priority::Normal), 1 => Just(Priority::Low), 1 => Just(Priority::Lowest)];
    (meaning, priority).prop_map(|(meaning, priority)| Say { meaning, priority })
}

fn what() -> impl Strategy<Value = What> {
    let secs = prop_oneof![Just(0_u32), 1..4_u32, Just(u32::MAX)];
    prop_oneof![
        8 => Just(What::Join),
        2 => Just(What::Watch),
        2 => Just(What::Quit),
        1 => Just(What::Dismiss),
        12 => say().prop_map(What::Say),
        3 => Just(What::Again),
        2 => (0..USERS, secs.clone()).prop_map(|(user, secs)| What::Mute { user, secs }),
        2 => (prop::collection::vec(0..USERS, 1..4), secs).prop_map(|(users, secs)| What::Ban { users, secs }),
        1 => (0..USERS, any::<bool>()).prop_map(|(user, admin)| What::Admins { user, admin }),
        2 => Just(What::Name),
        2 => (0..12_usize, any::<bool>()).prop_map(|(key, filled)| What::Field { key, filled }),
        1 => any::<bool>().prop_map(|on| What::MuteAll { on }),
        1 => any::<bool>().prop_map(|filled| What::MemberField { filled }),
        1 => Just(What::Notify),
        2 => Just(What::Online),
        1 => Just(What::Members),
        1 => (0..2_usize, -3..4_i64).prop_map(|(key, by)| What::Tally { key, by }),
        1 => Just(What::DropTallies),
        1 => Just(What::Tallies),
        2 => (1..4_u64).prop_map(|back| What::Recall { back }),
        1 => Just(What::Stats),
        1 => Just(What::TooLong),
    ]
}

/// What those do who run a room.
fn ruling() -> impl Strategy<Value = What> {
    let secs = prop_oneof![1 => Just(0_u32), 1 => 1..4_u32, 2 => Just(u32::MAX)];
    prop_oneof![
        4 => (0..USERS, secs.clone()).prop_map(|(user, secs)| What::Mute { user, secs }),
        2 => (0..USERS, secs).prop_map(|(user, secs)| What::Ban { users: vec![user], secs }),
        2 => any::<bool>().prop_map(|on| What::MuteAll { on }),
        1 => (0..USERS, any::<bool>()).prop_map(|(user, admin)| What::Admins { user, admin }),
        1 => prop::option::of(1..30_u32).prop_map(|per_second| What::Budget { per_second }),
        4 => what(),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..SLOTS, 0..USERS).prop_map(|(slot, user)| Step::Login { slot, user }),
        2 => (0..SLOTS, prop::option::of(0..20_u64)).prop_map(|(slot, seen)| Step::Relogin { slot, seen }),
        1 => (0..SLOTS).prop_map(|slot| Step::Logout { slot }),
        2 => (0..SLOTS).prop_map(|slot| Step::Close { slot }),
        1 => (0..SLOTS).prop_map(|slot| Step::Hello { slot }),
        2 => (0..SLOTS).prop_map(|slot| Step::Nick { slot }),
        1 => (0..SLOTS).prop_map(|slot| Step::Profiles { slot }),
        3 => (0..SLOTS).prop_map(|slot| Step::Info { slot }),
        1 => (0..SLOTS, 0..ROOMS).prop_map(|(slot, room)| Step::Open { slot, room }),
        30 => (0..SLOTS, 0..ROOMS, what()).prop_map(|(slot, room, what)| Step::Room { slot, room, what }),
        5 => (0..ROOMS, ruling()).prop_map(|(room, what)| Step::Admin { room, what }),
        2 => (0..USERS, 0..ROOMS, say(), 1..15_usize).prop_map(|(user, room, say, times)| {
            Step::SendAs { user, room, say, times }
        }),
        1 => (0..USERS).prop_map(|user| Step::Kick { user }),
        8 => prop_oneof![1..50_u64, 50..3000_u64, Just(61_000)].prop_map(|ms| Step::Pass { ms }),
        12 => (1..4_usize).prop_map(|commits| Step::Confirm { commits }),
        1 => Just(Step::PowerCut),
    ]
}

/// The host and two viewers are in a room already, or most runs would be about getting in.
fn with_members(steps: Vec<Step>) -> Vec<Step> {
    let logins = (0..3).map(|user| Step::Login { slot: user, user });
    let joins = (0..3).map(|slot| Step::Room { slot, room: 0, what: What::Join });
    logins.chain([Step::Confirm { commits: 3 }]).chain(joins).chain(steps).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_in_whatever_order_the_promises_hold(
        seed in any::<u64>(),
        steps in prop::collection::vec(step(), 1..150),
    ) {
        World::new(seed).run(&with_members(steps));
    }

    #[test]
    fn the_same_seed_and_inputs_give_the_same_run(
        seed in any::<u64>(),
        steps in prop::collection::vec(step(), 1..100),
    ) {
        let steps = with_members(steps);
        let run = || {
            let mut world = World::new(seed);
            world.run(&steps);
            world.transcript
        };
        prop_assert_eq!(run(), run());
    }
}

/// A world in which one user is in a room, and what it says there.
fn member_of_a_room() -> (World, impl Fn(What) -> Step) {
    let mut world = World::new(1);
    let of_member = |what| Step::Room { slot: 0, room: 0, what };
    world.run(&[Step::Login { slot: 0, user: 1 }, Step::Confirm { commits: 9 }, of_member(What::Join)]);
    (world, of_member)
}

#[test]
fn a_like_that_was_dropped_and_is_sent_again_is_counted_once() {
    let (mut world, of_member) = member_of_a_room();
    let like = Say { meaning: Meaning::Like, priority: Priority::Normal };
    let crowd = Step::SendAs { user: 2, room: 0, say: like.clone(), times: 20 };
    let steps = [
        crowd,
        of_member(What::Say(like)),
        of_member(What::Again),
        Step::Pass { ms: 1000 },
        of_member(What::Again),
    ];
    world.run(&steps);
    let room = world.engine.rooms().find(|room| *room.key() == support::room_key(0)).unwrap();
    assert_eq!(room.counters().likes, 21);
    assert!(room.ledger().line(hawker_core::post::Class::Like).dropped[0] > 0);
}

#[test]
fn a_room_that_waits_for_nothing_more_is_not_overtaken_behind_one_that_does() {
    let mut world = World::new(1);
    let chat = Say { meaning: Meaning::Chat, priority: Priority::High };
    let name = |room| Step::Admin { room, what: What::Name };
    let say = |room| Step::Admin { room, what: What::Say(chat.clone()) };
    // The first room waits for the first commit, the other for the second and speaks before the first does again.
    world.run(&[
        name(0),
        name(1),
        say(1),
        say(0),
        Step::Confirm { commits: 1 },
        say(0),
        Step::Confirm { commits: 1 },
    ]);
}

#[test]
fn a_nickname_is_not_shown_before_it_is_kept() {
    let (mut world, of_member) = member_of_a_room();
    let chat = Say { meaning: Meaning::Chat, priority: Priority::High };
    let members = Step::Admin { room: 1, what: What::Online };
    world.run(&[
        Step::Nick { slot: 0 },
        of_member(What::Say(chat)),
        of_member(What::Members),
        Step::Profiles { slot: 0 },
        members,
        Step::Confirm { commits: 1 },
    ]);
}

#[test]
fn a_member_from_an_earlier_session_is_told_of_its_join_when_it_is_kept() {
    let (mut world, of_member) = member_of_a_room();
    let again = |what| Step::Room { slot: 1, room: 0, what };
    world.run(&[
        Step::Login { slot: 1, user: 1 },
        Step::Confirm { commits: 9 },
        again(What::Join),
        Step::PowerCut,
        Step::Relogin { slot: 1, seen: None },
        of_member(What::Join),
    ]);
}
