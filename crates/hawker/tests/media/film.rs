//! A film made by ffmpeg, encoders that push it, and readers of what comes out.

use crate::support::{DEADLINE, Server};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// Pictures a second, and from one key frame to the next.
pub const RATE: usize = 25;

/// A film in a file: a moving test picture with B-frames and a tone.
pub struct Film {
    pub path: PathBuf,
    /// What is in it.
    pub tags: Vec<Tag>,
    _folder: TempDir,
}

/// Sound or a picture: kind, milliseconds, body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub kind: u8,
    pub at: u32,
    pub body: Vec<u8>,
}

impl Tag {
    pub fn is_header(&self) -> bool {
        self.kind == 18 || self.body[1] == 0
    }

    pub fn is_key(&self) -> bool {
        self.kind == 9 && self.body[..2] == [0x17, 1]
    }

    /// The mark at the end of the pictures says nothing.
    fn is_end(&self) -> bool {
        self.kind == 9 && self.body[1] == 2
    }
}

impl Film {
    pub fn of_secs(secs: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("film.flv");
        let length = secs.to_string();
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25"])
            .args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100", "-t", &length])
            .args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-bf", "2"])
            .args(["-sc_threshold", "0", "-c:a", "aac", "-b:a", "64k"])
            .arg(&path)
            .output()
            .expect("ffmpeg is there: make deps-ffmpeg");
        assert!(made.status.success(), "{made:?}");
        let tags = frames(&std::fs::read(&path).expect("a film"));
        Self { path, tags, _folder: folder }
    }

    /// Pushes it as fast as it plays.
    pub fn push(&self, to: &str) -> Encoder {
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-re", "-i"]).arg(&self.path).args(["-c", "copy", "-f", "flv", to]);
        let child = ffmpeg.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        Encoder(Some(child.expect("ffmpeg is there")))
    }
}

/// An encoder that runs.
pub struct Encoder(Option<Child>);

impl Encoder {
    /// Waits until it ends.
    pub fn end(mut self) -> Output {
        self.0.take().expect("it runs").wait_with_output().expect("it ends")
    }

    /// Its connection stays, and nothing comes any more.
    pub fn pause(&self) {
        let pid = self.0.as_ref().expect("it runs").id();
        // Safety: a plain call; the child has not been waited for, so the id is its own.
        assert_eq!(unsafe { libc::kill(pid as i32, libc::SIGSTOP) }, 0);
    }

    pub fn has_ended(&mut self) -> bool {
        self.0.as_mut().expect("it runs").try_wait().expect("it can be asked").is_some()
    }

    /// Ends it without a goodbye.
    pub fn kill(mut self) {
        let mut child = self.0.take().expect("it runs");
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }

