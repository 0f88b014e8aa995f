//! Scripted viewers, to fill a room for a demonstration.
//!
//! They come and go, chat about the goods being shown, like in bursts, send gifts, follow and buy, at times drawn from a
//! seeded generator; a scripted host shows goods and announces. They are ordinary clients with ordinary logins and can
//! do nothing that real viewers cannot.

mod script;
mod shopkeeper;
mod words;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::client::{Client, ConnectOptions};
use crate::error::Error;
use crate::live_sells::LiveSells;
use crate::protocol::Event;
use crate::types::{Element, NewRoom, Outgoing, ProfileUpdate, RoomId, RoomMessage, RoomUpdate};
use crate::usersig::user_sig;
use script::{Deed, HostDeed, Script, host_script};
use shopkeeper::Shopkeeper;
use words::{GOODS, nick};

/// A viewer that was refused or cut off tries again after this long.
const TRY_AGAIN: Duration = Duration::from_secs(5);
/// Signatures are good for a day; a longer show makes new ones with every return.
const SIG_SECS: u64 = 86_400;

/// A show to put on.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoOptions {
    /// `ws://host:port`.
    pub url: String,
    /// The app.
    pub sdk_app_id: u64,
    /// Its secret, to sign the viewers in with.
    pub secret: String,
    /// The room; created by the scripted host if it does not exist.
    pub room: RoomId,
    /// How many viewers.
    pub viewers: usize,
    /// The same seed gives the same show, but for the network.
    pub seed: u64,
    /// User id of the scripted host; `None`: no host, the room must exist.
    pub host: Option<String>,
    /// User id of an administrator of the app, who stocks the shop and takes the payments; `None`: viewers only say that
    /// they buy and give.
    pub admin: Option<String>,
    /// Pictures that viewers show, as files.
    pub pictures: Vec<Bytes>,
    /// How fast: 1 is natural, 2 twice as fast.
    pub speed: f64,
}

impl DemoOptions {
    /// A show at natural speed with a scripted host.
    pub fn new(
        url: impl Into<String>,
        sdk_app_id: u64,
        secret: impl Into<String>,
        room: impl Into<RoomId>,
        viewers: usize,
        seed: u64,
    ) -> DemoOptions {
        DemoOptions {
            url: url.into(),
            sdk_app_id,
            secret: secret.into(),
            room: room.into(),
            viewers,
            seed,
            host: Some("demo_host".to_owned()),
            admin: None,
            pictures: Vec::new(),
            speed: 1.0,
        }
    }

    fn paced(&self, time: Duration) -> Duration {
        time.div_f64(self.speed.max(0.01))
    }

    async fn log_in(&self, user: &str) -> Result<Client, Error> {
        let client = Client::connect(ConnectOptions::new(&self.url, self.sdk_app_id)).await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let sig = user_sig(self.sdk_app_id, &self.secret, user, SIG_SECS, now);
        client.login(user, sig).await?;
        Ok(client)
    }
}

/// What happened in a show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DemoReport {
    /// Times a viewer came in.
    pub joins: u64,
    /// Messages, likes, gifts, follows and purchases sent.
    pub deeds: u64,
    /// Of those, refused by the server.
    pub refused: u64,
}

/// What the actors of a show share.
struct Stage {
    options: DemoOptions,
    /// There is a shop behind the show.
    shop: Option<Shopkeeper>,
    /// Which of the goods the host is showing.
    showing: AtomicUsize,
    joins: AtomicU64,
    deeds: AtomicU64,
    refused: AtomicU64,
}

