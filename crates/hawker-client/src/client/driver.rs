//! The task behind a client: carries out what the session says.
//!
//! All waiting of a client is here; all rules are in [`Session`].

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::{self, Message, protocol::WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::{Command, Shared};
use crate::error::Error;
use crate::protocol::{Config, Event, FRAME_BYTES_MAX, Input, Limits, Now, Output, Session, Ticket};

/// Boxed, because it is handed around and large.
type Socket = Box<WebSocketStream<MaybeTlsStream<TcpStream>>>;
type Connecting = Pin<Box<dyn Future<Output = Result<Socket, String>> + Send>>;

pub(super) struct Driver {
    session: Session,
    limits: Limits,
    started: Instant,
    commands: mpsc::Receiver<Command>,
    waiting: HashMap<Ticket, oneshot::Sender<Result<Value, Error>>>,
    shared: Arc<Shared>,
    socket: Option<Socket>,
    connecting: Option<Connecting>,
    /// Told once whether the first connection opened.
    opened: Option<oneshot::Sender<Result<(), Error>>>,
}

/// What the task was woken by.
enum Woken {
    Command(Option<Command>),
    Connected(Result<Socket, String>),
    Received(Option<Result<Message, tungstenite::Error>>),
    Time,
}

impl Driver {
    pub(super) fn new(
        config: Config,
        seed: u64,
        commands: mpsc::Receiver<Command>,
        shared: Arc<Shared>,
        opened: oneshot::Sender<Result<(), Error>>,
    ) -> Driver {
        Driver {
            limits: config.limits.clone(),
            session: Session::new(config, seed),
            started: Instant::now(),
            commands,
            waiting: HashMap::new(),
            shared,
            socket: None,
            connecting: None,
            opened: Some(opened),
        }
    }

    pub(super) async fn run(mut self) {
        let closed = self.serve().await;
        if let Some(mut socket) = self.socket.take() {
            // A courtesy to the server; it notices anyway. Said to what is in the box: the box may have a `close` too.
            let _ = tokio::time::timeout(self.limits.write_timeout, socket.as_mut().close(None)).await;
        }
        self.waiting.clear();
        for queue in self.shared.queues.lock().expect("no panic while locked").drain(..) {
            queue.close();
        }
        if let Some(closed) = closed {
            let _ = closed.send(());
        }
    }

    /// Runs until the client is closed; returns who is to be told that it is.
    async fn serve(&mut self) -> Option<oneshot::Sender<()>> {
        loop {
            self.carry_out().await;
            match self.woken().await {
                Woken::Command(None) => return None,
                Woken::Command(Some(Command::Close(closed))) => return Some(closed),
                Woken::Command(Some(command)) => self.command(command),
                Woken::Connected(result) => {
                    if !self.connected(result) {
                        return None;
                    }
                }
                Woken::Received(message) => self.received(message),
                Woken::Time => self.input(Input::Tick),
            }
        }
    }

    async fn woken(&mut self) -> Woken {
        let wake_at = self.session.wake_at().map(|at| self.started + at);
        tokio::select! {
            command = self.commands.recv() => Woken::Command(command),
            result = opened(&mut self.connecting) => Woken::Connected(result),
            message = received(&mut self.socket) => Woken::Received(message),
            () = until(wake_at) => Woken::Time,
        }
    }

    fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now { at: self.started.elapsed(), unix_secs: unix.as_secs() }
    }

    fn input(&mut self, input: Input<'_>) {
        self.session.handle(self.now(), input);
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Request(ticket, request, answer) => {
                self.waiting.insert(ticket, answer);
                self.input(Input::Request(ticket, request));
            }
            Command::Abandon(ticket) => {
                self.waiting.remove(&ticket);
                self.input(Input::Abandoned(ticket));
            }
            Command::Close(_) => unreachable!("handled by the caller"),
        }
    }

    /// Whether to go on: without a first connection there is no client.
    fn connected(&mut self, result: Result<Socket, String>) -> bool {
        self.connecting = None;
        let opened = self.opened.take();
        match result {
            Ok(socket) => {
                self.socket = Some(socket);
                self.input(Input::Opened);
                opened.is_none_or(|opened| opened.send(Ok(())).is_ok())
            }
            Err(reason) => {
                if let Some(opened) = opened {
                    let _ = opened.send(Err(Error::Disconnected { reason }));
                    return false;
                }
                self.input(Input::Closed { reason });
                true
            }
        }
    }

    fn received(&mut self, message: Option<Result<Message, tungstenite::Error>>) {
        match message {
            Some(Ok(Message::Binary(bytes))) => self.input(Input::Frame(&bytes)),
            Some(Ok(Message::Text(text))) => self.input(Input::Frame(text.as_bytes())),
            Some(Ok(Message::Close(_))) | None => self.lost("closed by the server".to_owned()),
            Some(Ok(_)) => {}
            Some(Err(error)) => self.lost(error.to_string()),
        }
    }

    fn lost(&mut self, reason: String) {
        self.socket = None;
        self.input(Input::Closed { reason });
    }

    /// Does everything the session wants done. Frames that come together are handed over together.
    async fn carry_out(&mut self) {
        loop {
            let mut frames = Vec::new();
            while let Some(output) = self.session.poll() {
                match output {
                    Output::Send(frame) => frames.push(frame),
                    Output::Connect { url } => self.connecting = Some(connect(url, &self.limits)),
                    Output::Disconnect => self.socket = None,
                    Output::Event(event) => self.tell(event),
                    Output::Done(ticket, result) => self.answer(ticket, result),
                }
            }
            if frames.is_empty() {
                return;
            }
            if let Err(reason) = self.write(frames).await {
                self.lost(reason);
            }
        }
    }

    async fn write(&mut self, frames: Vec<Vec<u8>>) -> Result<(), String> {
        let Some(socket) = &mut self.socket else {
            return Ok(());
        };
        let write = async {
            for frame in frames {
                socket.feed(Message::binary(frame)).await?;
            }
            socket.flush().await
        };
        match tokio::time::timeout(self.limits.write_timeout, write).await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(_) => Err("the server does not read".to_owned()),
        }
    }

    fn answer(&mut self, ticket: Ticket, result: Result<Value, Error>) {
        if let Some(answer) = self.waiting.remove(&ticket) {
            // Whoever asked may have gone.
            let _ = answer.send(result);
        }
    }

    fn tell(&mut self, event: Event) {
        match &event {
            Event::Ready { user } => *self.shared.user.lock().expect("no panic while locked") = Some(user.clone()),
            Event::NotReady => *self.shared.user.lock().expect("no panic while locked") = None,
            _ => {}
        }
        let mut queues = self.shared.queues.lock().expect("no panic while locked");
        // The receiver of a queue that only this list holds is gone.
        queues.retain(|queue| Arc::strong_count(queue) > 1);
        if let Some((last, others)) = queues.split_last() {
            others.iter().for_each(|queue| queue.push(event.clone()));
            last.push(event);
        }
    }
}

/// Small buffers: a client may be one of thousands in its process, and tungstenite's default is 128 KiB each.
fn connect(url: String, limits: &Limits) -> Connecting {
    let config = WebSocketConfig::default()
        .read_buffer_size(8 << 10)
        .write_buffer_size(4 << 10)
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX));
    let timeout = limits.connect_timeout;
    Box::pin(async move {
        match tokio::time::timeout(timeout, connect_async_with_config(url, Some(config), true)).await {
            Ok(Ok((socket, _))) => Ok(Box::new(socket)),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no connection within {timeout:?}")),
        }
    })
}

async fn opened(connecting: &mut Option<Connecting>) -> Result<Socket, String> {
    match connecting {
        Some(connecting) => connecting.await,
        None => std::future::pending().await,
    }
}

async fn received(socket: &mut Option<Socket>) -> Option<Result<Message, tungstenite::Error>> {
    match socket {
        Some(socket) => socket.next().await,
        None => std::future::pending().await,
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
