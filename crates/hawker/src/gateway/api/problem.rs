//! What went wrong, as RFC 9457 wants it told. Clients go by the code; status, title and detail are for people and proxies.

use crate::console::NotIn;
use crate::gateway::AskError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hawker_core::shop::ShopRefusal;
use hawker_core::{Refusal, Time};
use hawker_store::StoreError;
use hawker_wire::json;

/// A problem, and the answer that tells of it.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    fields: Vec<(String, String)>,
    /// What else there is to tell, by name and as JSON.
    members: Vec<(&'static str, String)>,
    retry_after: Option<u64>,
}

macro_rules! faults { ($($(#[$doc:meta])* $name:ident = $status:ident, $code:literal, $text:literal;)*) => {
    /// What goes wrong before the rules are asked.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Fault { $($(#[$doc])* $name,)* }

    impl Fault {
        /// All of them.
        #[cfg(test)]
        const ALL: &[Fault] = &[$(Fault::$name,)*];

        fn told(self) -> (StatusCode, &'static str, &'static str) {
            match self { $(Self::$name => (StatusCode::$status, $code, $text),)* }
        }
    }
} }

faults! {
    /// Nobody is logged in, and there is no key.
    NotLoggedIn = UNAUTHORIZED, "not_logged_in", "log in, or send a key";
    /// The session is over, or never was.
    SessionEnded = UNAUTHORIZED, "session_ended", "the session has ended, log in again";
    /// The key is none of ours.
    BadKey = UNAUTHORIZED, "bad_key", "there is no such key";
    /// A notification that was not signed by who should have.
    BadSignature = UNAUTHORIZED, "bad_signature", "the signature is wrong or too old";
    /// A write without the token that goes with the session.
    Csrf = FORBIDDEN, "csrf", "X-CSRF-Token is missing or not that of the session";
    /// The key may not do this.
    ScopeMissing = FORBIDDEN, "scope_missing", "the key may not do this";
    /// Only somebody who is logged in may do this, no key.
    ConsoleOnly = FORBIDDEN, "console_only", "no key may do this, only somebody who is logged in";
    /// Name and password do not belong together.
    WrongPassword = UNAUTHORIZED, "wrong_password", "name or password is wrong";
    /// The old password is not the old password.
    WrongOldPassword = FORBIDDEN, "wrong_password", "the old password is wrong";
    /// The link that sets up is not good.
    WrongToken = FORBIDDEN, "wrong_token", "the link is not good, or was used already";
    /// Guessed too often.
    TooOften = TOO_MANY_REQUESTS, "too_often", "too many wrong guesses, try later";
    /// There is no such thing.
    NotFound = NOT_FOUND, "not_found", "there is no such thing";
    /// It is there, but cannot be asked like this.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method_not_allowed", "it cannot be asked like this";
    /// The body is no JSON, or the address has something strange in it.
    BadRequest = BAD_REQUEST, "bad_request", "the request cannot be read";
    /// The body has another type.
    BadContentType = UNSUPPORTED_MEDIA_TYPE, "bad_content_type", "the body must be application/json";
    /// The body is larger than it may be.
    TooLarge = PAYLOAD_TOO_LARGE, "too_large", "the body is too large";
    /// A picture that is none, or of another format than it says.
    BadPicture = UNPROCESSABLE_ENTITY, "bad_picture", "the picture cannot be read";
    /// There is no room for another file.
    StorageFull = CONFLICT, "storage_full", "there is no room for another file";
    /// Lines of a table that cannot be taken; they are named.
    BadRows = UNPROCESSABLE_ENTITY, "bad_rows", "some lines cannot be taken, nothing was imported";
    /// A field is missing or wrong.
    BadParameter = UNPROCESSABLE_ENTITY, "bad_parameter", "a field is missing or not valid";
    /// The key came with another request before.
    KeyReused = CONFLICT, "key_reused", "the idempotency key came with another request before";
    /// There is one of this name.
    NameTaken = CONFLICT, "name_taken", "there is one of this name";
    /// There are as many as there may be.
    TooMany = CONFLICT, "too_many", "there are as many as there may be";
    /// Nobody could log in any more.
    LastUser = CONFLICT, "last_user", "the last user stays: nobody could log in any more";
    /// An endpoint in a private network.
    PrivateAddress = UNPROCESSABLE_ENTITY, "private_address", "the address is in a private network";
    /// Too much is being asked: try again.
    Busy = SERVICE_UNAVAILABLE, "busy", "the server is busy, try again";
    /// Our own fault.
    Internal = INTERNAL_SERVER_ERROR, "internal", "something is wrong with the server";
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let (status, code, detail) = fault.told();
        let retry_after = (fault == Fault::Busy).then_some(1);
        Self { status, code, detail: detail.into(), fields: Vec::new(), members: Vec::new(), retry_after }
    }
}

impl From<ShopRefusal> for Problem {
    fn from(refusal: ShopRefusal) -> Self {
        Refusal::from(refusal).into()
    }
}

impl Problem {
    /// A field is missing or wrong.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        let (field, message) = (field.into(), message.into());
        let detail = format!("{field}: {message}");
        Self { detail, fields: vec![(field, message)], ..Fault::BadParameter.into() }
    }

    /// With other words.
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// With something more to tell, as JSON.
    pub fn with_member(mut self, name: &'static str, json: String) -> Self {
        self.members.push((name, json));
        self
    }

    /// Whether it is this one.
    pub fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// It is about a field.
    pub fn at_field(mut self, field: &str) -> Self {
        self.fields.push((field.into(), self.detail.clone()));
        self
    }

    fn later(until: Time, now: Time) -> Self {
        let secs = until.since(now).as_millis().div_ceil(1000).max(1) as u64;
        Self { retry_after: Some(secs), ..Fault::TooOften.into() }
    }

    /// Somebody did not get in.
    pub fn not_in(why: NotIn, wrong: Fault, now: Time) -> Self {
        match why {
            NotIn::Wrong => wrong.into(),
            NotIn::Later(until) => Self::later(until, now),
            NotIn::Busy => Fault::Busy.into(),
            NotIn::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not answer a request");
        Fault::Internal.into()
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Refused(refusal) => refusal.into(),
            AskError::Late | AskError::Gone => Fault::Busy.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = status(&refusal);
        let detail = refusal.to_string();
        let fields = match &refusal {
            Refusal::BadParameter(field) | Refusal::TooLong { field, .. } => {
                vec![((*field).to_owned(), detail.clone())]
            }
            _ => Vec::new(),
        };
        let retry_after = matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS);
        let retry_after = retry_after.then_some(1);
        Self { status, code: refusal.code(), detail, fields, members: Vec::new(), retry_after }
    }
}

