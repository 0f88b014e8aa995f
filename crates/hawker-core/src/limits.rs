//! Every bound of the rules, with its default and the reason for it.

use std::time::Duration;

/// Bounds on rooms, messages and sessions. The defaults are those of `messages-and-limits.md` §5, §6 and §7.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Messages and tips a second that one room delivers; what exceeds it is dropped, lowest class first.
    pub messages_per_second: u32,
    /// Messages a second that one user may send into a room; more is refused.
    pub messages_per_second_per_user: u32,
    /// Join and quit tips a second that one room delivers, at most. A crowd that pours in costs each of its
    /// members every tip, so a big room shows only some of them.
    pub tips_per_second: u32,
    /// A message with its cloud data, in bytes of JSON (12 KB).
    pub message_bytes_max: usize,
    /// Elements in one message.
    pub elements_max: usize,
    /// A room's name, in bytes.
    pub name_bytes_max: usize,
    /// A room's introduction, in bytes.
    pub introduction_bytes_max: usize,
    /// A room's notification, in bytes.
    pub notification_bytes_max: usize,
    /// A room's picture address, in bytes.
    pub avatar_bytes_max: usize,
    /// Custom fields of a room.
    pub room_fields_max: usize,
    /// The value of one custom field of a room, in bytes.
    pub room_field_bytes_max: usize,
    /// Custom fields of a member.
    pub member_fields_max: usize,
    /// The value of one custom field of a member, in bytes. The vendor allows 64; `attent` lists hosts, so ours
    /// has room for some.
    pub member_field_bytes_max: usize,
    /// The key of a custom field, in bytes.
    pub field_key_bytes_max: usize,
    /// One profile value (nick, avatar, signature), in bytes.
    pub profile_value_bytes_max: usize,
    /// Accounts in one call (mute, ban, profiles).
    pub accounts_per_call_max: usize,
    /// Rooms in one call.
    pub rooms_per_call_max: usize,
    /// Rooms of one app.
    pub rooms_max: usize,
    /// Rooms that one user may own.
    pub rooms_per_owner_max: usize,
    /// Rooms that one session may be in at once.
    pub rooms_per_session_max: usize,
    /// Admins of one room.
    pub admins_max: usize,
    /// Muted or banned users of one room, each.
    pub sanctions_max: usize,
    /// Banned users in one answer.
    pub bans_page_max: usize,
    /// Content of a REST notice, in bytes.
    pub notice_bytes_max: usize,
    /// Counters of one room, without the likes.
    pub tallies_max: usize,
    /// The name of a counter, in bytes.
    pub tally_key_bytes_max: usize,
    /// A message older than this cannot be recalled.
    pub recall_window: Duration,
    /// How many of its last messages one room remembers so that they can be recalled.
    pub recallable_max: usize,
    /// Messages in one recall.
    pub recalls_per_call_max: usize,
    /// The reason of a recall, in bytes.
    pub recall_reason_bytes_max: usize,
    /// Messages of one room that are pinned at once.
    pub pins_max: usize,
    /// How many of its last messages one room holds so that they can be pinned.
    pub pinnable_max: usize,
    /// The longest pause that slow mode may ask for, in seconds.
    pub slow_mode_secs_max: u32,
    /// Words of one app that are refused or masked.
    pub words_max: usize,
    /// Words of one room.
    pub room_words_max: usize,
    /// How long a member whose connection was lost stays in the room before the others hear "quit".
    pub grace: Duration,
    /// The same after a restart of the server, when everybody comes back at once.
    pub restart_grace: Duration,
    /// Pushing to a joiner starts when it has asked for the room's profile, or after this long.
    pub join_settle: Duration,
    /// How long a sender's `Random` is remembered: a message sent twice within it is one message.
    pub duplicate_window: Duration,
    /// How many of them one room remembers.
    pub duplicates_max: usize,
    /// Members shown by the member list, newest first.
    pub members_listed_max: usize,
    /// Members in one page of it.
    pub members_page: usize,
    /// A restart may skip this many sequence numbers: the store promises a block at a time.
    pub seq_block: u64,
    /// At most one like-counter notice per this long.
    pub counter_notice_every: Duration,
    /// Messages older than this are not shown to a newcomer.
    pub history_age_max: Duration,
    /// Direct messages a second of one user; more is refused.
    pub direct_per_second_per_user: u32,
    /// Conversations a second that one user may read, pin, silence, block or take off the list, and messages that it may
    /// delete; more is refused. Each is a row to write, and what was read is told to who wrote it.
    pub direct_marks_per_second_per_user: u32,
    /// A direct message older than this cannot be taken back by its sender (the vendor's two minutes).
    pub direct_recall_window: Duration,
    /// Direct messages are kept this long (the vendor's seven days).
    pub direct_age_max: Duration,
    /// Conversations, messages of a history or messages to delete in one call.
    pub direct_page_max: usize,
    /// Bytes of one answer with messages, about: an answer must fit into what may wait for a connection. A page has one
    /// message at least.
    pub direct_page_bytes_max: usize,
    /// Missed messages in one answer to a client that comes back. Official clients tell their application only of those in
    /// the last answer, so it is larger than a page.
    pub direct_sync_max: usize,
    /// How many direct messages are remembered so that one that is sent twice is recognised; for
    /// [`Limits::duplicate_window`].
    pub direct_duplicates_max: usize,
    /// Questions to the store that may wait for their answer.
    pub lookups_max: usize,
    /// Users on one blacklist.
    pub blacklist_max: usize,
    /// Users whose presence one session is told of.
    pub presence_subscriptions_max: usize,
    /// Users in one subscription or its end.
    pub presence_subscriptions_per_call_max: usize,
    /// What a user says about being there, in bytes.
    pub presence_text_bytes_max: usize,
    /// Changes of presence are told at most this often.
    pub presence_notice_every: Duration,
    /// Attributes of one room.
    pub attributes_max: usize,
    /// The name of an attribute, in bytes.
    pub attribute_key_bytes_max: usize,
    /// The value of an attribute, in bytes.
    pub attribute_value_bytes_max: usize,
    /// All values of one room, in bytes.
    pub attributes_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages_per_second: 40,
            messages_per_second_per_user: 10,
            tips_per_second: 10,
            message_bytes_max: 12 * 1024,
            elements_max: 20,
            name_bytes_max: 30,
            introduction_bytes_max: 240,
            notification_bytes_max: 300,
            avatar_bytes_max: 100,
            room_fields_max: 10,
            room_field_bytes_max: 512,
            member_fields_max: 5,
            member_field_bytes_max: 512,
            field_key_bytes_max: 16,
            profile_value_bytes_max: 500,
            accounts_per_call_max: 500,
            rooms_per_call_max: 50,
            rooms_max: 100_000,
            rooms_per_owner_max: 100,
            rooms_per_session_max: 20,
            admins_max: 5,
            sanctions_max: 10_000,
            bans_page_max: 100,
            notice_bytes_max: 12 * 1024,
            tallies_max: 20,
            tally_key_bytes_max: 128,
            recall_window: Duration::from_secs(3600),
            recallable_max: 1000,
            recalls_per_call_max: 10,
            recall_reason_bytes_max: 100,
            pins_max: 10,
            pinnable_max: 100,
            slow_mode_secs_max: 3600,
            words_max: 100_000,
            room_words_max: 200,
            grace: Duration::from_secs(30),
            restart_grace: Duration::from_secs(90),
            join_settle: Duration::from_millis(1000),
            duplicate_window: Duration::from_secs(300),
            duplicates_max: 12_000,
            members_listed_max: 1000,
            members_page: 250,
            seq_block: 10_000,
            counter_notice_every: Duration::from_secs(1),
            history_age_max: Duration::from_secs(24 * 3600),
            direct_per_second_per_user: 10,
            direct_marks_per_second_per_user: 200,
            direct_recall_window: Duration::from_secs(120),
            direct_age_max: Duration::from_secs(7 * 24 * 3600),
            direct_page_max: 100,
            direct_page_bytes_max: 128 * 1024,
            direct_sync_max: 300,
            direct_duplicates_max: 65_536,
            lookups_max: 4096,
            blacklist_max: 1000,
            presence_subscriptions_max: 200,
            presence_subscriptions_per_call_max: 100,
            presence_text_bytes_max: 256,
            presence_notice_every: Duration::from_secs(1),
            attributes_max: 16,
            attribute_key_bytes_max: 32,
            attribute_value_bytes_max: 4000,
            attributes_bytes_max: 16_000,
        }
    }
}
