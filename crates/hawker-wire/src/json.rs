//! A writer for JSON objects whose shape is known: no tree, no allocation but the text itself.

use std::fmt::Write;

/// Writes one JSON object into a string.
pub struct Object<'a> {
    out: &'a mut String,
    first: bool,
}

impl<'a> Object<'a> {
    /// Opens an object.
    pub fn new(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, first: true }
    }

    fn key(&mut self, key: &str) -> &mut String {
        if !std::mem::take(&mut self.first) {
            self.out.push(',');
        }
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
        self.out
    }

    /// A text.
    pub fn text(&mut self, key: &str, text: &str) -> &mut Self {
        string(self.key(key), text);
        self
    }

    /// A number.
    pub fn number(&mut self, key: &str, number: impl Into<i128>) -> &mut Self {
        let number = number.into();
        write!(self.key(key), "{number}").expect("a string takes everything");
        self
    }

    /// JSON that is already written.
    pub fn raw(&mut self, key: &str, json: &str) -> &mut Self {
        self.key(key).push_str(json);
        self
    }

    /// An object.
    pub fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        let mut inner = Object::new(self.key(key));
        fill(&mut inner);
        inner.close();
        self
    }

    /// A list; `write` writes one element.
    pub fn list<I: IntoIterator>(
        &mut self,
        key: &str,
        items: I,
        write: impl FnMut(&mut String, I::Item),
    ) -> &mut Self {
        list(self.key(key), items, write);
        self
    }

    /// Ends the object.
    pub fn close(self) {
        self.out.push('}');
    }
}

/// Writes an object with `fill` and returns its text.
pub fn object(fill: impl FnOnce(&mut Object<'_>)) -> String {
    let mut out = String::with_capacity(256);
    let mut object = Object::new(&mut out);
    fill(&mut object);
    object.close();
    out
}

/// Writes an object into `out`.
pub fn object_into(out: &mut String, fill: impl FnOnce(&mut Object<'_>)) {
    let mut object = Object::new(out);
    fill(&mut object);
    object.close();
}

/// Writes a list into `out`.
pub fn list<I: IntoIterator>(out: &mut String, items: I, mut write: impl FnMut(&mut String, I::Item)) {
    out.push('[');
    for (n, item) in items.into_iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

/// Writes a quoted, escaped text into `out`.
pub fn string(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push('"');
    let mut clean_from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        out.push_str(&text[clean_from..at]);
        clean_from = at + 1;
        if escape.is_empty() {
            out.push_str("\\u00");
            out.push(HEX[usize::from(byte >> 4)] as char);
            out.push(HEX[usize::from(byte & 15)] as char);
        } else {
            out.push_str(escape);
        }
    }
    out.push_str(&text[clean_from..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_comes_back_as_it_was(text in ".*") {
            let mut out = String::new();
            string(&mut out, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        let mut out = String::new();
        string(&mut out, "a\u{0}\u{1f}\"\\\n");
        assert_eq!(out, r#""a\u0000\u001f\"\\\n""#);
    }
}
