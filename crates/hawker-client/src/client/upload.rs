//! Pictures and files: put into the server's store first, then named in a message.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::Client;
use super::calls::parse;
use crate::error::Error;
use crate::types::{FileLink, Image, ImageSize};

/// How much is handed to the connection at once; progress is told after each.
const PIECE_BYTES: usize = 64 << 10;
/// An answer of the store is no longer than this.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// For one upload from the first byte to the answer.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(600);

/// What is uploaded, in the numbers of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadKind {
    /// A picture: JPEG, PNG, GIF, BMP or WebP.
    Image = 1,
    /// A film.
    Video = 2,
    /// A sound.
    Sound = 3,
    /// Anything else.
    File = 255,
}

/// What the store has taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uploaded {
    /// Where it can be had.
    pub url: String,
    /// Where its thumbnail is, of a picture.
    pub thumb_url: Option<String>,
    /// Where it is in a size for a screen, of a picture.
    pub large_url: Option<String>,
    /// Bytes.
    pub bytes: u64,
    /// Pixels of a picture; 0 if not known.
    pub width: u32,
    /// Pixels of a picture; 0 if not known.
    pub height: u32,
}

/// Where the server wants it.
#[derive(Deserialize)]
struct Signed {
    upload_url: String,
    download_url: String,
    thumb_url: Option<String>,
    large_url: Option<String>,
}

/// What the store says about a picture it has taken.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Taken {
    width: u32,
    height: u32,
}

impl Client {
    /// Puts a file into the server's store. `progress` is told the part that is done, 0 to 1.
    ///
    /// # Errors
    /// Refused by the server before anything is sent (too large, quota), or by the store ([`Error::Upload`]: not what
    /// it claims to be, cut off, too late).
    pub async fn upload(
        &self,
        kind: UploadKind,
        name: &str,
        content: impl Into<Bytes>,
        progress: impl FnMut(f64) + Send + Sync + Unpin + 'static,
    ) -> Result<Uploaded, Error> {
        const COMMAND: &str = "im_cos_msg.pre_sig";
        let content = content.into();
        let body = json!({"file_type": kind as u32, "file_name": name, "upload_method": 0, "Duration": 900,
            "file_size": content.len()});
        let signed: Signed = parse(COMMAND, self.call(COMMAND, body, true).await?)?;
        let bytes = content.len() as u64;
        let put = put(&signed.upload_url, content, progress);
        let answer = tokio::time::timeout(UPLOAD_TIMEOUT, put).await;
        let answer = answer.map_err(|_| Error::Upload { status: 0, text: "took too long".to_owned() })??;
        let Taken { width, height } = serde_json::from_slice(&answer).unwrap_or_default();
        let Signed { download_url: url, thumb_url, large_url, .. } = signed;
        Ok(Uploaded { url, thumb_url, large_url, bytes, width, height })
    }

    /// Puts a picture into the store and answers with the element to be sent in a message.
    ///
    /// # Errors
    /// As [`upload`](Client::upload).
    pub async fn upload_image(
        &self,
        name: &str,
        content: impl Into<Bytes>,
        progress: impl FnMut(f64) + Send + Sync + Unpin + 'static,
    ) -> Result<Image, Error> {
        let content = content.into();
        let format = image_format(&content);
        let done = self.upload(UploadKind::Image, name, content, progress).await?;
        let size = |kind, url: Option<&String>| ImageSize {
            kind,
            bytes: done.bytes,
            width: done.width,
            height: done.height,
            url: url.unwrap_or(&done.url).clone(),
        };
        let sizes = vec![size(1, None), size(2, done.large_url.as_ref()), size(3, done.thumb_url.as_ref())];
        Ok(Image { uuid: name_of(&done.url), format, sizes })
    }

    /// The same for a file.
    ///
    /// # Errors
    /// As [`upload`](Client::upload).
    pub async fn upload_file(
        &self,
        name: &str,
        content: impl Into<Bytes>,
        progress: impl FnMut(f64) + Send + Sync + Unpin + 'static,
    ) -> Result<FileLink, Error> {
        let done = self.upload(UploadKind::File, name, content, progress).await?;
        Ok(FileLink::new(name_of(&done.url), name, done.bytes, done.url))
    }
}

/// The wire's number of a picture's format, from its first bytes.
fn image_format(content: &[u8]) -> u32 {
    match content {
        [0xff, 0xd8, 0xff, ..] => 1,
        [b'G', b'I', b'F', b'8', ..] => 2,
        [0x89, b'P', b'N', b'G', ..] => 3,
        [b'B', b'M', ..] => 4,
        _ => 255,
    }
}

/// The last part of an address: the store makes it, and no two are the same.
fn name_of(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

async fn put(
    url: &str,
    content: Bytes,
    progress: impl FnMut(f64) + Send + Sync + Unpin + 'static,
) -> Result<Bytes, Error> {
    let address: hyper::Uri = url.parse().map_err(|_| Error::Address(url.to_owned()))?;
    let host = address.host().ok_or_else(|| Error::Address(url.to_owned()))?.to_owned();
    let secure = address.scheme_str() == Some("https");
    let port = address.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let socket = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.map_err(failed)?;
    let total = content.len();
    let body = Upload { rest: content, total, progress };
    let authority = address.authority().map_or_else(String::new, ToString::to_string);
    let path = address.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let request = hyper::Request::put(path)
        .header("host", authority)
        .header("content-length", total)
        .header("content-type", "application/octet-stream")
        .body(body)
        .map_err(failed)?;
    if secure { exchange(secured(socket, &host).await?, request).await } else { exchange(socket, request).await }
}

#[cfg(feature = "tls")]
async fn secured(socket: TcpStream, host: &str) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = host.to_owned().try_into().map_err(failed)?;
    tokio_rustls::TlsConnector::from(std::sync::Arc::new(config)).connect(name, socket).await.map_err(failed)
}

#[cfg(not(feature = "tls"))]
async fn secured(_: TcpStream, host: &str) -> Result<TcpStream, Error> {
    Err(Error::Address(format!("https://{host} (built without the feature tls)")))
}

async fn exchange<S, F>(stream: S, request: hyper::Request<Upload<F>>) -> Result<Bytes, Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: FnMut(f64) + Send + Sync + Unpin + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // Ends with the answer, or when this future is dropped and the sender with it.
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(failed);
    let answer = async {
        let answer = answer?;
        let status = answer.status().as_u16();
        let body = http_body_util::Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(failed)?.to_bytes();
        if status == 200 { Ok(body) } else { Err(refused(status, &body)) }
    }
    .await;
    connection.abort();
    answer
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Upload { status: 0, text: error.to_string() }
}

/// The store says why in JSON, or in plain words.
fn refused(status: u16, body: &[u8]) -> Error {
    let json = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let text = ["error", "ErrorInfo", "detail"].iter().find_map(|key| json[key].as_str().map(str::to_owned));
    Error::Upload { status, text: text.unwrap_or_else(|| String::from_utf8_lossy(body).trim().to_owned()) }
}

/// A body that tells how much of it is gone.
struct Upload<F> {
    rest: Bytes,
    total: usize,
    progress: F,
}

impl<F: FnMut(f64) + Unpin> Body for Upload<F> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let piece = PIECE_BYTES.min(self.rest.len());
        let piece = self.rest.split_to(piece);
        let done = 1.0 - self.rest.len() as f64 / self.total as f64;
        (self.progress)(done);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_formats() {
        assert_eq!(name_of("http://h/files/a/9f.png?x=1/2"), "9f.png");
        assert_eq!(image_format(b"GIF89a"), 2);
        assert_eq!(image_format(b""), 255);
    }
}
