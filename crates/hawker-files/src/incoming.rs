//! One file on its way in.

use crate::books::Hold;
use crate::bucket;
use crate::picture::{self, BadPicture, Picture};
use crate::{Fault, Files, Refused, Version};
use hawker_core::Time;
use hawker_core::file::{FileId, FileKind, Permit};
use hawker_store::FileRecord;
use hawker_wire::files::media;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::File;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt;
use tokio::sync::OwnedSemaphorePermit;

/// A file that is coming in. Dropped before it is finished, it leaves nothing.
///
/// The same bytes again, for a client that did not hear the answer, are taken and change nothing; other bytes under
/// the same name are refused.
pub struct Incoming {
    files: Arc<Files>,
    permit: Permit,
    now: Time,
    spool: tokio::fs::File,
    head: Vec<u8>,
    bytes: u64,
    hash: Sha256,
    /// The file is there already.
    known: Option<FileRecord>,
    held: Held,
}

/// What an incoming file takes up, until it is stored or dropped.
struct Held {
    hold: Hold,
    _place: OwnedSemaphorePermit,
    _under_way: UnderWay,
}

/// Nobody else sends this file meanwhile.
struct UnderWay(Arc<Mutex<HashSet<FileId>>>, FileId);

impl UnderWay {
    fn begin(set: &Arc<Mutex<HashSet<FileId>>>, file: FileId) -> Result<Self, Refused> {
        let new = set.lock().expect("nobody panics while holding the set").insert(file);
        if new { Ok(Self(set.clone(), file)) } else { Err(Refused::UnderWay) }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.lock().expect("nobody panics while holding the set").remove(&self.1);
    }
}

fn kind_name(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Image => "image",
        FileKind::Video => "video",
        FileKind::Sound => "sound",
        FileKind::Other => "file",
    }
}

impl Files {
    /// A file begins to come in. `declared` is its size, as far as its sender says it.
    pub async fn begin(
        self: &Arc<Self>,
        permit: Permit,
        declared: Option<u64>,
        now: Time,
    ) -> Result<Incoming, Refused> {
        match declared {
            Some(0) => return Err(Refused::Empty),
            Some(bytes) if bytes > permit.bytes_max => return Err(Refused::TooLarge(permit.bytes_max)),
            _ => {}
        }
        let place = self.uploads.clone().try_acquire_owned().map_err(|_| Refused::Busy)?;
        let under_way = UnderWay::begin(&self.under_way, permit.file)?;
        let mut hold = Hold::begin(&self.books, permit.app, &permit.user, now)?;
        let file = permit.file;
        let known = self.with_table(move |table| table.find(file)).await?;
        if known.is_none() {
            hold.at_least(declared.unwrap_or(0))?;
        }
        let folder = self.spool.clone();
        let spool = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await??;
        Ok(Incoming {
            files: self.clone(),
            permit,
            now,
            spool: tokio::fs::File::from_std(spool),
            head: Vec::with_capacity(media::HEAD_BYTES),
            bytes: 0,
            hash: Sha256::new(),
            known,
            held: Held { hold, _place: place, _under_way: under_way },
        })
    }
}

