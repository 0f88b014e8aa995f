//! RTMP connections: encoders and players.

use super::{APP, Media, Publishing, Viewer, decoded};
use crate::gateway::Gateway;
use crate::metrics::Metrics;
use crate::secrets;
use bytes::{Buf, Bytes, BytesMut};
use hawker_core::RoomId;
use hawker_media::access;
use hawker_media::rtmp::{Address, Event, Refusal, Session};
use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// In which a connection says what it wants.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes that are read at once.
const READ_BYTES: usize = 64 << 10;
/// A peer that was told why it is not served has so long to read it.
const FAREWELL: Duration = Duration::from_secs(2);
/// Bytes that are read at once of one who watches: it says little.
const VIEWER_READ_BYTES: usize = 1 << 10;
/// Pieces that are written at once.
const PIECES_MAX: usize = 32;
/// How often it is looked whether an encoder has fallen silent, or its room is gone.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// When no descriptor is free, accepting waits this long for one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Takes connections for as long as the server runs.
pub async fn run(gateway: Gateway, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(gateway.shared.config.media.rtmp_connections_max));
    loop {
        let socket = match listener.accept().await {
            Ok((socket, _)) => socket,
            Err(_) => {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            Metrics::bump(&gateway.shared.metrics.connections_refused_total);
            continue;
        };
        let gateway = gateway.clone();
        tokio::spawn(async move {
            // What a peer does to its connection is its own business.
            let _ = connection(&gateway, Peer::new(socket)).await;
            drop(place);
        });
    }
}

async fn connection(gateway: &Gateway, mut peer: Peer) -> io::Result<()> {
    let wish = timeout(HANDSHAKE_TIMEOUT, peer.event()).await.map_err(io::Error::other)??;
    let refusal = match wish {
        Some(Event::Publish(address)) => publish(gateway, &mut peer, &address).await?,
        Some(Event::Play(address)) => play(gateway, &mut peer, &address).await?,
        _ => return Ok(()),
    };
    match refusal {
        Some(refusal) => peer.session.refuse(refusal),
        None => peer.session.end(),
    }
    peer.farewell().await
}

/// Serves an encoder until it stops or is stopped; says why it is not served at all.
async fn publish(gateway: &Gateway, peer: &mut Peer, address: &Address) -> io::Result<Option<Refusal>> {
    let shared = &gateway.shared;
    let mut publishing = match admit(gateway, address).await {
        Ok(publishing) => publishing,
        Err(refusal) => {
            tracing::info!(stream = address.name, ?refusal, "an encoder was refused");
            Metrics::bump(&shared.metrics.live_pushes_refused_total);
            return Ok(Some(refusal));
        }
    };
    Metrics::bump(&shared.metrics.live_pushes_total);
    tracing::info!(room = %publishing.room, "a stream begins");
    peer.session.accept();
    let stream = publishing.stream.clone();
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            event = peer.event() => match event {
                Ok(Some(Event::Media { kind, at, body })) => {
                    Metrics::add(&shared.metrics.live_bytes_in_total, body.len() as u64);
                    if stream.push(shared.clock.now(), kind, at, &body) {
                        publishing.tell();
                    }
                }
                Ok(Some(_) | None) | Err(_) => break,
            },
            () = stream.is_cut() => break,
            _ = look.tick() => if is_over(gateway, &publishing).await { break },
        }
    }
    tracing::info!(room = %publishing.room, "a stream ends");
    Ok(None)
}

/// The encoder has fallen silent, or its room is gone.
async fn is_over(gateway: &Gateway, publishing: &Publishing) -> bool {
    let shared = &gateway.shared;
    let idle = Duration::from_secs(shared.config.media.idle_secs);
    let silent = shared.clock.now().since(publishing.stream.heard_at()) >= idle;
    silent || matches!(Media::room(gateway, &publishing.room).await, Ok(None))
}

/// Gives an encoder its room's stream, if it may have it.
async fn admit(gateway: &Gateway, address: &Address) -> Result<Publishing, Refusal> {
    let (shared, app) = (&gateway.shared, gateway.shared.pages_app);
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "the keys of live video cannot be read");
        Refusal::Busy
    };
    let room = room_of(address).ok_or(Refusal::Missing)?;
    let keys = shared.media.keys(app, &room).await.map_err(|error| failed(&error))?.ok_or(Refusal::Denied)?;
    let now = shared.clock.now();
    access::with_key(&address.query, &keys.push, room.as_str(), now.secs()).map_err(|_| Refusal::Denied)?;
    match Media::room(gateway, &room).await {
        Ok(Some(_)) => {}
        Ok(None) => return Err(Refusal::Missing),
        Err(_) => return Err(Refusal::Busy),
    }
    let publishing = Publishing::begin(shared, room.clone(), keys, now).ok_or(Refusal::Busy)?;
    // The key may have been taken away while all this was looked up.
    let keys = shared.media.keys(app, &room).await.map_err(|error| failed(&error))?;
    if keys.is_some_and(|keys| publishing.stream.has_keys(&keys)) { Ok(publishing) } else { Err(Refusal::Denied) }
}

