//! Where users may put files, and the clearing away of old ones.

use crate::metrics::Metrics;
use crate::secrets;
use crate::shared::Shared;
use hawker_core::file::{FileId, FileKind, Permit};
use hawker_core::{AppId, UserId};
use hawker_files::{Refused, Version};
use hawker_wire::files::grant;
use hawker_wire::tencent::decode::Upload;
use hawker_wire::tencent::envelope::outcome_body;
use hawker_wire::tencent::error::WireError;
use hawker_wire::tencent::reply::{self, UploadAnswer};
use std::sync::Arc;
use std::time::Duration;

/// What a client that does not say how long it wants to take gets: the official SDKs' own wish.
const SECS: u64 = 900;

/// The path of a smaller version of a picture.
fn small(file: FileId, version: Version) -> String {
    format!("{}{file}/{}", grant::FILES, version.name())
}

impl Shared {
    /// The answer to a user who wants to put a file. `origin` is how the user's connection reached this server.
    pub fn upload_answer(&self, app: AppId, user: &UserId, upload: &Upload, origin: Option<&str>) -> String {
        match self.upload_address(app, user, upload, origin) {
            Ok(body) => body,
            Err(error) => outcome_body(error.code, &error.info),
        }
    }

    fn upload_address(
        &self,
        app: AppId,
        user: &UserId,
        upload: &Upload,
        origin: Option<&str>,
    ) -> Result<String, WireError> {
        let config = &self.config.files;
        let origin = config.public_url.as_deref().or(origin).map(|origin| origin.trim_end_matches('/'));
        let origin = origin.ok_or_else(|| {
            WireError::new(60002, "the connection named no host, and files.public_url is not configured")
        })?;
        let permit = self.permit(app, user, upload).map_err(|refused| wire_error(&refused))?;
        Metrics::bump(&self.metrics.upload_addresses_total);
        let at = |path: String| format!("{origin}{path}");
        let small = [Version::Thumb, Version::Large].map(|version| at(small(permit.file, version)));
        let [thumb, large] = &small;
        Ok(reply::upload(&UploadAnswer {
            upload: &at(self.grants.sign(&permit)),
            download: &at(grant::original(permit.file, permit.extension)),
            small: (permit.kind == FileKind::Image).then_some([thumb, large]),
            id: &permit.file.to_string(),
            until: permit.until,
        }))
    }

    fn permit(&self, app: AppId, user: &UserId, upload: &Upload) -> Result<Permit, Refused> {
        let (config, now) = (&self.config.files, self.clock.now());
        let bytes_max = config.bytes_max(upload.kind);
        if upload.bytes.is_some_and(|bytes| bytes > bytes_max) {
            return Err(Refused::TooLarge(bytes_max));
        }
        self.files.may_sign(app, user, upload.bytes.unwrap_or(1), now)?;
        let secs = upload.secs.unwrap_or(SECS).min(config.signature_secs);
        Ok(Permit {
            app,
            user: user.clone(),
            file: FileId(u128::from_ne_bytes(secrets::bytes())),
            kind: upload.kind,
            extension: upload.extension,
            bytes_max: upload.bytes.unwrap_or(bytes_max),
            until: now + Duration::from_secs(secs),
            name: upload.name.clone(),
        })
    }
}

/// A refusal in the numbers of the wire. The vendor has none for quotas; they get those of asking too much.
fn wire_error(refused: &Refused) -> WireError {
    let code = match refused {
        Refused::TooOften(_) => 60007,
        Refused::UserFull(_) | Refused::UserDayFull(_) | Refused::AppFull(_) | Refused::AppDayFull(_) => 60018,
        Refused::TooLarge(_) => 90001,
        // The rest is found out when the file comes in.
        _ => 60008,
    };
    WireError::new(code, refused.to_string())
}

/// Clears away old files, for as long as the server runs.
pub async fn sweep(shared: Arc<Shared>) {
    let mut round = tokio::time::interval(Duration::from_secs(shared.config.files.sweep_secs));
    loop {
        round.tick().await;
        match shared.files.sweep(shared.clock.now()).await {
            Ok(gone) => {
                let expired = &shared.metrics.files_expired_total;
                expired.fetch_add(gone as u64, std::sync::atomic::Ordering::Relaxed);
            }
            Err(error) => tracing::warn!(%error, "old files could not be cleared away, trying again"),
        }
    }
}
