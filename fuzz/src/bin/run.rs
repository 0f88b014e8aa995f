//! Runs the targets on stable Rust: seeds, a dictionary and a mutator, from a seed that is printed.
//!
//!     run [--seconds N] [--seed N] [TARGET [FILE…]]

use hawker_fuzz::{TARGETS, Target, WORDS};
use std::cell::RefCell;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Inputs do not grow beyond this.
const BYTES_MAX: usize = 4096;
/// Inputs that are mutated further.
const POOL_MAX: usize = 256;

thread_local! {
    /// What runs just now, for whoever has to report it.
    static NOW: RefCell<(&'static str, Vec<u8>)> = const { RefCell::new(("", Vec::new())) };
}

struct Args {
    seconds: u64,
    seed: u64,
    target: Option<String>,
    files: Vec<String>,
}

fn main() -> ExitCode {
    let Some(args) = args() else {
        eprintln!("run [--seconds N] [--seed N] [TARGET [FILE…]]");
        return ExitCode::FAILURE;
    };
    let chosen = |target: &&Target| args.target.as_ref().is_none_or(|name| name == target.name);
    let targets: Vec<_> = TARGETS.iter().filter(chosen).collect();
    if targets.is_empty() {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("there is no such target; there are {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    keep_what_breaks();
    for target in targets {
        if args.files.is_empty() {
            fuzz(target, args.seconds, args.seed);
        }
        for file in &args.files {
            run(target, std::fs::read(file).unwrap_or_else(|error| panic!("{file}: {error}")));
            println!("{}: {file} breaks nothing", target.name);
        }
    }
    ExitCode::SUCCESS
}

fn args() -> Option<Args> {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut args = Args { seconds: 60, seed: since_1970.as_nanos() as u64, target: None, files: Vec::new() };
    let mut given = std::env::args().skip(1);
    while let Some(arg) = given.next() {
        match arg.as_str() {
            "--seconds" => args.seconds = given.next()?.parse().ok()?,
            "--seed" => args.seed = given.next()?.parse().ok()?,
            unknown if unknown.starts_with('-') => return None,
            name if args.target.is_none() => args.target = Some(name.to_owned()),
            file => args.files.push(file.to_owned()),
        }
    }
    Some(args)
}

/// When a promise is broken, the input that broke it is written down.
fn keep_what_breaks() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        report(info);
        NOW.with_borrow(|(target, bytes)| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts");
            let file = folder.join(format!("{target}-{:016x}", hash(bytes)));
            let kept = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, bytes));
            eprintln!("{target}: {}\nkept ({kept:?}): {}", bytes.escape_ascii(), file.display());
        });
        std::process::exit(1);
    }));
}

fn run(target: &Target, bytes: Vec<u8>) {
    NOW.set((target.name, bytes.clone()));
    (target.run)(&bytes);
}

fn fuzz(target: &Target, seconds: u64, seed: u64) {
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut rng = Rng(seed);
    let mut pool = (target.seeds)();
    pool.iter().for_each(|seed| run(target, seed.clone()));
    let mut runs = 0_u64;
    while Instant::now() < until {
        for _ in 0..100 {
            let bytes = mutated(&mut rng, &pool);
            run(target, bytes.clone());
            runs += 1;
            // Without coverage nobody knows what is worth keeping: now and then something is, for depth.
            if rng.below(50) == 0 {
                let at = rng.below(POOL_MAX);
                if at < pool.len() && at >= (target.seeds)().len() {
                    pool[at] = bytes
                } else if pool.len() < POOL_MAX {
                    pool.push(bytes)
                }
            }
        }
    }
    println!("{}: {runs} inputs broke nothing (seed {seed})", target.name);
}

/// One of the pool with some changes, or bytes out of the blue.
fn mutated(rng: &mut Rng, pool: &[Vec<u8>]) -> Vec<u8> {
    if rng.below(20) == 0 {
        let length = rng.below(300);
        return (0..length).map(|_| rng.below(256) as u8).collect();
    }
    let mut bytes = pool[rng.below(pool.len())].clone();
    for _ in 0..=rng.below(4) {
        mutate(rng, &mut bytes, pool);
    }
    bytes.truncate(BYTES_MAX);
    bytes
}

fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>, pool: &[Vec<u8>]) {
    let at = rng.below(bytes.len() + 1);
    let end = (at + 1 + rng.below(16)).min(bytes.len());
    match rng.below(8) {
        0 if at < bytes.len() => bytes[at] ^= 1 << rng.below(8),
        1 if at < bytes.len() => bytes[at] = rng.below(256) as u8,
        2 => drop(bytes.drain(at.min(end)..end)),
        3 => bytes.insert(at, rng.below(256) as u8),
        4 => drop(bytes.splice(at..at, WORDS[rng.below(WORDS.len())].bytes())),
        5 => bytes.truncate(at),
        6 => {
            let again = bytes[at.min(end)..end].repeat(1 + rng.below(8));
            drop(bytes.splice(at..at, again));
        }
        _ => {
            let other = &pool[rng.below(pool.len())];
            let from = rng.below(other.len() + 1);
            let to = (from + rng.below(64)).min(other.len());
            drop(bytes.splice(at..at, other[from..to].to_vec()));
        }
    }
}

fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }
}