/// The status of a refusal. No default arm: a new refusal needs its status.
fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotLoggedIn
        | Refusal::SessionEnded
        | Refusal::KickedByLogin
        | Refusal::KickedByAdmin
        | Refusal::SignatureRevoked => StatusCode::UNAUTHORIZED,
        Refusal::AdminsOnly
        | Refusal::NotMember
        | Refusal::Anonymous
        | Refusal::NotAllowed
        | Refusal::Muted { .. }
        | Refusal::AllMuted
        | Refusal::Banned { .. }
        | Refusal::RecallNotAllowed
        | Refusal::Blocked => StatusCode::FORBIDDEN,
        Refusal::RoomMissing
        | Refusal::AccountMissing
        | Refusal::MessageMissing
        | Refusal::DirectMissing
        | Refusal::AttributeMissing => StatusCode::NOT_FOUND,
        Refusal::RoomTaken
        | Refusal::RoomTakenByYou
        | Refusal::OwnerCannotLeave
        | Refusal::TooMany { .. }
        | Refusal::RecallTooLate
        | Refusal::AlreadyRecalled
        | Refusal::DirectRecallTooLate
        | Refusal::AttributesChanged
        | Refusal::AlreadyPinned => StatusCode::CONFLICT,
        Refusal::BadParameter(_)
        | Refusal::TooLong { .. }
        | Refusal::MessageTooLong { .. }
        | Refusal::BadRoomId
        | Refusal::BadUserId
        | Refusal::NotALiveRoom
        | Refusal::TallyReserved
        | Refusal::TallyOverflow
        | Refusal::WordRejected
        | Refusal::UnknownTag
        | Refusal::BadTagValue => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::TooOften | Refusal::SlowMode { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Shop(refusal) => shop_status(*refusal),
    }
}

fn shop_status(refusal: ShopRefusal) -> StatusCode {
    use ShopRefusal::*;
    match refusal {
        GoodsMissing | SkuMissing | CouponMissing | OrderMissing | GiftMissing | PaymentMissing | SaleMissing
        | ClaimMissing => StatusCode::NOT_FOUND,
        SoldOut | SaleNotRunning | OverLimit | CouponGone | CouponNotNow | CouponBelowThreshold
        | CouponNotForGoods | ClaimSpent | OrderState | PriceChanged | TransactionReused | BalanceLow
        | NotForSale | TooLate | StockInUse | RefundTooMuch | NotYourself | KeyReused => StatusCode::CONFLICT,
        AmountMismatch | CurrencyMismatch | BadAmount | OrderEmpty => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// What a code says to people: its words.
fn title(code: &str) -> String {
    let mut title = code.replace('_', " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json::object(|body| {
            body.text("type", &format!("/docs/errors#{}", self.code)).text("title", &title(self.code));
            body.number("status", self.status.as_u16()).text("detail", &self.detail).text("code", self.code);
            if !self.fields.is_empty() {
                body.list("fields", &self.fields, |out, (field, message)| {
                    json::object_into(out, |one| _ = one.text("field", field).text("message", message));
                });
            }
            for (name, json) in &self.members {
                body.raw(name, json);
            }
        });
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let mut response = (self.status, [kind], body).into_response();
        if let Some(secs) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_a_code_and_a_title_in_words() {
        assert_eq!(title("room_taken_by_you"), "Room taken by you");
        assert_eq!(title(""), "");
        let problem = Problem::from(Refusal::TooLong { field: "name", limit: 30 });
        assert_eq!((problem.status.as_u16(), problem.code), (422, "too_long"));
        assert_eq!(problem.fields[0].0, "name");
    }

    #[test]
    fn every_code_is_explained_where_its_address_leads() {
        let page = include_str!("../../../../../docs/errors.md");
        let faults = Fault::ALL.iter().map(|fault| fault.told().1);
        for code in faults.chain(ShopRefusal::ALL.iter().map(|refusal| refusal.code())) {
            assert!(page.contains(&format!("\n### {code}\n")), "{code}");
        }
    }

    #[test]
    fn who_must_wait_is_told_how_long() {
        let wait = |millis: u64| Problem::later(Time(10_000 + millis), Time(10_000)).retry_after;
        assert_eq!((wait(1), wait(1000), wait(1001), wait(0)), (Some(1), Some(1), Some(2), Some(1)));
    }
}