impl Incoming {
    /// Takes the next bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.permit.bytes_max {
            return Err(Refused::TooLarge(self.permit.bytes_max));
        }
        self.hash.update(bytes);
        if self.known.is_some() {
            return Ok(());
        }
        self.held.hold.at_least(self.bytes)?;
        if self.head.len() < media::HEAD_BYTES {
            let missing = media::HEAD_BYTES - self.head.len();
            self.head.extend_from_slice(&bytes[..bytes.len().min(missing)]);
            if self.head.len() == media::HEAD_BYTES {
                // No need to wait for the rest of what is not taken.
                self.media()?;
            }
        }
        Ok(self.spool.write_all(bytes).await?)
    }

    fn media(&self) -> Result<&'static str, Refused> {
        let kind = self.permit.kind;
        media::mime(kind, &self.head).ok_or(Refused::WrongType(kind_name(kind)))
    }

    /// All bytes are here: stores the file and says what it is. Goes on to its end even if nobody waits for it.
    pub async fn finish(mut self) -> Result<FileRecord, Refused> {
        let sha256: [u8; 32] = std::mem::take(&mut self.hash).finalize().into();
        if self.bytes == 0 {
            return Err(Refused::Empty);
        }
        if let Some(known) = self.known {
            return if known.sha256 == sha256 { Ok(known) } else { Err(Refused::Taken) };
        }
        let media = self.media()?;
        self.spool.flush().await?;
        let Self { files, permit, now, spool, bytes, held, .. } = self;
        let file = spool.into_std().await;
        let (file, picture) = match permit.kind {
            FileKind::Image => {
                let (file, picture) = files.look(file).await?;
                (file, Some(picture))
            }
            _ => (file, None),
        };
        let small = picture.as_ref().map_or(0, |picture| picture.thumb.len() + picture.large.len());
        let size = picture.as_ref().map(|picture| picture.size);
        let record = FileRecord {
            file: permit.file,
            app: permit.app,
            user: permit.user,
            kind: permit.kind,
            extension: permit.extension.to_owned(),
            name: permit.name,
            media: media.to_owned(),
            bytes,
            bytes_in_all: bytes + small as u64,
            sha256,
            width: size.map_or(0, |size| size.width),
            height: size.map_or(0, |size| size.height),
            small_media: picture.as_ref().map_or("", |picture| picture.small_media).to_owned(),
            made_at: now,
        };
        // On its own: a client that hangs up now must not leave half of it.
        tokio::spawn(async move { files.keep(record, file, picture, held).await }).await?
    }
}

impl Files {
    /// Looks at a picture, when it is its turn.
    async fn look(&self, file: File) -> Result<(File, Picture), Refused> {
        let waiting = self.decodes_waiting.clone().try_acquire_owned().map_err(|_| Refused::PicturesBusy)?;
        let turn = self.decodes.clone().acquire_owned().await.expect("the semaphore is never closed");
        let bounds = self.bounds.picture;
        let looked = tokio::task::spawn_blocking(move || {
            let seen = picture::look(&file, bounds);
            drop((turn, waiting));
            (file, seen)
        });
        let (file, seen) = looked.await.map_err(|_| Refused::BadPicture("the decoder gave up".into()))?;
        let picture = seen.map_err(|bad| match bad {
            BadPicture::Unreadable(why) => Refused::BadPicture(why),
            BadPicture::TooLarge(why) => Refused::LargePicture(why),
        })?;
        Ok((file, picture))
    }

    async fn keep(
        self: &Arc<Self>,
        record: FileRecord,
        file: File,
        picture: Option<Picture>,
        mut held: Held,
    ) -> Result<FileRecord, Refused> {
        let _turn = self.storing.acquire().await.expect("the semaphore is never closed");
        held.hold.at_least(record.bytes_in_all)?;
        let row = record.clone();
        if !self.with_table(move |table| table.begin(&row)).await? {
            return Err(Refused::UnderWay);
        }
        match self.store(&record, file, picture).await {
            Ok(()) => {
                held.hold.keep();
                Ok(record)
            }
            Err(fault) => {
                if self.clear(&record).await.is_err() {
                    self.leave(record);
                }
                Err(Refused::Fault(fault))
            }
        }
    }

    async fn store(
        self: &Arc<Self>,
        record: &FileRecord,
        file: File,
        picture: Option<Picture>,
    ) -> Result<(), Fault> {
        let original = bucket::path(record, Version::Original);
        self.bucket.put_file(&original, file, record.bytes).await?;
        if let Some(Picture { thumb, large, .. }) = picture {
            self.bucket.put(&bucket::path(record, Version::Thumb), thumb).await?;
            self.bucket.put(&bucket::path(record, Version::Large), large).await?;
        }
        let file = record.file;
        self.with_table(move |table| table.stored(file)).await
    }
}
