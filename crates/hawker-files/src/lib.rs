//! Keeps the files that users send: pictures, films, sounds, documents.
//!
//! A file comes in over a permit that the server signed ([`Files::begin`]), is gathered in an unnamed file on the
//! local disk, and is stored only when all of it is there and is what it says ([`Incoming::finish`]): a body that is
//! cut off, too large or of a false type leaves nothing behind, not even when the process dies meanwhile. Pictures
//! get two smaller versions, drawn anew, so that nothing of what a camera notes about its owner is in them.
//!
//! The bytes are in a folder or an S3 bucket ([`Place`]); what is known of them is in the table of files. A file is
//! there when its row says so: the row is written before the first byte is stored and marked after the last.

mod books;
mod bucket;
mod incoming;
mod picture;

pub use bucket::{Content, Place, S3};
pub use incoming::Incoming;
pub use picture::{PictureBounds, Size, fit};

use books::{Books, QuotaBounds};
use bucket::Bucket;
use hawker_core::file::{FileId, SHOP};
use hawker_core::{AppId, Time, UserId};
use hawker_store::{FileRecord, FileTable, StoreError};
use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Files that are on their way to the store at once; the others wait. Each has a few megabytes in memory then.
const STORING_MAX: usize = 8;

/// Bounds of everything here.
#[derive(Clone, Debug)]
pub struct FileBounds {
    /// How long files are kept; `None` is for ever.
    pub keep: Option<Duration>,
    /// Bytes that one user may have stored.
    pub user_bytes_max: u64,
    /// Bytes that one user may send in a day (UTC).
    pub user_bytes_per_day: u64,
    /// Bytes that all users of an app may have stored.
    pub app_bytes_max: u64,
    /// Bytes that they may send in a day (UTC).
    pub app_bytes_per_day: u64,
    /// Addresses that one user may ask for in a minute.
    pub signatures_per_minute: u32,
    /// Files that may come in at once.
    pub uploads_max: usize,
    /// Files that one user may be sending at once.
    pub uploads_per_user_max: u32,
    /// Pictures that are decoded at once.
    pub decodes_max: usize,
    /// Pictures that may wait for that.
    pub decodes_waiting_max: usize,
    /// What a picture may be.
    pub picture: PictureBounds,
    /// Files that one round of clearing away takes.
    pub sweep_files_max: usize,
}

/// Why a file is not taken. All but the last are answers; none of them leaves anything stored.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The user asks for addresses too often.
    #[error("too many addresses asked for, at most {0} a minute")]
    TooOften(u32),
    /// What the user has stored and would store is too much.
    #[error("the user's files would be more than {0} bytes in all")]
    UserFull(u64),
    /// The user has sent too much today.
    #[error("the user's files of today would be more than {0} bytes")]
    UserDayFull(u64),
    /// What all users of the app have stored is too much.
    #[error("the app's files would be more than {0} bytes in all")]
    AppFull(u64),
    /// All users of the app have sent too much today.
    #[error("the app's files of today would be more than {0} bytes")]
    AppDayFull(u64),
    /// The user sends too many files at once.
    #[error("at most {0} files of one user at once")]
    UserBusy(u32),
    /// All users together do.
    #[error("too many files are coming in, try again")]
    Busy,
    /// Too many pictures wait to be looked at.
    #[error("too many pictures are coming in, try again")]
    PicturesBusy,
    /// The file is larger than its permit.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is not of the kind that was asked for.
    #[error("the file is not what it should be: its first bytes are of no {0} format that is taken")]
    WrongType(&'static str),
    /// It begins like a picture and is none.
    #[error("the picture cannot be read: {0}")]
    BadPicture(String),
    /// The picture has more pixels, or needs more memory, than it may.
    #[error("the picture is too large: {0}")]
    LargePicture(String),
    /// There is a file of this name with other bytes.
    #[error("the address was used for another file")]
    Taken,
    /// The same file is coming in just now.
    #[error("the same address is being used just now")]
    UnderWay,
    /// The disk, the database or the object store failed.
    #[error("the file could not be stored, try again")]
    Fault(#[source] Fault),
}

/// What went wrong on our side.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The local disk.
    #[error("local disk: {0}")]
    Disk(#[from] std::io::Error),
    /// The table of files.
    #[error(transparent)]
    Table(#[from] StoreError),
    /// The object store.
    #[error("file store: {0}")]
    Store(#[from] object_store::Error),
    /// A task of ours ended early.
    #[error("a task ended: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl<E: Into<Fault>> From<E> for Refused {
    fn from(error: E) -> Self {
        Refused::Fault(error.into())
    }
}

/// Which version of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Version {
    /// As it was sent.
    Original,
    /// A small picture, for lists.
    Thumb,
    /// A larger one, for a screen.
    Large,
}

impl Version {
    /// Its name in addresses and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Thumb => "thumb",
            Self::Large => "large",
        }
    }
}

