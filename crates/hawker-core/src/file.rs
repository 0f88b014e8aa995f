//! Files that users send: what they are called and who may put one where.
//!
//! The rules of rooms do not know files; a message only carries their addresses. What is said here is shared by
//! those who sign addresses and those who keep the files.

use crate::id::{AppId, UserId};
use crate::time::Time;
use std::fmt;

/// A file's name: 128 random bits, which nobody guesses. Written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u128);

impl FileId {
    /// Reads what [`fmt::Display`] writes, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        digits.then(|| u128::from_str_radix(text, 16).ok().map(Self))?
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileId({self})")
    }
}

/// What a message shows a file as.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum FileKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound.
    Sound,
    /// Anything else: to be downloaded, never shown.
    Other,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [FileKind; 4] = [Self::Image, Self::Video, Self::Sound, Self::Other];

    /// A stable number, the official one (`file_type`).
    pub fn number(self) -> u8 {
        match self {
            Self::Image => 1,
            Self::Video => 2,
            Self::Sound => 3,
            Self::Other => 255,
        }
    }

    /// The kind of a number.
    pub fn of_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| u32::from(kind.number()) == number)
    }
}

/// Whose the files of the shop itself are: nobody's, for no user has an empty name. They are of no user's quota, and are
/// kept as long as the shop is.
pub const SHOP: &str = "";

/// The permission to put one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permit {
    /// The app that it belongs to.
    pub app: AppId,
    /// Who may.
    pub user: UserId,
    /// What the file will be called.
    pub file: FileId,
    /// What it must be.
    pub kind: FileKind,
    /// How its address ends, without the dot; may be empty. One of a few that a wire knows.
    pub extension: &'static str,
    /// The most bytes that it may have.
    pub bytes_max: u64,
    /// Until when.
    pub until: Time,
    /// What its user calls it: a plain name without folders, for downloads.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_id_is_read_as_it_is_written() {
        for id in [FileId(0), FileId(7), FileId(u128::MAX)] {
            assert_eq!(FileId::parse(&id.to_string()), Some(id));
        }
        let good = FileId(0xabc).to_string();
        for bad in ["", "abc", &good.to_uppercase(), &good[1..], &format!("{good}0"), &good.replace('0', "+")] {
            assert_eq!(FileId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn kinds_have_their_official_numbers() {
        for kind in FileKind::ALL {
            assert_eq!(FileKind::of_number(kind.number().into()), Some(kind));
        }
        assert_eq!(FileKind::of_number(4), None);
        assert_eq!(FileKind::of_number(257), None);
    }
}
