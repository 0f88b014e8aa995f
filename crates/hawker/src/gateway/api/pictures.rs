//! Pictures of the shop: of goods, of gifts. They are kept as long as the shop is.

use super::audit::About;
use super::auth::{self, Caller};
use super::problem::{Fault, Problem};
use crate::gateway::Gateway;
use crate::gateway::files::{NotTaken, refusal, take_body};
use crate::secrets;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use hawker_core::UserId;
use hawker_core::file::{FileId, FileKind, Permit, SHOP};
use hawker_files::Refused;
use hawker_wire::files::grant;
use serde::Serialize;
use std::time::Duration;

/// The formats that a browser shows, and how their addresses end.
const FORMATS: [(&str, &str); 4] =
    [("image/png", "png"), ("image/jpeg", "jpg"), ("image/webp", "webp"), ("image/gif", "gif")];
/// How long one may take to come in.
const TIME: Duration = Duration::from_secs(600);

/// Where a picture is.
#[derive(Serialize)]
pub struct Picture {
    url: String,
}

/// `POST /api/v1/pictures`.
pub async fn add(
    State(gateway): State<Gateway>,
    caller: Caller,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let format = FORMATS.iter().find(|(known, _)| *known == kind);
    let wrong = || Problem::from(Fault::BadContentType).with_detail("the body must be a PNG, JPEG, WebP or GIF");
    let (_, extension) = format.ok_or_else(wrong)?;
    let permit = Permit {
        app: caller.app,
        user: UserId::from(SHOP),
        file: FileId(u128::from_ne_bytes(secrets::bytes())),
        kind: FileKind::Image,
        extension,
        bytes_max: gateway.shared.config.files.bytes_max(FileKind::Image),
        until: gateway.shared.clock.now() + TIME,
        name: "picture".into(),
    };
    let origin = auth::origin(&gateway, request.headers()).unwrap_or_default();
    let record = take_body(&gateway, permit, request).await?;
    let path = grant::original(record.file, extension);
    Ok((StatusCode::CREATED, Extension(About(path.clone())), Json(Picture { url: format!("{origin}{path}") })))
}

impl From<NotTaken> for Problem {
    fn from(not_taken: NotTaken) -> Self {
        let fault = match &not_taken {
            NotTaken::Grant(_) | NotTaken::CutOff | NotTaken::BadForm(_) => Fault::BadRequest,
            NotTaken::Refused(refused) => match refused {
                Refused::TooLarge(_) | Refused::LargePicture(_) => Fault::TooLarge,
                Refused::WrongType(_) | Refused::BadPicture(_) | Refused::Empty => Fault::BadPicture,
                Refused::UserFull(_) | Refused::UserDayFull(_) | Refused::AppFull(_) | Refused::AppDayFull(_) => {
                    Fault::StorageFull
                }
                Refused::TooOften(_)
                | Refused::UserBusy(_)
                | Refused::Busy
                | Refused::PicturesBusy
                | Refused::Taken
                | Refused::UnderWay => Fault::Busy,
                Refused::Fault(_) => Fault::Internal,
            },
        };
        let (_, words) = refusal(&not_taken);
        Self::from(fault).with_detail(words)
    }
}
