//! AMF0, the format of commands: read within bounds, written as far as a server needs it.

use super::Violation;

/// Objects within objects.
const DEPTH_MAX: usize = 8;
/// Values in one message.
const VALUES_MAX: usize = 1024;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// A text.
    Text(String),
    /// Names and values.
    Object(Vec<(String, Value)>),
    /// Values.
    List(Vec<Value>),
    /// Nothing, or something that commands have no use for.
    Null,
}

impl Value {
    /// A value of an object.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

/// Reads all values of a message.
pub fn read(bytes: &[u8]) -> Result<Vec<Value>, Violation> {
    let mut reader = Reader { rest: bytes, values_left: VALUES_MAX };
    let mut values = Vec::new();
    while !reader.rest.is_empty() {
        values.push(reader.value(DEPTH_MAX)?);
    }
    Ok(values)
}

/// How long the first value of a message is, if that is a text; and the text.
pub fn leading_text(bytes: &[u8]) -> Option<(&str, usize)> {
    let [2, high, low, rest @ ..] = bytes else { return None };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let text = std::str::from_utf8(rest.get(..length)?).ok()?;
    Some((text, 3 + length))
}

const CUT: Violation = Violation("a command that ends too early");

struct Reader<'a> {
    rest: &'a [u8],
    values_left: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth_left: usize) -> Result<Value, Violation> {
        self.values_left = self.values_left.checked_sub(1).ok_or(Violation("a command with too many values"))?;
        let deeper = depth_left.checked_sub(1).ok_or(Violation("a command that is nested too deeply"));
        Ok(match self.take::<1>()?[0] {
            0 => Value::Number(f64::from_be_bytes(self.take()?)),
            1 => Value::Bool(self.take::<1>()?[0] != 0),
            2 => Value::Text(self.short_text()?),
            3 => Value::Object(self.fields(deeper?)?),
            // A reference to an object of this message: nobody sends one to a server.
            7 => {
                self.take::<2>()?;
                Value::Null
            }
            5 | 6 | 13 => Value::Null,
            8 => {
                // The count is a hint; the end mark counts.
                self.take::<4>()?;
                Value::Object(self.fields(deeper?)?)
            }
            10 => {
                let count = u32::from_be_bytes(self.take()?);
                let depth_left = deeper?;
                let mut list = Vec::new();
                for _ in 0..count {
                    list.push(self.value(depth_left)?);
                }
                Value::List(list)
            }
            11 => {
                self.take::<10>()?;
                Value::Null
            }
            12 | 15 => {
                let length = u32::from_be_bytes(self.take()?) as usize;
                Value::Text(self.text(length)?)
            }
            16 => {
                self.short_text()?;
                Value::Object(self.fields(deeper?)?)
            }
            _ => return Err(Violation("a command with a value of no kind")),
        })
    }

    fn fields(&mut self, depth_left: usize) -> Result<Vec<(String, Value)>, Violation> {
        let mut fields = Vec::new();
        loop {
            if let [0, 0, 9, rest @ ..] = self.rest {
                self.rest = rest;
                return Ok(fields);
            }
            // Some encoders forget the mark at the very end.
            if self.rest.is_empty() {
                return Ok(fields);
            }
            let name = self.short_text()?;
            fields.push((name, self.value(depth_left)?));
        }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Violation> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(CUT)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn short_text(&mut self) -> Result<String, Violation> {
        let length = usize::from(u16::from_be_bytes(self.take()?));
        self.text(length)
    }

    fn text(&mut self, length: usize) -> Result<String, Violation> {
        let (text, rest) = self.rest.split_at_checked(length).ok_or(CUT)?;
        self.rest = rest;
        Ok(String::from_utf8_lossy(text).into_owned())
    }
}

/// Writes a message.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// A number.
    pub fn number(mut self, number: f64) -> Self {
        self.0.push(0);
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Yes or no.
    pub fn bool(mut self, yes: bool) -> Self {
        self.0.extend_from_slice(&[1, yes.into()]);
        self
    }

    /// A text.
    pub fn text(mut self, text: &str) -> Self {
        self.0.push(2);
        self.name(text)
    }

    /// Nothing.
    pub fn null(mut self) -> Self {
        self.0.push(5);
        self
    }

    /// Names and values, written by `fill` with [`Writer::field`].
    pub fn object(mut self, fill: impl FnOnce(Self) -> Self) -> Self {
        self.0.push(3);
        let mut filled = fill(self);
        filled.0.extend_from_slice(&[0, 0, 9]);
        filled
    }

    /// The name of the value that is written next.
    pub fn field(self, name: &str) -> Self {
        self.name(name)
    }

    fn name(mut self, text: &str) -> Self {
        let length = text.floor_char_boundary(usize::from(u16::MAX));
        self.0.extend_from_slice(&(length as u16).to_be_bytes());
        self.0.extend_from_slice(&text.as_bytes()[..length]);
        self
    }

    /// The bytes.
    pub fn done(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let wrote = Writer::default().text("connect").number(1.0).object(|object| {
            object
                .field("app")
                .text("live")
                .field("deep")
                .object(|deep| deep.field("yes").bool(true))
                .field("no")
                .null()
        });
        let read = read(&wrote.done()).unwrap();
        assert_eq!(read[0].text(), Some("connect"));
        assert_eq!(read[1].number(), Some(1.0));
        assert_eq!(read[2].get("app").and_then(Value::text), Some("live"));
        assert_eq!(read[2].get("deep").and_then(|deep| deep.get("yes")), Some(&Value::Bool(true)));
        assert_eq!(read[2].get("no"), Some(&Value::Null));
        assert_eq!(read[2].get("none"), None);
    }

    #[test]
    fn lists_and_named_lists_are_read() {
        assert_eq!(read(&[10, 0, 0, 0, 2, 1, 1, 5]), Ok(vec![Value::List(vec![Value::Bool(true), Value::Null])]));
        let named = [8, 0, 0, 0, 1, 0, 1, b'a', 1, 0, 0, 0, 9];
        assert_eq!(read(&named), Ok(vec![Value::Object(vec![("a".into(), Value::Bool(false))])]));
        // Without the mark at the end.
        assert_eq!(read(&named[..10]), Ok(vec![Value::Object(vec![("a".into(), Value::Bool(false))])]));
    }

    #[test]
    fn nonsense_is_refused_within_bounds() {
        let nested = [3, 0, 1, b'a'].repeat(100);
        let crowd = [5].repeat(VALUES_MAX + 1);
        let endless = [10, 0xFF, 0xFF, 0xFF, 0xFF].to_vec();
        let many = [endless.clone(), [5].repeat(VALUES_MAX + 1)].concat();
        for bytes in [&nested[..], &crowd, &endless, &many, &[2, 0, 9, b'a'], &[12, 0xFF, 0xFF, 0xFF, 0xFF], &[99]]
        {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_leading_text_is_measured() {
        assert_eq!(leading_text(b"\x02\x00\x03abcd"), Some(("abc", 6)));
        for cut in [&b"\x02\x00\x03ab"[..], b"\x02", b"", b"\x05", b"\x02\x00\x01\xFF"] {
            assert_eq!(leading_text(cut), None);
        }
    }
}
