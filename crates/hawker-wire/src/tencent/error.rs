//! Refusals in the vendor's numbers (`messages-and-limits.md` §10).

use hawker_core::Refusal;
use std::fmt;

/// An error as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireError {
    /// The official number.
    pub code: u32,
    /// What is wrong, for a developer.
    pub info: String,
}

impl WireError {
    /// An error.
    pub fn new(code: u32, info: impl Into<String>) -> Self {
        Self { code, info: info.into() }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.info)
    }
}

/// The families of numbers: the same fault has another number in each service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `group_open_*`, and our own.
    Group,
    /// `im_open_login_svc`, `im_open_status`.
    Login,
    /// `profile`.
    Profile,
    /// `openim`, `recentcontact`, `sns`: direct messages.
    Direct,
    /// The same over REST.
    DirectRest,
    /// `live_shop`.
    Shop,
    /// Everything else.
    Other,
}

impl Family {
    /// The family of a service.
    pub fn of(service: &str) -> Self {
        match service {
            "im_open_login_svc" | "im_open_status" => Family::Login,
            "profile" => Family::Profile,
            service if service.starts_with("group_open") || service.starts_with("million_group") => Family::Group,
            "hawker_room" | "hawker_words" | "live_media" => Family::Group,
            "live_shop" => Family::Shop,
            "openim" | "recentcontact" | "sns" => Family::Direct,
            _ => Family::Other,
        }
    }

    /// The family of a service over REST.
    pub fn over_rest(service: &str) -> Self {
        match Self::of(service) {
            Family::Direct => Family::DirectRest,
            family => family,
        }
    }

    /// A field is missing or wrong; `about` names it.
    pub fn bad_field(self, about: &str) -> u32 {
        let named = |(field, _): &&(&str, u32)| about.contains(field);
        match self {
            Family::Direct | Family::DirectRest => {
                DIRECT_FIELDS.iter().find(named).map_or(90001, |(_, code)| *code)
            }
            family => family.bad_parameter(),
        }
    }

    /// A parameter is missing or wrong.
    pub fn bad_parameter(self) -> u32 {
        match self {
            Family::Group => 10004,
            Family::Login => 70402,
            Family::Profile => 40001,
            Family::Shop => super::decode::MALFORMED,
            Family::Direct | Family::DirectRest | Family::Other => 90001,
        }
    }
}

/// The fields of direct messages that have numbers of their own.
const DIRECT_FIELDS: [(&str, u32); 8] = [
    ("MsgRandom", 90005),
    ("MsgSeq", 90004),
    ("MsgBody", 90002),
    ("MsgLifeTime", 90044),
    ("SyncOtherMachine", 90031),
    ("To_Account", 90003),
    ("Peer_Account", 90003),
    ("From_Account", 90008),
];

/// A refusal in the numbers of a service. No default arm: a new refusal needs its number.
pub fn wire_error(refusal: &Refusal, family: Family) -> WireError {
    let code = match (refusal, family) {
        (Refusal::NotLoggedIn, _) => 20002,
        (Refusal::SessionEnded | Refusal::SignatureRevoked, _) => 70001,
        (Refusal::KickedByLogin | Refusal::KickedByAdmin, _) => 70001,
        (Refusal::AdminsOnly, Family::Login) => 70403,
        (Refusal::AdminsOnly, Family::Profile) => 40004,
        (Refusal::AdminsOnly, Family::Group | Family::Shop) => 10007,
        (Refusal::AdminsOnly, Family::Direct | Family::DirectRest | Family::Other) => 90009,
        (Refusal::BadParameter(field), family) => family.bad_field(field),
        (Refusal::TooLong { .. }, Family::Shop) => family.bad_parameter(),
        (Refusal::TooLong { field: "key", .. }, _) => 10045,
        (Refusal::TooLong { field: "value", .. }, _) => 10046,
        (Refusal::TooLong { field: "all attributes", .. }, _) => 10048,
        (Refusal::TooLong { .. }, Family::Profile | Family::Login) => 40601,
        (Refusal::TooLong { .. }, family) => family.bad_parameter(),
        (Refusal::MessageTooLong { .. }, Family::DirectRest) => 93000,
        (Refusal::MessageTooLong { .. }, _) => 80002,
        (Refusal::TooMany { what: "rooms", .. }, _) => 10036,
        (Refusal::TooMany { what: "rooms of one owner" | "rooms at once", .. }, _) => 10037,
        (Refusal::TooMany { what: "accounts", .. }, Family::Group) => 10005,
        (Refusal::TooMany { what: "accounts", .. }, Family::Direct | Family::DirectRest) => 90011,
        (Refusal::TooMany { what: "counters", .. }, _) => 10063,
        (Refusal::TooMany { what: "attributes", .. }, _) => 10047,
        (Refusal::TooMany { what: "changes of attributes a second", .. }, _) => 10049,
        (Refusal::TooMany { what: "pinned messages", .. }, _) => 10070,
        (Refusal::TooMany { .. }, family) => family.bad_parameter(),
        (Refusal::RoomMissing, _) => 10010,
        (Refusal::BadRoomId, _) => 10015,
        (Refusal::BadUserId, family) => family.bad_parameter(),
        (Refusal::RoomTaken, _) => 10021,
        (Refusal::RoomTakenByYou, _) => 10025,
        (Refusal::NotALiveRoom, _) => 10007,
        (Refusal::NotMember | Refusal::Anonymous | Refusal::NotAllowed | Refusal::Banned { .. }, _) => 10007,
        (Refusal::Muted { .. } | Refusal::AllMuted, _) => 10017,
        (Refusal::OwnerCannotLeave, _) => 10009,
        (Refusal::AccountMissing, Family::Login) => 70107,
        (Refusal::AccountMissing, Family::Profile) => 40003,
        (Refusal::AccountMissing, Family::Group | Family::Shop) => 10019,
        (Refusal::AccountMissing, Family::Direct) => 20003,
        (Refusal::AccountMissing, Family::DirectRest) => 90012,
        (Refusal::AccountMissing, Family::Other) => 90048,
        (Refusal::TallyReserved | Refusal::TallyOverflow, family) => family.bad_parameter(),
        (Refusal::MessageMissing, _) => 10030,
        (Refusal::RecallTooLate, _) => 10031,
        (Refusal::RecallNotAllowed, _) => 10032,
        (Refusal::TooOften, Family::Direct | Family::DirectRest) => 60007,
        (Refusal::Blocked, _) => 20007,
        (Refusal::DirectMissing, _) => 20022,
        (Refusal::AlreadyRecalled, _) => 20023,
        (Refusal::DirectRecallTooLate, _) => 20016,
        (Refusal::Busy, _) => 91000,
        (Refusal::AttributesChanged, _) => 10056,
        (Refusal::AttributeMissing, _) => 10050,
        (Refusal::TooOften | Refusal::SlowMode { .. }, _) => 10023,
        (Refusal::WordRejected, _) => 80001,
        (Refusal::AlreadyPinned, _) => 10071,
        (Refusal::UnknownTag, _) => 40009,
        (Refusal::BadTagValue, _) => 40610,
        (Refusal::Shop(refusal), _) => refusal.number(),
    };
    WireError::new(code, refusal.to_string())
}