    /// It is refused, and told why.
    pub fn must_be_refused(self, why: &str) {
        let ended = self.end();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(!ended.status.success() && said.contains(why), "{why}: {said}");
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A server with a room, and how it is pushed to.
pub struct Show {
    pub server: Server,
    pub push: Value,
}

pub const ROOM: &str = "tea";

impl Show {
    pub fn new(config: &str) -> Self {
        let server = Server::start(config);
        server.open_room(ROOM, "mei");
        let push = server.rest_ok("live_media/get_push", &json!({ "GroupId": ROOM }));
        Self { server, push }
    }

    /// Where an encoder pushes, as the server says it.
    pub fn address(&self) -> String {
        let text = |name: &str| self.push[name].as_str().expect("a text").to_owned();
        format!("{}/{}", text("Url"), text("Key"))
    }

    /// The same with other parameters.
    pub fn address_with(&self, query: &str) -> String {
        format!("{}/live/{ROOM}?{query}", self.server.rtmp)
    }

    pub fn stream(&self) -> Value {
        self.server.rest_ok("live_media/get_stream", &json!({ "GroupId": ROOM }))
    }

    pub fn is_live(&self) -> bool {
        self.stream()["State"] == "live"
    }

    pub fn field(&self, name: &str) -> Option<String> {
        let info = self.server.rest_ok("group_open_http_svc/get_group_info", &json!({ "GroupIdList": [ROOM] }));
        let fields = info["GroupInfo"][0]["AppDefinedData"].as_array().expect("fields").clone();
        fields.iter().find(|field| field["Key"] == name).map(|field| field["Value"].as_str().unwrap().to_owned())
    }
}

/// The frames and headers of a whole FLV file.
pub fn frames(mut file: &[u8]) -> Vec<Tag> {
    let mut tags = Vec::new();
    take_flv_head(&mut file);
    while !file.is_empty() {
        tags.extend(take_tag(&mut file));
    }
    tags.retain(|tag| !tag.is_end());
    tags
}

fn take_flv_head(from: &mut impl Read) {
    let mut head = [0; 13];
    from.read_exact(&mut head).expect("a head");
    assert!(head.starts_with(b"FLV\x01\x05") && head.ends_with(&[0, 0, 0, 9, 0, 0, 0, 0]), "{head:?}");
}

fn take_tag(from: &mut impl Read) -> Option<Tag> {
    let mut head = [0; 11];
    from.read_exact(&mut head).ok()?;
    let length = u32::from_be_bytes([0, head[1], head[2], head[3]]) as usize;
    let at = u32::from_be_bytes([head[7], head[4], head[5], head[6]]);
    let mut body = vec![0; length + 4];
    from.read_exact(&mut body).expect("a whole tag");
    assert_eq!(body[length..], (length as u32 + 11).to_be_bytes());
    body.truncate(length);
    Some(Tag { kind: head[0], at, body })
}

/// A viewer of FLV over HTTP.
pub struct Pull(BufReader<TcpStream>);

impl Pull {
    /// The status, and the viewer if there is something to see.
    pub fn open(addr: SocketAddr, path: &str) -> (u16, Option<Self>) {
        let mut stream = TcpStream::connect(addr).expect("the server takes connections");
        stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
        stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: hawker\r\n\r\n").as_bytes()).expect("a request");
        let mut reader = BufReader::new(stream);
        let status = read_head(&mut reader);
        if status != 200 {
            return (status, None);
        }
        take_flv_head(&mut reader);
        (status, Some(Self(reader)))
    }

    pub fn of(show: &Show) -> Self {
        Self::open(show.server.addr, &format!("/live/{ROOM}.flv")).1.expect("a stream")
    }

    pub fn next(&mut self) -> Option<Tag> {
        take_tag(&mut self.0)
    }

    /// All that is still to come.
    pub fn rest(mut self) -> Vec<Tag> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

fn read_head(reader: &mut impl BufRead) -> u16 {
    let mut status = None;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a head");
        status = status.or_else(|| line.split(' ').nth(1)?.parse().ok());
        if line.trim().is_empty() {
            return status.expect("a status");
        }
    }
}

/// A viewer in a WebSocket: all that comes until the server says goodbye, as one file.
pub fn pull_in_websocket(addr: SocketAddr, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(addr).expect("the server takes connections");
    stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: hawker\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("a request");
    let mut reader = BufReader::new(stream);
    assert_eq!(read_head(&mut reader), 101);
    let mut file = Vec::new();
    loop {
        let mut head = [0; 2];
        reader.read_exact(&mut head).expect("a frame");
        let mut length = u64::from(head[1]);
        if length >= 126 {
            let mut long = [0; 8];
            let from = if length == 126 { 6 } else { 0 };
            reader.read_exact(&mut long[from..]).expect("a length");
            length = u64::from_be_bytes(long);
        }
        let mut payload = vec![0; length as usize];
        reader.read_exact(&mut payload).expect("a whole frame");
        match head[0] {
            0x82 => file.extend_from_slice(&payload),
            0x88 => return file,
            other => panic!("a frame of kind {other:x}"),
        }
    }
}

/// Pictures and sounds that ffprobe finds in a file, with the first and the last time of the pictures, in seconds.
pub fn probed(file: &Path) -> (usize, usize, f64, f64) {
    let asked = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", "packet=codec_type,dts_time", "-of", "csv=p=0"])
        .arg(file)
        .output()
        .expect("ffprobe is there");
    let text = String::from_utf8_lossy(&asked.stdout).into_owned();
    assert!(asked.stderr.is_empty(), "{}", String::from_utf8_lossy(&asked.stderr));
    let of = |kind: &str| -> Vec<f64> {
        let lines = text.lines().filter_map(|line| line.trim_end_matches(',').split_once(','));
        lines.filter(|(found, _)| *found == kind).map(|(_, at)| at.parse().unwrap_or(0.0)).collect()
    };
    let pictures = of("video");
    (pictures.len(), of("audio").len(), pictures[0], pictures[pictures.len() - 1])
}