fn room_of(address: &Address) -> Option<RoomId> {
    (address.app == APP && !address.name.is_empty()).then(|| RoomId::from(decoded(&address.name)))
}

/// Serves a player until one of both ends; says why it is not served at all.
async fn play(gateway: &Gateway, peer: &mut Peer, address: &Address) -> io::Result<Option<Refusal>> {
    let shared = &gateway.shared;
    let Some(room) = room_of(address) else { return Ok(Some(Refusal::Missing)) };
    let Some(stream) = shared.media.stream(&room) else { return Ok(Some(Refusal::Missing)) };
    if shared.may_play(&stream, &room, &address.query).is_err() {
        return Ok(Some(Refusal::Denied));
    }
    let Some(mut viewer) = shared.watch(&room) else { return Ok(Some(Refusal::Busy)) };
    peer.session.accept();
    let stalled = Duration::from_secs(shared.config.media.stalled_secs);
    peer.read_bytes = VIEWER_READ_BYTES;
    peer.read = BytesMut::new();
    peer.take_output();
    while let Some(turn) = next_turn(&mut viewer, peer).await? {
        peer.out.extend(turn.iter().map(|frame| frame.rtmp()));
        timeout(stalled, peer.flush()).await.map_err(io::Error::other)??;
    }
    Ok(None)
}

/// What a viewer is sent next; meanwhile its connection is listened to.
async fn next_turn(
    viewer: &mut Viewer,
    peer: &mut Peer,
) -> io::Result<Option<Vec<Arc<hawker_media::relay::Frame>>>> {
    loop {
        tokio::select! {
            frames = viewer.next() => return Ok(frames),
            event = peer.event() => match event? {
                None | Some(Event::Ended) => return Ok(None),
                Some(_) => {}
            },
        }
    }
}

/// A connection and its state. Whatever waits here can be given up without losing a byte.
struct Peer {
    socket: TcpStream,
    session: Session,
    read: BytesMut,
    read_bytes: usize,
    out: VecDeque<Bytes>,
}

impl Peer {
    fn new(socket: TcpStream) -> Self {
        let session = Session::new(secrets::bytes());
        Self { socket, session, read: BytesMut::new(), read_bytes: READ_BYTES, out: VecDeque::new() }
    }

    /// What has happened next; `None`: the peer is gone.
    async fn event(&mut self) -> io::Result<Option<Event>> {
        loop {
            let taken = self.session.take(&self.read);
            let (used, event) =
                taken.map_err(|violation| io::Error::new(io::ErrorKind::InvalidData, violation.0))?;
            let _ = self.read.split_to(used);
            self.take_output();
            if event.is_some() {
                return Ok(event);
            }
            self.flush().await?;
            self.read.reserve(self.read_bytes);
            if self.socket.read_buf(&mut self.read).await? == 0 {
                return Ok(None);
            }
        }
    }

    fn take_output(&mut self) {
        let output = self.session.output();
        if !output.is_empty() {
            self.out.push_back(output.into());
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        while !self.out.is_empty() {
            let mut pieces = [IoSlice::new(&[]); PIECES_MAX];
            let count = self.out.len().min(PIECES_MAX);
            for (piece, bytes) in pieces.iter_mut().zip(&self.out) {
                *piece = IoSlice::new(bytes);
            }
            let mut written = self.socket.write_vectored(&pieces[..count]).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            while let Some(first) = self.out.front_mut()
                && written > 0
            {
                let taken = written.min(first.len());
                first.advance(taken);
                written -= taken;
                if first.is_empty() {
                    self.out.pop_front();
                }
            }
        }
        Ok(())
    }

    /// Sends what is to be said last, and waits a moment until it was read: a connection that is closed over unread
    /// bytes is reset, and takes the last words with it.
    async fn farewell(mut self) -> io::Result<()> {
        self.take_output();
        let said = async {
            self.flush().await?;
            self.socket.shutdown().await?;
            let mut rest = [0; 4096];
            while self.socket.read(&mut rest).await? > 0 {}
            Ok(())
        };
        limited(said).await
    }
}

async fn limited(work: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    timeout(FAREWELL, work).await.unwrap_or(Ok(()))
}