/// See the module.
pub struct Files {
    bucket: Bucket,
    table: FileTable,
    bounds: FileBounds,
    books: Arc<Mutex<Books>>,
    /// Files that are gathered have no name: they are gone with the process.
    spool: PathBuf,
    /// Files that are coming in, so that nobody sends one twice at once.
    under_way: Arc<Mutex<HashSet<FileId>>>,
    /// What was not stored to its end and is still to be cleared away.
    leftovers: Mutex<Vec<FileRecord>>,
    uploads: Arc<Semaphore>,
    storing: Semaphore,
    decodes: Arc<Semaphore>,
    decodes_waiting: Arc<Semaphore>,
}

impl Files {
    /// Opens the store. `spool` is a folder on the local disk for what is coming in.
    pub fn open(
        place: &Place,
        spool: PathBuf,
        table: FileTable,
        bounds: FileBounds,
        now: Time,
    ) -> Result<Arc<Self>, Fault> {
        std::fs::create_dir_all(&spool)?;
        let quota = QuotaBounds::of(&bounds);
        let mut books = Books::new(quota);
        for usage in table.usage(books::day_start(now))? {
            books.load(now, &usage);
        }
        let leftovers = table.unfinished()?;
        Ok(Arc::new(Self {
            bucket: Bucket::open(place)?,
            table,
            books: Arc::new(Mutex::new(books)),
            spool,
            under_way: Arc::default(),
            leftovers: Mutex::new(leftovers),
            uploads: Arc::new(Semaphore::new(bounds.uploads_max)),
            storing: Semaphore::new(STORING_MAX),
            decodes: Arc::new(Semaphore::new(bounds.decodes_max)),
            decodes_waiting: Arc::new(Semaphore::new(bounds.decodes_max + bounds.decodes_waiting_max)),
            bounds,
        }))
    }

    /// Whether a user may be given one more address now, for a file of at least so many bytes. Does not block.
    pub fn may_sign(&self, app: AppId, user: &UserId, bytes: u64, now: Time) -> Result<(), Refused> {
        self.books.lock().expect("nobody panics while holding the books").sign(app, user, bytes, now)
    }

    /// A file that is there.
    pub async fn find(self: &Arc<Self>, file: FileId, now: Time) -> Result<Option<FileRecord>, Fault> {
        let found = self.with_table(move |table| table.find(file)).await?;
        Ok(found.filter(|record| self.expires_at(record).is_none_or(|at| at > now)))
    }

    /// When a file goes; `None` is never.
    pub fn expires_at(&self, record: &FileRecord) -> Option<Time> {
        let keep = self.bounds.keep.filter(|_| record.user.as_str() != SHOP)?;
        Some(record.made_at + keep)
    }

    /// Reads a version of a file, or a part of it.
    pub async fn read(
        &self,
        record: &FileRecord,
        version: Version,
        part: Option<Range<u64>>,
    ) -> Result<Content, Fault> {
        self.bucket.read(&bucket::path(record, version), part).await
    }

    /// Bytes of a version of a file.
    pub async fn size(&self, record: &FileRecord, version: Version) -> Result<u64, Fault> {
        if version == Version::Original {
            return Ok(record.bytes);
        }
        self.bucket.size(&bucket::path(record, version)).await
    }

