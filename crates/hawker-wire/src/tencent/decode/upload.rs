//! `im_cos_msg`: where a client may put a file (`wire-protocol.md` §11).

use super::{Asked, Read, Shape, Via};
use crate::files::name;
use crate::tencent::error::WireError;
use hawker_core::command::Command;
use hawker_core::file::FileKind;
use serde::Deserialize;

/// What a client wants to put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// What it is.
    pub kind: FileKind,
    /// What it is called: a plain name without folders.
    pub name: String,
    /// How its address ends, without the dot; may be empty.
    pub extension: &'static str,
    /// How long the client wants to take, in seconds.
    pub secs: Option<u64>,
    /// Its size in bytes, if the client says it. Ours do, so that what is too large is refused before it is sent.
    pub bytes: Option<u64>,
}

#[derive(Deserialize)]
struct PreSig {
    file_type: u32,
    file_name: String,
    #[serde(rename = "Duration", alias = "duration")]
    secs: Option<u64>,
    #[serde(rename = "file_size")]
    bytes: Option<u64>,
}

impl Read<'_> {
    /// Files belong to users, so an administrator's REST call has no use for it.
    pub(super) fn pre_sig(&self) -> Result<Asked, WireError> {
        if self.ctx.via == Via::Http {
            return Err(self.unknown("pre_sig"));
        }
        let body: PreSig = self.body()?;
        let bad = |info: &str| WireError::new(self.family.bad_parameter(), info);
        let kind = FileKind::of_number(body.file_type);
        let kind = kind.ok_or_else(|| bad("file_type is 1 image, 2 video, 3 sound or 255 file"))?;
        if body.secs == Some(0) {
            return Err(bad("Duration must be at least 1"));
        }
        if body.bytes == Some(0) {
            return Err(bad("file_size must be at least 1"));
        }
        let name = name::plain(&body.file_name);
        let extension = name::extension(kind, &name);
        let upload = Upload { kind, name, extension, secs: body.secs, bytes: body.bytes };
        Ok(Asked::Rules(Command::Whoami, Shape::Upload(upload)))
    }
}
