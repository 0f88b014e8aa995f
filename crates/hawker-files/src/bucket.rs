//! Where the bytes are: a folder, or a bucket of an S3-compatible store.

use crate::{Fault, Version};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use hawker_store::FileRecord;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    ClientOptions, GetOptions, GetRange, GetResultPayload, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig,
    WriteMultipart,
};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A file larger than this is sent to the store in parts of this size, so that no more of it is in memory. S3 takes
/// no smaller parts.
const PART_BYTES: usize = 5 << 20;
/// Parts of one file on their way at once.
const PARTS_MAX: usize = 2;
/// A file of ours is read in pieces of this size.
const PIECE_BYTES: usize = 128 * 1024;
/// How long one request to a bucket may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a failing bucket is tried.
const RETRY_TIMEOUT: Duration = Duration::from_secs(20);
/// And how often.
const RETRIES_MAX: usize = 3;

/// Where files are kept.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a folder of the local disk, made if it is not there.
    Folder(PathBuf),
    /// In a bucket.
    S3(S3),
}

/// A bucket of an S3-compatible store.
#[derive(Clone)]
pub struct S3 {
    /// Its address; `None` is Amazon's own.
    pub endpoint: Option<String>,
    /// The bucket.
    pub bucket: String,
    /// The region.
    pub region: String,
    /// Who we are.
    pub key_id: String,
    /// The proof.
    pub secret: String,
    /// What our objects' names begin with; may be empty.
    pub prefix: String,
    /// The bucket's name is part of the path, not of the host's name.
    pub path_style: bool,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not the secret: this may get into a log.
        f.debug_struct("S3").field("endpoint", &self.endpoint).field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

/// Bytes that are being read.
pub struct Content {
    /// How many.
    pub bytes: u64,
    /// The bytes.
    pub stream: BoxStream<'static, io::Result<Bytes>>,
}

/// See the module.
pub struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// For a folder, where it is.
    root: Option<PathBuf>,
}

/// The folder of a file in the store. Its name is ours from end to end.
fn folder(record: &FileRecord) -> Path {
    let file = record.file.to_string();
    Path::from_iter([&record.app.to_string(), &file[..2], &file])
}

/// The path of a version of a file.
pub fn path(record: &FileRecord, version: Version) -> Path {
    folder(record).join(version.name())
}

impl Bucket {
    /// Opens a place. A bucket is not asked anything yet.
    pub fn open(place: &Place) -> Result<Self, Fault> {
        match place {
            Place::Folder(root) => {
                std::fs::create_dir_all(root)?;
                let store = LocalFileSystem::new_with_prefix(root)?.with_automatic_cleanup(true).with_fsync(true);
                Ok(Self { store: Arc::new(store), prefix: Path::default(), root: Some(root.clone()) })
            }
            Place::S3(s3) => {
                // A second call finds a provider installed, which is as good.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let options = ClientOptions::new().with_timeout(REQUEST_TIMEOUT).with_allow_http(true);
                let retry = RetryConfig {
                    max_retries: RETRIES_MAX,
                    retry_timeout: RETRY_TIMEOUT,
                    ..RetryConfig::default()
                };
                let mut builder = AmazonS3Builder::new()
                    .with_bucket_name(&s3.bucket)
                    .with_region(&s3.region)
                    .with_access_key_id(&s3.key_id)
                    .with_secret_access_key(&s3.secret)
                    .with_virtual_hosted_style_request(!s3.path_style)
                    .with_client_options(options)
                    .with_retry(retry);
                if let Some(endpoint) = &s3.endpoint {
                    builder = builder.with_endpoint(endpoint);
                }
                Ok(Self { store: Arc::new(builder.build()?), prefix: Path::from(s3.prefix.as_str()), root: None })
            }
        }
    }

    fn full(&self, path: &Path) -> Path {
        self.prefix.parts().chain(path.parts()).collect()
    }

    /// Stores bytes.
    pub async fn put(&self, path: &Path, bytes: Vec<u8>) -> Result<(), Fault> {
        self.store.put(&self.full(path), PutPayload::from(bytes)).await?;
        Ok(())
    }

    /// Stores a local file, from its beginning.
    pub async fn put_file(&self, path: &Path, file: File, size: u64) -> Result<(), Fault> {
        let mut pieces = pieces(file, 0..size, PART_BYTES);
        if size <= PART_BYTES as u64 {
            let mut whole = Vec::with_capacity(size as usize);
            while let Some(piece) = pieces.try_next().await? {
                whole.extend_from_slice(&piece);
            }
            return self.put(path, whole).await;
        }
        let parts = self.store.put_multipart(&self.full(path)).await?;
        let mut parts = WriteMultipart::new_with_chunk_size(parts, PART_BYTES);
        let sent = async {
            while let Some(piece) = pieces.try_next().await? {
                parts.wait_for_capacity(PARTS_MAX).await?;
                parts.put(piece);
            }
            Ok::<_, Fault>(())
        };
        match sent.await {
            Ok(()) => drop(parts.finish().await?),
            Err(fault) => {
                // The parts would be paid for until somebody looks.
                let _ = parts.abort().await;
                return Err(fault);
            }
        }
        Ok(())
    }

    /// Bytes of an object.
    pub async fn size(&self, path: &Path) -> Result<u64, Fault> {
        Ok(self.store.head(&self.full(path)).await?.size)
    }

    /// Reads an object, or a part of it.
    pub async fn read(&self, path: &Path, part: Option<Range<u64>>) -> Result<Content, Fault> {
        let options = GetOptions { range: part.map(GetRange::Bounded), ..GetOptions::default() };
        let got = self.store.get_opts(&self.full(path), options).await?;
        let bytes = got.range.end - got.range.start;
        let range = got.range.clone();
        let stream = match got.payload {
            // In larger pieces than the store's own: each is a hop to another thread.
            GetResultPayload::File(file, _) => pieces(file, range, PIECE_BYTES),
            GetResultPayload::Stream(stream) => stream.map_err(io::Error::other).boxed(),
        };
        Ok(Content { bytes, stream })
    }

    /// Removes everything of a file, also what was only half-way there.
    pub async fn remove(&self, record: &FileRecord) -> Result<(), Fault> {
        let folder = folder(record);
        if let Some(root) = &self.root {
            let folder = root.join(folder.as_ref());
            return match tokio::fs::remove_dir_all(folder).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            };
        }
        let folder = self.full(&folder);
        for version in [Version::Original, Version::Thumb, Version::Large] {
            match self.store.delete(&folder.clone().join(version.name())).await {
                Err(object_store::Error::NotFound { .. }) | Ok(()) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// A local file in pieces, read where it may block.
fn pieces(file: File, range: Range<u64>, piece: usize) -> BoxStream<'static, io::Result<Bytes>> {
    let step = move |(mut file, from): (File, u64)| async move {
        if from >= range.end {
            return Ok(None);
        }
        let size = (range.end - from).min(piece as u64) as usize;
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = vec![0; size];
            file.seek(SeekFrom::Start(from))?;
            file.read_exact(&mut bytes)?;
            Ok::<_, io::Error>((Bytes::from(bytes), file))
        });
        let (bytes, file) = read.await.map_err(io::Error::other)??;
        Ok(Some((bytes, (file, from + size as u64))))
    };
    let start = range.start;
    stream::try_unfold((file, start), step).boxed()
}
