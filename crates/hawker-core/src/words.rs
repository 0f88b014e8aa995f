//! Words that a shop does not want to read: messages that hold one are refused, or the word is masked.
//!
//! A list may have tens of thousands of words, in any script. All of them are looked for in one pass over the text
//! (Aho-Corasick), after folding away what people write to slip through: case, full-width letters, spaces and
//! punctuation between letters, invisible characters. A word that begins or ends with a Latin letter or a digit is
//! found only where a word begins or ends: `ass` is found in `a s s` and `你ass`, not in `class`.

use crate::post::Element;
use crate::refusal::Refusal;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// The words, as they were given.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct WordLists {
    /// A message with one of these is refused.
    pub reject: Vec<Arc<str>>,
    /// These are shown as stars.
    pub mask: Vec<Arc<str>>,
}

impl WordLists {
    /// How many there are in both.
    pub fn len(&self) -> usize {
        self.reject.len() + self.mask.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The words, ready to be looked for. Making one takes time (a tenth of a second for 50,000 words): who makes it is not
/// the one who owns the rooms.
#[derive(Default)]
pub struct Words {
    lists: WordLists,
    finder: Option<Finder>,
}

struct Finder {
    automaton: AhoCorasick,
    edges: Box<[Edges]>,
    /// Patterns below this number are to be refused, those from it on to be masked.
    masked_from: usize,
}

/// Whether a word must not begin, or end, in the middle of a Latin word or a number.
#[derive(Clone, Copy)]
struct Edges {
    start: bool,
    end: bool,
}

/// What a text holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// None of the words.
    Nothing,
    /// Words to be masked; the text with stars in their place.
    Masked(String),
    /// A word for which the whole text is refused.
    Rejected,
}

/// Bytes of one word: 21 Chinese characters.
pub const WORD_BYTES_MAX: usize = 64;

impl Words {
    /// Makes the words ready. Blanks around a word are dropped, a word that is there twice counts once; one that is
    /// in both lists is refused.
    pub fn new(lists: WordLists) -> Result<Self, Refusal> {
        let mut known = HashSet::new();
        let mut folded = Vec::new();
        let mut tidy = |words: Vec<Arc<str>>| -> Result<Vec<Arc<str>>, Refusal> {
            let mut kept = Vec::with_capacity(words.len());
            for word in words {
                let word: Arc<str> = if word.trim().len() == word.len() { word } else { word.trim().into() };
                if word.len() > WORD_BYTES_MAX {
                    return Err(Refusal::TooLong { field: "word", limit: WORD_BYTES_MAX });
                }
                let pattern = squeeze(&word);
                if pattern.is_empty() {
                    return Err(Refusal::BadParameter("word"));
                }
                if known.insert(pattern.clone()) {
                    folded.push(pattern);
                    kept.push(word);
                }
            }
            Ok(kept)
        };
        let (reject, mask) = (tidy(lists.reject)?, tidy(lists.mask)?);
        let masked_from = reject.len();
        let lists = WordLists { reject, mask };
        if folded.is_empty() {
            return Ok(Self { lists, finder: None });
        }
        // A contiguous NFA needs a twentieth of the memory of a DFA and is fast enough: see the benchmark.
        let automaton = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(&folded);
        // The only errors are of size: two thousand million states.
        let automaton = automaton.map_err(|_| Refusal::BadParameter("words"))?;
        let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let edges = folded.iter().map(|word| Edges { start: edge(word.first()), end: edge(word.last()) }).collect();
        Ok(Self { lists, finder: Some(Finder { automaton, edges, masked_from }) })
    }

    /// Words as they were kept.
    pub fn restored(lists: WordLists) -> Self {
        // They were good when they were set; if a word is none any more, nothing is looked for rather than nobody let in.
        Self::new(lists).unwrap_or_default()
    }

    /// The words as they were given, without doubles.
    pub fn lists(&self) -> &WordLists {
        &self.lists
    }

    /// Looks for the words in a text.
    pub fn find(&self, text: &str) -> Found {
        let Some(finder) = &self.finder else { return Found::Nothing };
        let squeezed = squeeze(text);
        // Most texts end here.
        if !finder.automaton.is_match(&squeezed) {
            return Found::Nothing;
        }
        finder.look_closely(text, &squeezed)
    }

    /// What is wrong with a text of somebody's profile or room, or the text as others may see it.
    pub fn clean(&self, text: &Arc<str>) -> Result<Arc<str>, Refusal> {
        match self.find(text) {
            Found::Nothing => Ok(text.clone()),
            Found::Masked(masked) => Ok(masked.into()),
            Found::Rejected => Err(Refusal::WordRejected),
        }
    }