    /// Clears away what is too old and what was not stored to its end; at most so many files as one round may
    /// take. Returns how many files went because of their age.
    pub async fn sweep(self: &Arc<Self>, now: Time) -> Result<usize, Fault> {
        self.books.lock().expect("nobody panics while holding the books").forget_idle(now);
        let most = self.bounds.sweep_files_max;
        self.clear_leftovers(most).await?;
        let Some(keep) = self.bounds.keep else { return Ok(0) };
        let old = self.with_table(move |table| table.older_than(now - keep, most)).await?;
        for record in &old {
            self.clear(record).await?;
            let mut books = self.books.lock().expect("nobody panics while holding the books");
            books.removed(record.app, &record.user, record.bytes_in_all);
        }
        Ok(old.len())
    }

    async fn clear_leftovers(self: &Arc<Self>, most: usize) -> Result<(), Fault> {
        let mut leftovers = self.some_leftovers(most).into_iter();
        while let Some(record) = leftovers.next() {
            if let Err(fault) = self.clear(&record).await {
                // All that is left waits for another round, this one behind the others.
                let mut left = self.leftovers.lock().expect("nobody panics while holding the leftovers");
                left.insert(0, record);
                left.extend(leftovers);
                return Err(fault);
            }
        }
        Ok(())
    }

    fn some_leftovers(&self, most: usize) -> Vec<FileRecord> {
        let mut leftovers = self.leftovers.lock().expect("nobody panics while holding the leftovers");
        let from = leftovers.len().saturating_sub(most);
        leftovers.split_off(from)
    }

    fn leave(&self, record: FileRecord) {
        self.leftovers.lock().expect("nobody panics while holding the leftovers").push(record);
    }

    /// The bytes first: a row without bytes is found again, bytes without a row are not.
    async fn clear(self: &Arc<Self>, record: &FileRecord) -> Result<(), Fault> {
        self.bucket.remove(record).await?;
        let file = record.file;
        self.with_table(move |table| table.remove(file)).await
    }

    async fn with_table<T: Send + 'static>(
        self: &Arc<Self>,
        ask: impl FnOnce(&FileTable) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Fault> {
        let files = self.clone();
        Ok(tokio::task::spawn_blocking(move || ask(&files.table)).await??)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hawker_core::file::FileKind;
    use hawker_store::Store;

    fn bounds() -> FileBounds {
        FileBounds {
            keep: None,
            user_bytes_max: 1 << 20,
            user_bytes_per_day: 1 << 20,
            app_bytes_max: 1 << 20,
            app_bytes_per_day: 1 << 20,
            signatures_per_minute: 9,
            uploads_max: 9,
            uploads_per_user_max: 9,
            decodes_max: 1,
            decodes_waiting_max: 1,
            picture: PictureBounds { side_max: 1, pixels_max: 1, alloc_bytes_max: 1 },
            sweep_files_max: 9,
        }
    }

    fn unfinished(number: u128) -> FileRecord {
        FileRecord {
            file: FileId(number),
            app: AppId(1),
            user: "a".into(),
            kind: FileKind::Other,
            extension: "txt".into(),
            name: "a.txt".into(),
            media: "text/plain".into(),
            bytes: 1,
            bytes_in_all: 1,
            sha256: [0; 32],
            width: 0,
            height: 0,
            small_media: String::new(),
            made_at: Time(1),
        }
    }

    #[tokio::test]
    async fn what_could_not_be_cleared_away_is_tried_again() {
        let data = tempfile::tempdir().unwrap();
        let table = Store::open(data.path()).unwrap().files().unwrap();
        let records = [1, 2, 3].map(unfinished);
        for record in &records {
            assert!(table.begin(record).unwrap());
        }
        let root = data.path().join("files");
        let files =
            Files::open(&Place::Folder(root.clone()), data.path().join("incoming"), table, bounds(), Time(1));
        let files = files.unwrap();
        // A file where a folder should be cannot be removed as one.
        let folder = bucket::path(&records[2], Version::Original);
        let folder = root.join(folder.as_ref()).parent().unwrap().to_owned();
        std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
        std::fs::write(&folder, "in the way").unwrap();
        files.sweep(Time(1)).await.unwrap_err();
        files.sweep(Time(1)).await.unwrap_err();
        assert_eq!(files.table.unfinished().unwrap(), records[2..], "the others are gone");
        std::fs::remove_file(&folder).unwrap();
        files.sweep(Time(1)).await.unwrap();
        assert_eq!(files.table.unfinished().unwrap(), []);
    }
}
