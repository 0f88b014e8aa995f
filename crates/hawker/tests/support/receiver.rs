//! An endpoint of webhooks: a real HTTP server that remembers what it was told and answers as it is bid.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

/// What it was told.
#[derive(Clone, Debug)]
pub struct Told {
    pub headers: Vec<(String, String)>,
    pub raw: Vec<u8>,
    pub body: Value,
}

impl Told {
    /// A header, by its lower-case name.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    pub fn event(&self) -> &str {
        self.body["event"].as_str().expect("a kind")
    }

    pub fn stream(&self) -> &str {
        self.body["stream"].as_str().expect("a stream")
    }

    pub fn id(&self) -> i64 {
        self.body["id"].as_i64().expect("a number")
    }
}

#[derive(Default)]
struct State {
    told: Vec<Told>,
    /// What is answered next; then 200.
    answers: Vec<u16>,
    /// Answers wait.
    held: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    dead: AtomicBool,
}

/// See the module.
pub struct Receiver {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

impl Receiver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = listener.local_addr().expect("an address");
        let mut receiver = Self { addr, shared: Arc::default(), listening: None };
        receiver.listen(listener);
        receiver
    }

    fn listen(&mut self, listener: TcpListener) {
        let shared = self.shared.clone();
        self.listening = Some(std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.dead.load(SeqCst) {
                    return;
                }
                let (stream, shared) = (stream.expect("a connection"), shared.clone());
                std::thread::spawn(move || serve(&stream, &shared));
            }
        }));
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.addr)
    }

    /// Answers with these, and then with 200 again.
    pub fn answer(&self, statuses: &[u16]) {
        self.shared.state.lock().unwrap().answers = statuses.iter().rev().copied().collect();
    }

    /// Hears everything and answers nothing, until it is told to.
    pub fn hold(&self, held: bool) {
        self.shared.state.lock().unwrap().held = held;
        self.shared.changed.notify_all();
    }

    /// Takes no connections any more.
    pub fn die(&mut self) {
        self.shared.dead.store(true, SeqCst);
        let _ = TcpStream::connect(self.addr);
        self.listening.take().expect("it lives").join().expect("it ends");
    }

    /// Is there again, at the same place.
    pub fn come_back(&mut self) {
        self.shared.dead.store(false, SeqCst);
        let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        listener.set_reuse_address(true).expect("a socket");
        listener.bind(&self.addr.into()).expect("its port is free");
        listener.listen(16).expect("a socket");
        self.listen(listener.into());
    }

    /// What it was told so far.
    pub fn told(&self) -> Vec<Told> {
        self.shared.state.lock().unwrap().told.clone()
    }

    /// Waits until it was told so many things.
    pub fn wait_for(&self, count: usize) -> Vec<Told> {
        let state = self.shared.state.lock().unwrap();
        let enough =
            self.shared.changed.wait_timeout_while(state, super::DEADLINE, |state| state.told.len() < count);
        let told = enough.unwrap().0.told.clone();
        let numbers: Vec<_> = told.iter().map(Told::id).collect();
        assert!(told.len() >= count, "{count} were to come: {numbers:?}");
        told
    }
}

fn serve(stream: &TcpStream, shared: &Shared) {
    let mut reader = BufReader::new(stream);
    while let Some(told) = read(&mut reader) {
        let mut state = shared.state.lock().unwrap();
        if shared.dead.load(SeqCst) {
            return;
        }
        state.told.push(told);
        shared.changed.notify_all();
        let mut state = shared.changed.wait_while(state, |state| state.held).unwrap();
        let status = state.answers.pop().unwrap_or(200);
        drop(state);
        let location = if status == 302 { "Location: /elsewhere\r\n" } else { "" };
        let answer = format!("HTTP/1.1 {status} So\r\n{location}Content-Length: 6\r\n\r\nheard\n");
        if (&mut &*stream).write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Told> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut raw = vec![0; length];
    reader.read_exact(&mut raw).ok()?;
    let body = serde_json::from_slice(&raw).expect("JSON");
    Some(Told { headers, raw, body })
}