    /// The same for a message. Masked are texts and descriptions; the data of applications is looked through for
    /// words to refuse and never changed.
    pub fn clean_message(&self, elements: &mut Arc<[Element]>) -> Result<(), Refusal> {
        if self.finder.is_none() {
            return Ok(());
        }
        for at in 0..elements.len() {
            let masked = match &elements[at] {
                Element::Text(text) => self.find(text),
                Element::Custom { data, desc, ext, .. } => {
                    if [data, ext].iter().any(|part| self.find(part) == Found::Rejected) {
                        return Err(Refusal::WordRejected);
                    }
                    self.find(desc)
                }
                Element::Face { .. } | Element::Other { .. } => continue,
            };
            match masked {
                Found::Nothing => {}
                Found::Rejected => return Err(Refusal::WordRejected),
                Found::Masked(masked) => match &mut Arc::make_mut(elements)[at] {
                    Element::Text(text) => *text = masked.into(),
                    Element::Custom { desc, .. } => *desc = masked.into(),
                    Element::Face { .. } | Element::Other { .. } => {}
                },
            }
        }
        Ok(())
    }
}

impl Finder {
    fn look_closely(&self, text: &str, squeezed: &[u8]) -> Found {
        match self.spans(text, squeezed) {
            None => Found::Rejected,
            Some(spans) if spans.is_empty() => Found::Nothing,
            Some(spans) => Found::Masked(mask(text, &spans)),
        }
    }

    /// What is to be masked, in order and without overlaps: words within words are no more of them than the text has
    /// letters. `None`: there is a word to refuse.
    fn spans(&self, text: &str, squeezed: &[u8]) -> Option<Vec<(usize, usize)>> {
        let places = places(text);
        let mut spans: Vec<(usize, usize)> = Vec::new();
        // In the order of their ends.
        for hit in self.automaton.find_overlapping_iter(squeezed) {
            let start = places[hit.start()];
            let last = places[hit.end() - 1];
            let end = last + text[last..].chars().next().map_or(0, char::len_utf8);
            if self.edges[hit.pattern().as_usize()].are_within_a_word(&text[..start], &text[end..]) {
                continue;
            }
            if hit.pattern().as_usize() < self.masked_from {
                return None;
            }
            while spans.pop_if(|(begun, _)| *begun >= start).is_some() {}
            match spans.last_mut() {
                Some((_, ended)) if *ended >= start => *ended = end,
                _ => spans.push((start, end)),
            }
        }
        Some(spans)
    }
}

impl Edges {
    /// A word between these two texts is a part of a longer one.
    fn are_within_a_word(self, before: &str, after: &str) -> bool {
        let goes_on =
            |neighbour: Option<char>| neighbour.and_then(fold).is_some_and(|letter| letter.is_ascii_alphanumeric());
        self.start && goes_on(before.chars().next_back()) || self.end && goes_on(after.chars().next())
    }
}

/// Writes the text with a star for every letter within one of the spans; what stands between letters stays.
fn mask(text: &str, spans: &[(usize, usize)]) -> String {
    let mut spans = spans.iter().peekable();
    let mut out = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        while spans.next_if(|(_, end)| *end <= at).is_some() {}
        let covered = spans.peek().is_some_and(|(start, _)| *start <= at);
        out.push(if covered && fold(letter).is_some() { '*' } else { letter });
    }
    out
}

/// A letter as it is compared; `None` for what may stand between the letters of a word.
fn fold(letter: char) -> Option<char> {
    match letter {
        'A'..='Z' => Some(letter.to_ascii_lowercase()),
        'a'..='z' | '0'..='9' | '+' | '$' | '@' | '#' | '&' | '%' | '=' | '<' | '>' | '^' => Some(letter),
        '\0'..='\x7f' => None,
        // Full-width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => fold(char::from_u32(letter as u32 - 0xfee0).expect("ASCII")),
        // Combining marks, general punctuation and invisible characters, CJK punctuation, selectors, soft hyphen and
        // middle dot, half-width punctuation.
        '\u{300}'..='\u{36f}'
        | '\u{2000}'..='\u{206f}'
        | '\u{3000}'..='\u{303f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{a0}'
        | '\u{ad}'
        | '\u{b7}'
        | '\u{ff61}'..='\u{ff65}' => None,
        // Scripts with two cases lie before this.
        '\u{80}'..='\u{2bff}' => {
            let mut lower = letter.to_lowercase();
            Some(lower.next().filter(|_| lower.next().is_none()).unwrap_or(letter))
        }
        _ => Some(letter),
    }
}