/// Puts on a show until `until` is over, or until the returned future is dropped.
///
/// # Errors
/// What the host's login, the making of the room or the first word in it fail with. Later errors of single actors are
/// counted, and tried again after a while.
pub async fn run_demo(options: DemoOptions, until: impl Future<Output = ()>) -> Result<DemoReport, Error> {
    let client = match &options.host {
        Some(host) => Some(open_room(&options, host).await?),
        None => None,
    };
    let shop = match &options.admin {
        Some(admin) => Some(Shopkeeper::open(options.log_in(admin).await?, &options.room).await?),
        None => None,
    };
    let stage = Arc::new(Stage {
        options,
        shop,
        showing: AtomicUsize::new(0),
        joins: AtomicU64::new(0),
        deeds: AtomicU64::new(0),
        refused: AtomicU64::new(0),
    });
    // Dropping the set ends its tasks, so a cancelled show leaves nobody behind.
    let mut actors = JoinSet::new();
    if let Some(client) = client {
        actors.spawn(host_show(stage.clone(), client));
    }
    for viewer in 0..stage.options.viewers {
        actors.spawn(watch(stage.clone(), viewer));
    }
    until.await;
    actors.shutdown().await;
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    Ok(DemoReport { joins: count(&stage.joins), deeds: count(&stage.deeds), refused: count(&stage.refused) })
}

/// The room is there and live, and the host in it.
async fn open_room(options: &DemoOptions, host: &str) -> Result<Client, Error> {
    let client = options.log_in(host).await?;
    let nick = ProfileUpdate { nick: Some("主播 Host".to_owned()), ..ProfileUpdate::default() };
    client.update_my_profile(nick).await?;
    let new = NewRoom { name: "Demo 演示".to_owned(), id: Some(options.room.clone()), ..NewRoom::default() };
    match client.create_room(new).await {
        // Somebody's room already: the show goes on in it, with or without the host's rights.
        Ok(_) | Err(Error::Refused { code: 10021 | 10025, .. }) => {}
        Err(error) => return Err(error),
    }
    client.join(&options.room).await?;
    let live = RoomUpdate::field(crate::live_sells::names::ROOM_STATUS, "live");
    match client.update_room_profile(&options.room, live).await {
        Ok(()) | Err(Error::Refused { .. }) => Ok(client),
        Err(error) => Err(error),
    }
}

async fn host_show(stage: Arc<Stage>, client: Client) {
    let room = &stage.options.room;
    let mut events = client.events();
    // What viewers ask, and what is pinned of it.
    let (mut question, mut pinned) = (None, None);
    for (pause, deed) in host_script() {
        let pause = sleep(stage.options.paced(pause));
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = &mut pause => break,
                event = events.next() => match event {
                    Some(Event::Message(message)) => question = asked(&message).or(question),
                    Some(_) => {}
                    None => return,
                },
            }
        }
        match deed {
            HostDeed::Show(at) => {
                stage.showing.store(at, Ordering::Relaxed);
                stage.count(show(&stage, &client, at).await);
            }
            HostDeed::Coupon => {
                if let Some(shop) = &stage.shop {
                    stage.count(shop.drop_coupon(&client, room).await);
                }
            }
            HostDeed::Flash(at) => {
                if let Some(shop) = &stage.shop {
                    stage.count(shop.flash_sale(&client, room, at).await);
                }
            }
            HostDeed::Announce(text) => {
                let update = RoomUpdate { notification: Some(text.to_owned()), ..RoomUpdate::default() };
                stage.count(client.update_room_profile(room, update).await);
            }
            HostDeed::Pin => {
                let Some(seq) = question.take() else { continue };
                if let Some(before) = pinned.replace(seq) {
                    stage.count(client.unpin_message(room, before).await);
                }
                stage.count(client.pin_message(room, seq).await);
            }
        }
    }
}

/// Shows goods: pushes them where there is a shop, names them where there is none.
async fn show(stage: &Stage, client: &Client, at: usize) -> Result<(), Error> {
    let room = &stage.options.room;
    if let Some(shop) = &stage.shop {
        return client.push_goods(room, Some(shop.goods(at))).await.map(drop);
    }
    let update = RoomUpdate::field(crate::live_sells::names::ADD_GOODS, GOODS[at].card());
    client.update_room_profile(room, update).await
}

/// The number of a message that asks something.
fn asked(message: &RoomMessage) -> Option<u64> {
    message.text().filter(|text| text.ends_with(['?', '？'])).map(|_| message.seq)
}

