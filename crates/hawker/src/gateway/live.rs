//! Live video over HTTP: FLV without an end (also in a WebSocket), and HLS.

use super::upgrade::{self, websocket_key};
use super::{Counted, Gateway};
use crate::media::{List, Stream, Viewer, encoded};
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{Buf, Bytes, BytesMut};
use futures_util::stream::unfold;
use hawker_core::RoomId;
use hawker_media::access::parameter;
use hawker_media::flv;
use hawker_wire::ws::{self, Opcode};
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// How long the first list of a stream may take: a player's first group of pictures has to be whole.
const FIRST_LIST_WITHIN: Duration = Duration::from_secs(12);
/// Bytes of a frame that a viewer may send: it has nothing to say.
const VIEWER_FRAME_BYTES_MAX: usize = 1024;

/// `GET /live/{room}.flv` and `GET /live/{room}.m3u8`.
pub async fn stream(State(gateway): State<Gateway>, Path(file): Path<String>, request: Request) -> Response {
    let (room, is_flv) = match (file.strip_suffix(".flv"), file.strip_suffix(".m3u8")) {
        (Some(room), _) => (RoomId::from(room), true),
        (None, Some(room)) => (RoomId::from(room), false),
        (None, None) => return refused(StatusCode::NOT_FOUND),
    };
    let query = request.uri().query().unwrap_or("").to_owned();
    let stream = match allowed(&gateway, &room, &query) {
        Ok(stream) => stream,
        Err(status) => return refused(status),
    };
    if !is_flv {
        return list(&gateway, &stream, &room, &query).await;
    }
    let Some(viewer) = gateway.shared.watch(&room) else { return refused(StatusCode::SERVICE_UNAVAILABLE) };
    match websocket_key(request.headers()) {
        Some(key) => in_websocket(&gateway, viewer, &key, request),
        None => endless(viewer),
    }
}

/// `GET /live/{room}/{file}`: a segment.
pub async fn segment(
    State(gateway): State<Gateway>,
    Path((room, file)): Path<(String, String)>,
    request: Request,
) -> Response {
    let room = RoomId::from(room);
    match allowed(&gateway, &room, request.uri().query().unwrap_or("")) {
        Ok(stream) => match stream.file(gateway.shared.clock.now(), &file) {
            Some(bytes) => with_headers("video/mp4", bytes.into()),
            None => refused(StatusCode::NOT_FOUND),
        },
        Err(status) => refused(status),
    }
}

/// Browsers ask before some requests.
pub async fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*")),
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET")),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

fn allowed(gateway: &Gateway, room: &RoomId, query: &str) -> Result<Arc<Stream>, StatusCode> {
    let stream = gateway.shared.media.stream(room).ok_or(StatusCode::NOT_FOUND)?;
    gateway.shared.may_play(&stream, room, query).map_err(|_| StatusCode::FORBIDDEN)?;
    Ok(stream)
}

fn with_headers(media: &'static str, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}

fn refused(status: StatusCode) -> Response {
    let text = match status {
        StatusCode::NOT_FOUND => "no such stream\n",
        StatusCode::FORBIDDEN => "the address is not signed, or its signature has ended\n",
        _ => "not now, try again\n",
    };
    let mut response = with_headers("text/plain; charset=utf-8", text.into());
    *response.status_mut() = status;
    response
}

async fn list(gateway: &Gateway, stream: &Stream, room: &RoomId, query: &str) -> Response {
    // Only what the segments are asked for with: a list is not a place for other people's parameters.
    let signature =
        ["txSecret", "txTime"].map(|name| parameter(query, name).map(|value| format!("{name}={value}")));
    let signature = match signature {
        [Some(secret), Some(time)] if gateway.shared.config.media.play_needs_signature => {
            format!("{secret}&{time}")
        }
        _ => String::new(),
    };
    let room = encoded(room.as_str());
    let ready = async {
        loop {
            match stream.playlist(gateway.shared.clock.now(), &room, &signature) {
                List::Ready(list) => return Some(list),
                List::Never => return None,
                List::Soon if stream.changed().await => {}
                List::Soon => return None,
            }
        }
    };
    match timeout(FIRST_LIST_WITHIN, ready).await {
        Ok(Some(list)) => with_headers("application/vnd.apple.mpegurl", list.into()),
        Ok(None) => refused(StatusCode::NOT_FOUND),
        Err(_) => refused(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// How FLV begins.
fn head(viewer: &Viewer) -> Bytes {
    let (audio, video) = viewer.stream.tracks();
    flv::file_head(audio, video)
}

fn endless(viewer: Viewer) -> Response {
    let waiting = VecDeque::from([head(&viewer)]);
    let body = unfold((viewer, waiting), async |(mut viewer, mut waiting)| {
        if waiting.is_empty() {
            waiting.extend(viewer.next().await?.iter().map(|frame| frame.flv()));
        }
        let bytes = waiting.pop_front()?;
        Some((Ok::<_, Infallible>(bytes), (viewer, waiting)))
    });
    with_headers("video/x-flv", Body::from_stream(body))
}

fn in_websocket(gateway: &Gateway, viewer: Viewer, key: &str, mut request: Request) -> Response {
    let upgraded = hyper::upgrade::on(&mut request);
    let stalled = Duration::from_secs(gateway.shared.config.media.stalled_secs);
    // The connection was counted while it spoke HTTP; from here on it is another one.
    gateway.shared.metrics.connections.fetch_add(1, Relaxed);
    let counted = Counted(gateway.shared.clone());
    tokio::spawn(async move {
        if let Ok(upgraded) = upgraded.await {
            // What a viewer does to its connection is its own business.
            let _ = watch(viewer, TokioIo::new(upgraded), stalled).await;
        }
        drop(counted);
    });
    upgrade::switching_protocols(key)
}

/// Sends FLV in binary messages until one side ends.
async fn watch(
    mut viewer: Viewer,
    mut socket: TokioIo<hyper::upgrade::Upgraded>,
    stalled: Duration,
) -> io::Result<()> {
    let mut read = BytesMut::new();
    let mut out = Vec::new();
    ws::message(&mut out, false, &head(&viewer));
    loop {
        timeout(stalled, socket.write_all(&out)).await.map_err(io::Error::other)??;
        out.clear();
        tokio::select! {
            frames = viewer.next() => match frames {
                Some(frames) => frames.iter().for_each(|frame| ws::message(&mut out, false, &frame.flv())),
                None => {
                    let goodbye = ws::close_frame(ws::close::NORMAL, "the stream has ended");
                    timeout(stalled, socket.write_all(&goodbye)).await.map_err(io::Error::other)??;
                    return Ok(());
                }
            },
            got = socket.read_buf(&mut read) => {
                if got? == 0 {
                    return Ok(());
                }
                while let Some(frame) = ws::parse(&mut read, VIEWER_FRAME_BYTES_MAX)
                    .map_err(|violation| io::Error::new(io::ErrorKind::InvalidData, violation.reason))?
                {
                    match frame.opcode {
                        Opcode::Close => return Ok(()),
                        Opcode::Ping => out.extend_from_slice(&ws::pong(&read[frame.start..frame.end])),
                        _ => {}
                    }
                    read.advance(frame.end);
                }
            }
        }
    }
}
