//! Names of rooms in addresses.

/// A name as one part of a path.
pub fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(byte.into());
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The name that a part of a path stands for. What is no escape stays as it is: encoders send names as they were typed.
pub fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| part.to_owned())
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// Host of an address, without scheme, port and path.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_from_paths() {
        for (name, part) in [("room-1", "room-1"), ("@TGS#AB/C", "%40TGS%23AB%2FC"), ("茶", "%E8%8C%B6")] {
            assert_eq!(encoded(name), part);
            assert_eq!(decoded(part), name);
        }
        for typed in ["@TGS#AB", "100%", "%zz", "%4", "%FF"] {
            assert_eq!(decoded(typed), typed);
        }
    }

    #[test]
    fn a_host_is_found_in_an_address() {
        for (url, want) in [
            ("http://live.example:8080/x", "live.example"),
            ("https://live.example", "live.example"),
            ("http://[::1]:8080", "[::1]"),
            ("http://[::1]", "[::1]"),
        ] {
            assert_eq!(host(url), want, "{url}");
        }
    }
}
