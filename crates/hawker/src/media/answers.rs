//! Answers to `live_media.*`.

use super::{APP, Media, address, new_keys};
use crate::config::RTMP_PORT;
use crate::gateway::Gateway;
use crate::letters::{ToShard, shard_of};
use crate::shared::Shared;
use hawker_core::answer::{Role, RoomView};
use hawker_core::{AppId, ConnId, Refusal, RoomId};
use hawker_media::access;
use hawker_store::{StoreError, StreamKeys};
use hawker_wire::tencent::decode::MediaQuestion;
use hawker_wire::tencent::envelope::outcome_body;
use hawker_wire::tencent::error::{Family, wire_error};
use hawker_wire::tencent::reply::{self, PushAnswer, StreamAnswer, VideoShown};
use std::sync::Arc;
use tokio::sync::mpsc;

/// What a client asks over its WebSocket.
pub struct Question {
    /// Its connection.
    pub conn: ConnId,
    /// The number of its request.
    pub seq: u64,
    /// The command, repeated in the reply.
    pub servcmd: Box<str>,
    /// Its app.
    pub app: AppId,
    /// What it asks.
    pub what: MediaQuestion,
    /// The room, as it sees it.
    pub view: Result<RoomView, Refusal>,
    /// How it reached this server.
    pub origin: Option<Arc<str>>,
}

/// Answers clients, for as long as the server runs.
pub async fn run(gateway: Gateway, mut questions: mpsc::Receiver<Question>) {
    while let Some(question) = questions.recv().await {
        let Question { conn, seq, servcmd, app, what, view, origin } = question;
        let view = view.map(|view| {
            let runs_it = matches!(view.role, Some(Role::Owner | Role::Admin));
            (view.room, runs_it)
        });
        let body = gateway.shared.media_answer(app, what, view, origin.as_deref()).await;
        gateway.shards[shard_of(conn)].put(&mut vec![ToShard::Written { conn, seq, servcmd, body }]);
    }
}

impl Shared {
    /// The answer about a room, for somebody who may run its show or not.
    pub async fn media_answer(
        &self,
        app: AppId,
        what: MediaQuestion,
        room: Result<(RoomId, bool), Refusal>,
        origin: Option<&str>,
    ) -> String {
        let answered = match room {
            Ok((room, _)) if what == MediaQuestion::Stream => Ok(self.stream_answer(app, &room)),
            Ok((_, false)) => Err(Refusal::NotAllowed),
            // Addresses name no app.
            Ok(_) if app != self.pages_app => Err(Refusal::NotAllowed),
            Ok((room, true)) => Ok(self.push_answer(what, &room, origin).await),
            Err(refusal) => Err(refusal),
        };
        answered.unwrap_or_else(|refusal| refusal_body(&refusal))
    }

    fn stream_answer(&self, app: AppId, room: &RoomId) -> String {
        let stream = self.media.stream(room).filter(|_| app == self.pages_app);
        let Some(stream) = stream else {
            return reply::stream(&StreamAnswer { live_since: None, video: None, audio: None, urls: ["", ""] });
        };
        let shown = stream.shown();
        let query = if self.config.media.play_needs_signature {
            let until = self.clock.now().secs() + self.config.media.play_url_secs;
            format!("?{}", access::sign(stream.play_key(), room.as_str(), until))
        } else {
            String::new()
        };
        let path = |ending: &str| format!("/{APP}/{}{ending}{query}", address::encoded(room.as_str()));
        let hls = if shown.hls { path(".m3u8") } else { String::new() };
        reply::stream(&StreamAnswer {
            live_since: Some(stream.since),
            video: shown.video.map(|(codec, width, height)| VideoShown { codec, width, height }),
            audio: shown.audio,
            urls: [&path(".flv"), &hls],
        })
    }

    async fn push_answer(&self, what: MediaQuestion, room: &RoomId, origin: Option<&str>) -> String {
        let keys = match self.media.keys_for(self.pages_app, room, what == MediaQuestion::RenewKey).await {
            Ok(Some(keys)) => keys,
            Ok(None) => return refusal_body(&Refusal::RoomMissing),
            Err(error) => {
                tracing::error!(%error, "the keys of live video cannot be read");
                return outcome_body(60008, "no answer, try again");
            }
        };
        let stream = self.media.stream(room);
        let shown = stream.as_ref().map(|stream| stream.shown());
        reply::push_address(&PushAnswer {
            url: &self.push_url(origin),
            key: &format!("{}?key={}", address::encoded(room.as_str()), keys.push),
            play_key: &keys.play,
            live_since: stream.map(|stream| stream.since),
            kbps: shown.as_ref().map_or(0, |shown| shown.kbps),
            viewers: shown.map_or(0, |shown| shown.viewers),
        })
    }

    /// What encoders call this server; empty if they cannot push here.
    fn push_url(&self, origin: Option<&str>) -> String {
        let Some(addr) = self.media.rtmp() else { return String::new() };
        let base = self.config.base_url();
        let configured = self.config.files.public_url.as_deref();
        let host = address::host(configured.or(origin).unwrap_or(&base));
        match addr.port() {
            RTMP_PORT => format!("rtmp://{host}/{APP}"),
            port => format!("rtmp://{host}:{port}/{APP}"),
        }
    }
}

fn refusal_body(refusal: &Refusal) -> String {
    let error = wire_error(refusal, Family::Group);
    outcome_body(error.code, &error.info)
}

impl Media {
    /// The keys of a room, made now if it has none or wants others; `None`: there is no such room. With others, who
    /// pushes is cut off.
    async fn keys_for(&self, app: AppId, room: &RoomId, others: bool) -> Result<Option<StreamKeys>, StoreError> {
        let keys_of = room.clone();
        let keys = self.table(move |table| {
            let keys = table.keys(app, &keys_of)?;
            match keys {
                Some(keys) if !others => return Ok(Some(keys)),
                Some(_) => table.replace(app, &keys_of, &new_keys())?,
                None => table.insert(app, &keys_of, &new_keys())?,
            };
            table.keys(app, &keys_of)
        });
        let keys = keys.await?;
        if others {
            self.cut(room);
        }
        Ok(keys)
    }
}
