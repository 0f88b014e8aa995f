//! File names of strangers. They are shown to whoever downloads, and name nothing on the server.

use hawker_core::file::FileKind;

/// A name longer than this is cut, in bytes: it travels in an address and a header.
pub const NAME_BYTES_MAX: usize = 200;

/// What a name that says nothing becomes.
const NAMELESS: &str = "file";

/// The plain name: no folders, nothing invisible that reorders or ends a line, not longer than it may be.
pub fn plain(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let visible = last.chars().filter(|c| !c.is_control() && !is_invisible(*c));
    let visible: String = visible.collect();
    let name = visible.trim_start_matches([' ', '.']).trim_end();
    if name.is_empty() {
        return NAMELESS.into();
    }
    shorten(name)
}

/// Marks of direction and of nothing: with them a program can look like a picture.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

/// Cuts a name in the middle, so that its ending stays.
fn shorten(name: &str) -> String {
    if name.len() <= NAME_BYTES_MAX {
        return name.to_owned();
    }
    let ending = name.rfind('.').map_or("", |at| &name[at..]);
    let ending = if ending.len() <= 16 { ending } else { "" };
    let mut at = NAME_BYTES_MAX - ending.len();
    while !name.is_char_boundary(at) {
        at -= 1;
    }
    // A name does not end in blanks, wherever it was cut.
    format!("{}{ending}", &name[..at]).trim_end().to_owned()
}

/// How the address of a file of this kind and name ends; empty if its name ends in no way that is known.
pub fn extension(kind: FileKind, name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    known_extension(kind, &ending.to_ascii_lowercase()).unwrap_or("")
}

/// The endings that addresses may have. What is only downloaded has none: no ending is safe to open.
pub fn known_extension(kind: FileKind, ending: &str) -> Option<&'static str> {
    let known: &[&str] = match kind {
        FileKind::Image => &["jpg", "jpeg", "png", "gif", "webp", "bmp"],
        FileKind::Video => &["mp4", "mov", "webm"],
        FileKind::Sound => &["mp3", "m4a", "aac", "wav", "ogg", "amr", "mp4", "webm"],
        FileKind::Other => &[],
    };
    known.iter().find(|known| **known == ending).copied()
}

/// The header that makes a browser save a file under its name instead of showing it (RFC 6266).
pub fn disposition(name: &str) -> String {
    let simple: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' })
        .collect();
    let mut encoded = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("attachment; filename=\"{simple}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_plain_name() {
        for (name, want) in [
            ("cat.png", "cat.png"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("/etc/passwd\0.png", "passwd.png"),
            ("..", "file"),
            ("a/", "file"),
            ("", "file"),
            (".htaccess", "htaccess"),
            ("line\r\nSet-Cookie: x.txt", "lineSet-Cookie: x.txt"),
            ("invoice\u{202e}gnp.exe", "invoicegnp.exe"),
            ("价目表 2.pdf", "价目表 2.pdf"),
        ] {
            assert_eq!(plain(name), want, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        for stem in ["a", "图"] {
            let name = plain(&format!("{}.png", stem.repeat(5000)));
            assert!(name.len() <= NAME_BYTES_MAX && name.ends_with(".png"), "{name}");
        }
        assert_eq!(plain(&format!("x.{}", "y".repeat(300))).len(), NAME_BYTES_MAX);
        assert_eq!(plain(&format!("x{}y", " ".repeat(300))), "x");
    }

    #[test]
    fn only_known_endings_get_into_addresses() {
        assert_eq!(extension(FileKind::Image, "Cat.JPG"), "jpg");
        assert_eq!(extension(FileKind::Image, "cat.svg"), "");
        assert_eq!(extension(FileKind::Image, "cat.mp4"), "");
        assert_eq!(extension(FileKind::Video, "film.mp4"), "mp4");
        assert_eq!(extension(FileKind::Other, "page.html"), "");
        assert_eq!(extension(FileKind::Image, "cat"), "");
    }

    #[test]
    fn a_header_holds_any_name_safely() {
        assert_eq!(
            disposition("价 \"a\".pdf"),
            "attachment; filename=\"_ _a_.pdf\"; filename*=UTF-8''%E4%BB%B7%20%22a%22.pdf"
        );
    }
}
