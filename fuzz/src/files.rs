//! What HTTP says about files: signed addresses, first bytes, names, ranges.

use hawker_core::file::{FileId, FileKind, Permit};
use hawker_core::{AppId, Time, UserId};
use hawker_wire::files::grant::GrantKey;
use hawker_wire::files::media::{self, Media};
use hawker_wire::files::name;
use hawker_wire::files::range::{self, Part};

fn key() -> GrantKey {
    GrantKey::new([7; 32])
}

fn permit() -> Permit {
    Permit {
        app: AppId(1_400_000_001),
        user: UserId::from("小美"),
        file: FileId(0xfeed),
        kind: FileKind::Image,
        extension: "png",
        bytes_max: 1000,
        until: Time(5000),
        name: "图.png".into(),
    }
}

/// The first byte chooses what the rest is.
pub fn run(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    match first % 4 {
        0 => address(rest),
        1 => content(rest),
        2 => file_name(rest),
        _ => wanted_range(rest),
    }
}

fn address(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(permit) = key().check(text, Time(0)) {
        assert_eq!(permit, self::permit(), "{text} was never given out");
        assert_eq!(key().sign(&permit), text, "one permit has one address");
    }
}

fn content(bytes: &[u8]) {
    let head = &bytes[..bytes.len().min(media::HEAD_BYTES)];
    for kind in FileKind::ALL {
        let mime = media::mime(kind, head);
        let shown = mime.is_some_and(|mime| mime.contains("html") || mime.contains("svg") || mime.contains("xml"));
        assert!(!shown, "{mime:?} can act");
        assert_eq!(media::mime(kind, bytes), mime, "the head is enough to tell");
    }
    assert!(!Media::of(head).is_some_and(|media| media.suits(FileKind::Other)));
}

fn file_name(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let plain = name::plain(text);
    assert!(!plain.is_empty() && plain.len() <= name::NAME_BYTES_MAX, "{plain:?}");
    assert!(!plain.contains(['/', '\\']) && !plain.chars().any(char::is_control) && !plain.starts_with('.'));
    assert_eq!(name::plain(&plain), plain, "a plain name stays as it is");
    let header = name::disposition(&plain);
    assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{header:?}");
    assert_eq!(header.matches('"').count(), 2, "{header:?}");
    for kind in FileKind::ALL {
        let extension = name::extension(kind, &plain);
        assert!(extension.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{extension}");
    }
}

fn wanted_range(bytes: &[u8]) {
    let Some((size, header)) = bytes.split_first_chunk::<8>() else { return };
    let size = u64::from_be_bytes(*size);
    if let Part::Bytes { from, to } = range::part(std::str::from_utf8(header).ok(), size) {
        assert!(from < to && to <= size, "{from}..{to} of {size}");
    }
}

/// One of each.
pub fn seeds() -> Vec<Vec<u8>> {
    let of = |first: u8, rest: &[u8]| [&[first], rest].concat();
    let range = [&300_u64.to_be_bytes()[..], b"bytes=10-99"].concat();
    vec![
        of(0, key().sign(&permit()).as_bytes()),
        of(1, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        of(1, b"\0\0\0\x18ftypmp42\0\0\0\0"),
        of(1, b"RIFF\x24\0\0\0WAVEfmt "),
        of(2, "../价目表\u{202e}.pdf".as_bytes()),
        of(3, &range),
    ]
}
