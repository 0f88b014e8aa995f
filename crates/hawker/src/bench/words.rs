//! What looking for words costs a message.

use clap::Args;
use hawker_core::rng::Rng;
use hawker_core::words::{Found, WordLists, Words};
use serde::Serialize;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What looking for words costs a message.
#[derive(Args)]
pub struct WordsBench {
    /// Words in the list: seven of ten Chinese of two to four characters, the others Latin of four to ten letters.
    #[arg(long, default_value_t = 50_000)]
    words: usize,
    /// Seconds for each kind of message.
    #[arg(long, default_value_t = 1.0)]
    secs: f64,
}

/// What was measured.
#[derive(Serialize)]
pub struct WordsReport {
    bench: &'static str,
    words: usize,
    build_ms: f64,
    messages: Vec<MessageCost>,
}

#[derive(Serialize)]
struct MessageCost {
    kind: &'static str,
    bytes: usize,
    /// Microseconds of a message, the mean of all.
    filter_us: f64,
    /// The straightforward way: a folded text searched for one word after the other.
    one_by_one_us: f64,
    found: usize,
}

/// Texts of one kind; enough of them that no cache holds the answers.
const TEXTS: usize = 2000;

impl WordsBench {
    pub fn run(&self) -> WordsReport {
        let mut rng = Rng::new(7);
        let list: Vec<Arc<str>> = (0..self.words).map(|n| word(&mut rng, n % 10 < 7)).collect();
        let started = Instant::now();
        let half = list.len() / 2;
        let lists = WordLists { reject: list[..half].into(), mask: list[half..].into() };
        let words = Words::new(lists).expect("words");
        let build_ms = started.elapsed().as_secs_f64() * 1e3;
        let kinds = [
            ("Chinese, 12 characters", 12, true, usize::MAX),
            ("Chinese, 60 characters", 60, true, usize::MAX),
            ("Latin, 40 letters", 40, false, usize::MAX),
            ("Latin, 200 letters", 200, false, usize::MAX),
            ("Chinese, 20 characters, one in five with a word", 20, true, 5),
        ];
        let messages = kinds.map(|(kind, letters, chinese, every)| {
            let text = |n: usize| {
                let with = n.is_multiple_of(every).then(|| &*list[n * 7 % list.len()]);
                text(&mut rng, letters, chinese, with)
            };
            let texts: Vec<_> = (0..TEXTS).map(text).collect();
            let found = texts.iter().filter(|text| words.find(text) != Found::Nothing).count();
            MessageCost {
                kind,
                bytes: texts.iter().map(String::len).sum::<usize>() / TEXTS,
                filter_us: mean_us(self.secs, &texts, |text| drop(black_box(words.find(text)))),
                one_by_one_us: mean_us(self.secs.min(0.5), &texts, |text| {
                    black_box(one_by_one(&list, text));
                }),
                found,
            }
        });
        WordsReport { bench: "words", words: self.words, build_ms, messages: messages.into() }
    }
}

impl WordsReport {
    pub fn table(&self) -> String {
        let mut out = format!("{} words, made ready in {:.0} ms\n\n", self.words, self.build_ms);
        out += "| message | bytes | µs a message | one word after the other, µs | messages with a word |\n|---|---|---|---|---|\n";
        for line in &self.messages {
            let MessageCost { kind, bytes, filter_us, one_by_one_us, found } = line;
            let share = 100.0 * *found as f64 / TEXTS as f64;
            out += &format!("| {kind} | {bytes} | {filter_us:.2} | {one_by_one_us:.0} | {share:.0} % |\n");
        }
        out
    }
}

fn one_by_one(list: &[Arc<str>], text: &str) -> usize {
    let folded = text.to_lowercase();
    list.iter().filter(|word| folded.contains(&***word)).count()
}

fn mean_us(secs: f64, texts: &[String], mut look: impl FnMut(&str)) -> f64 {
    let enough = Duration::from_secs_f64(secs);
    let (started, mut done) = (Instant::now(), 0_u32);
    for text in texts.iter().cycle() {
        look(text);
        done += 1;
        if done.is_multiple_of(16) && started.elapsed() > enough {
            break;
        }
    }
    started.elapsed().as_secs_f64() * 1e6 / f64::from(done)
}

fn below(rng: &mut Rng, bound: u64) -> u64 {
    rng.next_u64() % bound
}

/// A common character: the first 3,000 of the block hold most of what is written.
fn hanzi(rng: &mut Rng) -> char {
    char::from_u32(0x4e00 + below(rng, 3000) as u32).expect("a character")
}

fn letter(rng: &mut Rng) -> char {
    b"etaoinshrdlcumwfgypbvkjxqz"[(below(rng, 26) * below(rng, 26) / 26) as usize] as char
}

fn word(rng: &mut Rng, chinese: bool) -> Arc<str> {
    let letters = if chinese { 2 + below(rng, 3) } else { 4 + below(rng, 7) };
    let word: String = (0..letters).map(|_| if chinese { hanzi(rng) } else { letter(rng) }).collect();
    word.into()
}

fn text(rng: &mut Rng, letters: usize, chinese: bool, with: Option<&str>) -> String {
    let mut text = String::new();
    for n in 0..letters {
        match (chinese, n % 6) {
            (false, 5) => text.push(' '),
            (true, 5) => text.push('，'),
            (true, _) => text.push(hanzi(rng)),
            (false, _) => text.push(letter(rng)),
        }
    }
    if let Some(word) = with {
        text.push(' ');
        text.push_str(word);
    }
    text
}
