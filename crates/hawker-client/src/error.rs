//! Every way a call can fail, with the number an official web SDK would show for it.

use std::time::Duration;

use crate::protocol::FrameError;

/// Why a call of the client failed.
///
/// [`Error::code`] gives one number for each: the server's own where the server refused, otherwise the code of the
/// official web SDKs for the same situation, so that code ported from them keeps its comparisons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server understood the request and said no.
    #[error("{command} refused with {code}: {text}")]
    Refused {
        /// `service.command` that was refused.
        command: String,
        /// The server's `ErrorCode`, e.g. 10017 for a muted member.
        code: u32,
        /// The server's `ErrorInfo`, meant for developers.
        text: String,
    },
    /// No answer came in time. The request may or may not have taken effect.
    #[error("{command} was not answered within {after:?}")]
    Timeout {
        /// `service.command` that was sent.
        command: String,
        /// How long was waited: [`Limits::request_timeout`](crate::Limits::request_timeout), for a login
        /// [`Limits::login_timeout`](crate::Limits::login_timeout).
        after: Duration,
    },
    /// The connection broke after the request was sent and before it was answered, and sending it twice could do it
    /// twice. Requests that may be repeated are repeated on the next connection instead of failing so.
    #[error("the connection was lost before {command} was answered")]
    Interrupted {
        /// `service.command` that was sent.
        command: String,
    },
    /// There is no connection and the reconnect policy has given up. The next request starts it again.
    #[error("no connection: {reason}")]
    Disconnected {
        /// What the last attempt failed with.
        reason: String,
    },
    /// The call needs a logged-in user.
    #[error("not logged in")]
    NotLoggedIn,
    /// A second login while somebody is logged in, or while one is under way.
    #[error("already logged in, or a login is under way")]
    RepeatedLogin,
    /// The user was logged out by the server while the request waited.
    #[error("kicked out: {0}")]
    Kicked(crate::KickReason),
    /// The user logged out while the request waited.
    #[error("logged out")]
    LoggedOut,
    /// More requests wait than [`Limits::requests_max`](crate::Limits::requests_max) allows.
    #[error("too many requests are waiting")]
    TooManyRequests,
    /// The server asked to hold this command back for a while, and the time is not over.
    #[error("{command} is held back at the server's request for another {left:?}")]
    HeldBack {
        /// `service.command` held back.
        command: String,
        /// Time until it is allowed again.
        left: Duration,
    },
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
    /// The address is not one this client can connect to.
    #[error("not a usable address: {0}")]
    Address(String),
    /// The server's answer lacks something this call needs.
    #[error("unexpected answer to {command}: {problem}")]
    Answer {
        /// `service.command` that was answered.
        command: String,
        /// What is wrong with the answer.
        problem: String,
    },
    /// The store did not take an upload.
    #[error("the upload failed{}: {text}", if *status > 0 { format!(" with {status}") } else { String::new() })]
    Upload {
        /// The HTTP status; 0 if there was no answer.
        status: u16,
        /// Why.
        text: String,
    },
    /// A frame of the server could not be read.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

impl Error {
    /// The official number of this error (web SDK codes for what never reached the server).
    pub fn code(&self) -> u32 {
        match self {
            Error::Refused { code, .. } => *code,
            Error::Timeout { .. } => 2801,
            Error::Interrupted { .. } | Error::Address(_) | Error::Answer { .. } | Error::Frame(_) => 2800,
            Error::Disconnected { .. } => 2805,
            Error::Upload { .. } => 2041,
            Error::NotLoggedIn => 2024,
            Error::RepeatedLogin => 2025,
            Error::Kicked(reason) => reason.code(),
            Error::LoggedOut => 3005,
            Error::TooManyRequests => 2996,
            Error::HeldBack { .. } => 60022,
            Error::Closed => 2999,
        }
    }

    /// Whether the same call may succeed later without anything being changed by the caller.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Error::Timeout { .. }
                | Error::Interrupted { .. }
                | Error::Disconnected { .. }
                | Error::TooManyRequests
                | Error::HeldBack { .. }
        )
    }
}
