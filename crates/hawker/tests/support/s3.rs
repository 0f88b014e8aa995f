//! A small S3-compatible store over real HTTP: what the server uses of the protocol, and no more.
//!
//! It checks every request's signature (AWS Signature Version 4) against its own calculation, so a request that is
//! signed wrongly or not at all is refused as a real one refuses it. It proves that the server speaks S3's requests
//! in order and handles its answers and failures; it does not prove anything about a certain vendor's store.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub const KEY_ID: &str = "the-key-id-of-the-tests";
pub const KEY_SECRET: &str = "the-secret-key-of-the-tests";
pub const BUCKET: &str = "shop";

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Vec<u8>>,
    uploads: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
    refused: Vec<String>,
    failing: bool,
    seen: Vec<String>,
}

/// See the module.
#[derive(Clone)]
pub struct Store {
    pub addr: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Store {
    /// Starts a store.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
        let store = Self { addr: listener.local_addr().expect("an address"), state: Arc::default() };
        let serving = store.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let store = serving.clone();
                std::thread::spawn(move || store.serve(stream));
            }
        });
        store
    }

    /// The configuration of a server that uses it.
    pub fn config(&self) -> String {
        format!(
            "[files.s3]\nendpoint = 'http://{}'\nbucket = '{BUCKET}'\nregion = 'eu-test-1'\nkey_id = '{KEY_ID}'\n\
             secret = '{KEY_SECRET}'\nprefix = 'live/files'\npath_style = true\n",
            self.addr
        )
    }

    /// The names of all objects.
    pub fn names(&self) -> Vec<String> {
        self.state.lock().unwrap().objects.keys().cloned().collect()
    }

    /// Requests that were refused, and why.
    pub fn refused(&self) -> Vec<String> {
        self.state.lock().unwrap().refused.clone()
    }

    /// Methods and queries of the requests so far.
    pub fn seen(&self) -> Vec<String> {
        self.state.lock().unwrap().seen.clone()
    }

    /// From now on every request fails, or none.
    pub fn fail(&self, failing: bool) {
        self.state.lock().unwrap().failing = failing;
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
        let mut writer = stream;
        while let Some(request) = Request::read(&mut reader) {
            let (status, headers, body) = self.answer(&request);
            let length = if request.method == "HEAD" {
                String::new()
            } else {
                format!("Content-Length: {}\r\n", body.len())
            };
            let head = format!("HTTP/1.1 {status} x\r\n{headers}{length}\r\n");
            let body = if request.method == "HEAD" { Vec::new() } else { body };
            if writer.write_all(&[head.as_bytes(), &body].concat()).is_err() {
                return;
            }
        }
    }

    fn answer(&self, request: &Request) -> (u16, String, Vec<u8>) {
        let mut state = self.state.lock().unwrap();
        state.seen.push(format!("{} {}", request.method, request.query));
        if let Err(why) = request.signed_well() {
            state.refused.push(why.clone());
            return (403, String::new(), format!("<Error><Code>{why}</Code></Error>").into_bytes());
        }
        if state.failing {
            return (500, String::new(), b"<Error><Code>InternalError</Code></Error>".to_vec());
        }
        let Some(name) = request.path.strip_prefix(&format!("/{BUCKET}/")).map(str::to_owned) else {
            return (404, String::new(), b"<Error><Code>NoSuchBucket</Code></Error>".to_vec());
        };
        let parameter = |name: &str| {
            let pairs = request.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
            pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).next()
        };
        match (&*request.method, parameter("uploadId")) {
            ("POST", None) if parameter("uploads").is_some() => {
                let id = format!("upload{}", state.uploads.len());
                state.uploads.insert(id.clone(), BTreeMap::new());
                let body = format!(
                    "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
                );
                (200, String::new(), body.into_bytes())
            }
            ("PUT", Some(id)) => {
                let number = parameter("partNumber").and_then(|number| number.parse().ok()).expect("a number");
                state.uploads.get_mut(&id).expect("it was begun").insert(number, request.body.clone());
                (200, format!("ETag: \"part{number}\"\r\n"), Vec::new())
            }
            ("POST", Some(id)) => {
                let parts = state.uploads.remove(&id).expect("it was begun");
                state.objects.insert(name, parts.into_values().flatten().collect());
                let body = "<CompleteMultipartUploadResult><ETag>\"whole\"</ETag></CompleteMultipartUploadResult>";
                (200, String::new(), body.into())
            }
            ("PUT", None) => {
                state.objects.insert(name, request.body.clone());
                (200, "ETag: \"whole\"\r\n".into(), Vec::new())
            }
            ("DELETE", _) => {
                state.objects.remove(&name);
                (204, String::new(), Vec::new())
            }
            ("GET" | "HEAD", _) => match state.objects.get(&name) {
                None => (404, String::new(), b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
                Some(bytes) => object(bytes, request),
            },
            other => panic!("the server does not use {other:?}"),
        }
    }
}

fn object(bytes: &[u8], request: &Request) -> (u16, String, Vec<u8>) {
    let date = "Last-Modified: Fri, 01 Jan 2021 00:00:00 GMT\r\nETag: \"whole\"\r\n";
    let range = request.headers.get("range").and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    if let Some((from, to)) = range {
        let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
        let headers = format!("{date}Content-Range: bytes {from}-{to}/{}\r\n", bytes.len());
        return (206, headers, bytes[from..=to].to_vec());
    }
    let length =
        if request.method == "HEAD" { format!("Content-Length: {}\r\n", bytes.len()) } else { String::new() };
    (200, format!("{date}{length}"), bytes.to_vec())
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        Some(Self { method, path: path.into(), query: query.into(), headers, body })
    }

    /// Whether it is signed with our key, as the specification of Signature Version 4 says.
    fn signed_well(&self) -> Result<(), String> {
        let header = |name: &str| self.headers.get(name).map(String::as_str).ok_or(format!("Missing-{name}"));
        let auth = header("authorization")?.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("BadAlgorithm")?;
        let field = |name: &str| {
            let fields = auth.split(',').filter_map(|field| field.trim().split_once('='));
            fields.filter(|(key, _)| *key == name).map(|(_, value)| value).next().ok_or(format!("Missing-{name}"))
        };
        let scope = field("Credential")?.strip_prefix(&format!("{KEY_ID}/")).ok_or("InvalidAccessKeyId")?;
        let names = field("SignedHeaders")?;
        let hash = header("x-amz-content-sha256")?;
        if hash != "UNSIGNED-PAYLOAD" && hash != hex(&Sha256::digest(&self.body)) {
            return Err("XAmzContentSHA256Mismatch".into());
        }
        let mut signed = String::new();
        for name in names.split(';') {
            signed.push_str(&format!("{name}:{}\n", header(name)?));
        }
        let mut pairs: Vec<String> = self
            .query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") })
            .collect();
        pairs.sort();
        let canonical = [&*self.method, &self.path, &pairs.join("&"), &signed, names, hash].join("\n");
        let date = header("x-amz-date")?;
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let first = format!("AWS4{KEY_SECRET}").into_bytes();
        let key = scope.split('/').fold(first, |key, word| mac(&key, word));
        if hex(&mac(&key, &to_sign)) == field("Signature")? { Ok(()) } else { Err("SignatureDoesNotMatch".into()) }
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