/// The folded letters of a text.
fn squeeze(text: &str) -> Vec<u8> {
    let mut squeezed = Vec::with_capacity(text.len());
    for letter in text.chars().filter_map(fold) {
        squeezed.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
    squeezed
}

/// For each byte of the squeezed text, where its letter begins in the text.
fn places(text: &str) -> Vec<usize> {
    let mut places = Vec::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        places.extend(std::iter::repeat_n(at, fold(letter).map_or(0, char::len_utf8)));
    }
    places
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} to refuse, {} to mask)", self.lists.reject.len(), self.lists.mask.len())
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.lists == other.lists
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(reject: &[&str], mask: &[&str]) -> Words {
        let list = |words: &[&str]| words.iter().map(|word| Arc::from(*word)).collect();
        Words::new(WordLists { reject: list(reject), mask: list(mask) }).unwrap()
    }

    #[test]
    fn what_is_found_and_what_is_not() {
        let words = words(&["spam", "加微信", "QQ群", "c++"], &["ass", "笨蛋", "666", "+v", "ÉCOLE"]);
        let masked = |text: &str| Found::Masked(text.into());
        for (text, want) in [
            ("", Found::Nothing),
            ("hello", Found::Nothing),
            ("SPAM!", Found::Rejected),
            ("ｓｐａｍ", Found::Rejected),
            ("s.p-a m", Found::Rejected),
            ("s\u{200b}p\u{fe0f}am", Found::Rejected),
            ("spammer and antispam", Found::Nothing),
            ("I like spam", Found::Rejected),
            ("快加 微，信吧", Found::Rejected),
            ("加 我微信", Found::Nothing),
            ("进qq群聊", Found::Rejected),
            ("abcqq群", Found::Nothing),
            ("c++ is fine, c is not", Found::Rejected),
            ("c is fine", Found::Nothing),
            ("class", Found::Nothing),
            ("an ass.", masked("an ***.")),
            ("你ASS好", masked("你***好")),
            ("a-s-s", masked("*-*-*")),
            ("as soon", Found::Nothing),
            ("大笨蛋笨蛋", masked("大****")),
            ("笨 蛋", masked("* *")),
            ("16660", Found::Nothing),
            ("666!666", masked("***!***")),
            ("加+V", masked("加**")),
            ("École", masked("*****")),
        ] {
            assert_eq!(words.find(text), want, "{text:?}");
        }
    }

    #[test]
    fn a_long_word_does_not_hide_the_short_one_within_it() {
        let words = words(&[], &["色情网站", "色情", "情网"]);
        assert_eq!(words.find("色情网"), Found::Masked("***".into()));
        assert_eq!(words.find("x色情网站x"), Found::Masked("x****x".into()));
    }

    #[test]
    fn words_within_words_are_masked_once() {
        let nested: Vec<_> = (1..=WORD_BYTES_MAX).map(|length| "+".repeat(length)).collect();
        let words = words(&[], &nested.iter().map(String::as_str).collect::<Vec<_>>());
        let text = format!("{} a {}", "+".repeat(2000), "+".repeat(2000));
        assert_eq!(words.find(&text), Found::Masked(text.replace('+', "*")));
        let finder = words.finder.as_ref().unwrap();
        assert_eq!(finder.spans(&text, &squeeze(&text)), Some(vec![(0, 2000), (2003, 4003)]));
    }

    #[test]
    fn a_word_in_both_lists_is_refused_and_doubles_count_once() {
        let words = words(&["Bad", " bad "], &["bad", "worse"]);
        assert_eq!(words.lists(), &WordLists { reject: vec!["Bad".into()], mask: vec!["worse".into()] });
        assert_eq!(words.find("bad"), Found::Rejected);
    }

    #[test]
    fn words_that_are_none_are_refused() {
        for (word, want) in [
            ("", Refusal::BadParameter("word")),
            (" -。 ", Refusal::BadParameter("word")),
            (&*"长".repeat(30), Refusal::TooLong { field: "word", limit: 64 }),
        ] {
            let lists = WordLists { reject: vec![word.into()], mask: vec![] };
            assert_eq!(Words::new(lists).unwrap_err(), want, "{word:?}");
        }
    }

    #[test]
    fn applications_keep_their_data() {
        let words = words(&["spam"], &["bad"]);
        let custom = |data: &str, desc: &str| -> Arc<[Element]> {
            let (data, desc) = (data.into(), desc.into());
            [Element::Custom { data, desc, ext: "bad".into(), sound: "".into() }].into()
        };
        let mut elements = custom(r#"{"bad":1}"#, "a bad thing");
        words.clean_message(&mut elements).unwrap();
        assert_eq!(elements, custom(r#"{"bad":1}"#, "a *** thing"));
        assert_eq!(words.clean_message(&mut custom("spam", "")), Err(Refusal::WordRejected));
    }
}
