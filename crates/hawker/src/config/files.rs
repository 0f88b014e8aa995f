//! Configuration of the files that users send.

use super::section;
use crate::origin::OriginRule;
use hawker_core::file::FileKind;
use hawker_files::{FileBounds, PictureBounds, Place, S3};
use serde::Deserialize;
use std::path::Path;
use std::time::Duration;

section! {
    /// Pictures and other files that users send.
    FilesConfig {
        /// How clients reach this server, for the addresses of files; without it, as the sender's connection did.
        public_url: Option<String> = None,
        /// A proxy in front of this server sets `X-Forwarded-Proto`, `X-Forwarded-Host` and `X-Forwarded-For`.
        trust_forwarded: bool = false,
        /// Days that files are kept; 0 is for ever.
        keep_days: u32 = 30,
        /// Bytes of a picture.
        image_bytes_max: u64 = 28 << 20,
        /// Bytes of a sound.
        sound_bytes_max: u64 = 28 << 20,
        /// Bytes of a film.
        video_bytes_max: u64 = 100 << 20,
        /// Bytes of any other file.
        other_bytes_max: u64 = 100 << 20,
        /// Bytes that one user may have stored.
        user_bytes_max: u64 = 2 << 30,
        /// Bytes that one user may send in a day (UTC).
        user_bytes_per_day: u64 = 500 << 20,
        /// Bytes that all users of an app may have stored.
        app_bytes_max: u64 = 100 << 30,
        /// Bytes that they may send in a day (UTC).
        app_bytes_per_day: u64 = 20 << 30,
        /// Seconds that an address to put a file is good for, at most.
        signature_secs: u64 = 3600,
        /// Such addresses that one user may ask for in a minute.
        signatures_per_minute: u32 = 30,
        /// Files that may come in at once.
        uploads_max: usize = 64,
        /// Files that one user may be sending at once.
        uploads_per_user_max: u32 = 4,
        /// Seconds that a file may take to come in.
        upload_secs: u64 = 600,
        /// Seconds without a byte of it after which it is given up.
        upload_stalled_secs: u64 = 30,
        /// Pixels of the longer side of a picture.
        image_side_max: u32 = 16_384,
        /// Pixels of a picture in all.
        image_pixels_max: u64 = 50_000_000,
        /// Bytes of memory that decoding one may take.
        image_alloc_bytes_max: u64 = 256 << 20,
        /// Pictures that are decoded at once.
        decodes_max: usize = 2,
        /// Pictures that may wait for that.
        decodes_waiting_max: usize = 32,
        /// Seconds between two rounds of clearing away what is too old.
        sweep_secs: u64 = 60,
        /// Files that one round takes.
        sweep_files_max: usize = 500,
        /// A bucket to keep the files in, instead of the data folder.
        s3: Option<S3Config> = None,
    }
}

/// A bucket of an S3-compatible store.
#[derive(Clone, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// Its address; by default Amazon's own.
    pub endpoint: Option<String>,
    /// The bucket.
    pub bucket: String,
    /// The region.
    #[serde(default = "default_region")]
    pub region: String,
    /// Who we are.
    pub key_id: String,
    /// The proof.
    pub secret: String,
    /// What the names of our objects begin with.
    #[serde(default)]
    pub prefix: String,
    /// The bucket's name is part of the path, not of the host's name.
    #[serde(default)]
    pub path_style: bool,
}

fn default_region() -> String {
    "us-east-1".into()
}

impl std::fmt::Debug for S3Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Config")
            .field("endpoint", &self.endpoint)
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

impl S3Config {
    fn check(&self) -> Result<(), String> {
        for (name, text) in [("bucket", &self.bucket), ("key_id", &self.key_id), ("secret", &self.secret)] {
            if text.is_empty() {
                return Err(format!("files.s3.{name} is empty"));
            }
        }
        let plain = |endpoint: &String| endpoint.starts_with("https://") || endpoint.starts_with("http://");
        if !self.endpoint.as_ref().is_none_or(plain) {
            return Err("files.s3.endpoint must begin with https:// or http://".into());
        }
        Ok(())
    }
}