/// A viewer's life: comes, takes part, goes, comes again.
async fn watch(stage: Arc<Stage>, viewer: usize) {
    let mut script = Script::new(stage.options.seed, viewer);
    sleep(stage.options.paced(script.arrival(stage.options.viewers))).await;
    loop {
        let away = match visit(&stage, viewer, &mut script).await {
            Ok(away) => stage.options.paced(away),
            Err(_) => {
                stage.refused.fetch_add(1, Ordering::Relaxed);
                TRY_AGAIN
            }
        };
        sleep(away).await;
    }
}

/// One visit; how long the viewer stays away afterwards.
async fn visit(stage: &Stage, viewer: usize, script: &mut Script) -> Result<Duration, Error> {
    let client = stage.options.log_in(&format!("demo_viewer_{viewer}")).await?;
    client.update_my_profile(ProfileUpdate { nick: Some(nick(viewer)), ..ProfileUpdate::default() }).await?;
    let (live, _) = LiveSells::join(&client, &stage.options.room).await?;
    stage.joins.fetch_add(1, Ordering::Relaxed);
    loop {
        sleep(stage.options.paced(script.pause())).await;
        let showing = stage.showing.load(Ordering::Relaxed);
        let goods = &GOODS[showing];
        match script.next(goods) {
            Deed::Leave(away) => {
                live.exit().await?;
                client.close().await;
                return Ok(away);
            }
            Deed::Like(times) => like(stage, &live, script, times).await,
            Deed::Say(text) => stage.count(live.send_message(text).await),
            Deed::Picture(which) => stage.count(picture(stage, &client, which).await),
            Deed::Gift(id, count) => stage.count(give(stage, &client, &live, id, count).await),
            Deed::Follow => stage.count(follow(stage, &client, &live).await),
            Deed::Claim => {
                if let Some(shop) = &stage.shop {
                    stage.count(shop.claim(&client, &stage.options.room).await);
                }
            }
            Deed::Buy => {
                let bought = match &stage.shop {
                    Some(shop) => shop.buy(&client, &stage.options.room, showing).await,
                    None => live.buy_goods(&goods.card()).await.map(drop),
                };
                stage.count(bought);
            }
        }
    }
}

async fn give(stage: &Stage, client: &Client, live: &LiveSells, id: &str, count: u64) -> Result<(), Error> {
    match &stage.shop {
        Some(shop) => shop.give(client, &stage.options.room, id, count as u32).await,
        None => live.gift(&serde_json::json!({"id": id, "count": count}).to_string()).await.map(drop),
    }
}

async fn follow(stage: &Stage, client: &Client, live: &LiveSells) -> Result<(), Error> {
    match (&stage.shop, &stage.options.host) {
        (Some(_), Some(host)) => client.follow(&stage.options.room, host.as_str(), true).await.map(drop),
        _ => live.attention().await.map(drop),
    }
}

/// Shows one of the show's pictures; says something where there are none.
async fn picture(stage: &Stage, client: &Client, which: u64) -> Result<(), Error> {
    let (room, pictures) = (&stage.options.room, &stage.options.pictures);
    let Some(picture) = pictures.get(which as usize % pictures.len().max(1)) else {
        return client.send_text(room, words::GREETING).await.map(drop);
    };
    let image = client.upload_image("photo.jpg", picture.clone(), |_| {}).await?;
    client.send(room, Outgoing::new(Element::Image(image))).await.map(drop)
}

async fn like(stage: &Stage, live: &LiveSells, script: &mut Script, times: u64) {
    for _ in 0..times {
        stage.count(live.like("").await);
        sleep(stage.options.paced(script.between_likes())).await;
    }
}

impl Stage {
    /// A muted or filtered actor goes on with the show.
    fn count<T>(&self, result: Result<T, Error>) {
        self.deeds.fetch_add(1, Ordering::Relaxed);
        if result.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
    }
}