impl FilesConfig {
    /// What types cannot say.
    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(url) = &self.public_url
            && !crate::origin::is_public_url(url)
        {
            return Err("files.public_url must be http:// or https:// with a host, without query".into());
        }
        self.s3.as_ref().map_or(Ok(()), S3Config::check)?;
        for (name, number) in [
            ("image_bytes_max", self.image_bytes_max),
            ("sound_bytes_max", self.sound_bytes_max),
            ("video_bytes_max", self.video_bytes_max),
            ("other_bytes_max", self.other_bytes_max),
            ("signature_secs", self.signature_secs),
            ("signatures_per_minute", self.signatures_per_minute.into()),
            ("uploads_max", self.uploads_max as u64),
            ("uploads_per_user_max", self.uploads_per_user_max.into()),
            ("upload_secs", self.upload_secs),
            ("upload_stalled_secs", self.upload_stalled_secs),
            ("image_side_max", self.image_side_max.into()),
            ("image_pixels_max", self.image_pixels_max),
            ("image_alloc_bytes_max", self.image_alloc_bytes_max),
            ("decodes_max", self.decodes_max as u64),
            ("sweep_secs", self.sweep_secs),
            ("sweep_files_max", self.sweep_files_max as u64),
        ] {
            if number == 0 {
                return Err(format!("files.{name} must be at least 1"));
            }
        }
        // Semaphores cannot count further, and no machine could.
        if self.uploads_max > 100_000 || self.decodes_max > 1000 || self.decodes_waiting_max > 100_000 {
            return Err("files.uploads_max, decodes_max or decodes_waiting_max is too large".into());
        }
        Ok(())
    }

    /// Bytes that a file of a kind may have.
    pub fn bytes_max(&self, kind: FileKind) -> u64 {
        match kind {
            FileKind::Image => self.image_bytes_max,
            FileKind::Sound => self.sound_bytes_max,
            FileKind::Video => self.video_bytes_max,
            FileKind::Other => self.other_bytes_max,
        }
    }

    /// The bounds of the file store.
    pub fn bounds(&self) -> FileBounds {
        FileBounds {
            keep: (self.keep_days > 0).then(|| Duration::from_secs(u64::from(self.keep_days) * 24 * 3600)),
            user_bytes_max: self.user_bytes_max,
            user_bytes_per_day: self.user_bytes_per_day,
            app_bytes_max: self.app_bytes_max,
            app_bytes_per_day: self.app_bytes_per_day,
            signatures_per_minute: self.signatures_per_minute,
            uploads_max: self.uploads_max,
            uploads_per_user_max: self.uploads_per_user_max,
            decodes_max: self.decodes_max,
            decodes_waiting_max: self.decodes_waiting_max,
            picture: PictureBounds {
                side_max: self.image_side_max,
                pixels_max: self.image_pixels_max,
                alloc_bytes_max: self.image_alloc_bytes_max,
            },
            sweep_files_max: self.sweep_files_max,
        }
    }

    /// Where files are kept, for a server with this data folder.
    pub fn place(&self, data: &Path) -> Place {
        let Some(s3) = self.s3.clone() else { return Place::Folder(data.join("files")) };
        let S3Config { endpoint, bucket, region, key_id, secret, prefix, path_style } = s3;
        Place::S3(S3 { endpoint, bucket, region, key_id, secret, prefix, path_style })
    }

    /// How the addresses of files begin.
    pub fn origin_rule(&self) -> OriginRule {
        match (&self.public_url, self.trust_forwarded) {
            (Some(_), _) => OriginRule::Fixed,
            (None, true) => OriginRule::Forwarded,
            (None, false) => OriginRule::Host,
        }
    }
}
