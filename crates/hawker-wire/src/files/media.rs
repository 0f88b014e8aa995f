//! What a file is, by its first bytes: neither its name nor what its sender says about it is believed.

use hawker_core::file::FileKind;

/// So many bytes of a file are enough to tell.
pub const HEAD_BYTES: usize = 64;

/// Formats that are shown or played. Markup (SVG, HTML) is none of them: it can act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Media {
    /// JPEG.
    Jpeg,
    /// PNG, animated or not.
    Png,
    /// GIF, animated or not.
    Gif,
    /// WebP.
    Webp,
    /// Windows bitmap.
    Bmp,
    /// MPEG-4 and its relatives.
    Mp4,
    /// Apple's QuickTime.
    Quicktime,
    /// WebM and Matroska.
    Webm,
    /// MPEG-4 with sound alone.
    M4a,
    /// MP3.
    Mp3,
    /// AAC in ADTS frames.
    Aac,
    /// WAVE.
    Wav,
    /// Ogg.
    Ogg,
    /// AMR, narrow or wide band.
    Amr,
}

impl Media {
    /// The format of a file that begins like this.
    pub fn of(head: &[u8]) -> Option<Self> {
        let at = |from: usize, bytes: &[u8]| head.get(from..).is_some_and(|rest| rest.starts_with(bytes));
        Some(match head {
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Self::Png,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', ..] if at(8, b"WEBP") => Self::Webp,
            [b'R', b'I', b'F', b'F', ..] if at(8, b"WAVE") => Self::Wav,
            // Two letters are no proof; the reserved words are zero in every bitmap.
            [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Self::Bmp,
            _ if at(4, b"ftyp") => return Self::of_brand(head.get(8..12)?),
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Self::Webm,
            [b'I', b'D', b'3', ..] => Self::Mp3,
            [b'O', b'g', b'g', b'S', ..] => Self::Ogg,
            _ if at(0, b"#!AMR") => Self::Amr,
            // MPEG audio: eleven bits set, then version and layer. Layer 0 is AAC in ADTS.
            [0xff, second, ..] if second & 0xf6 == 0xf0 => Self::Aac,
            [0xff, second, third, ..] if second & 0xe6 == 0xe2 && third & 0xf0 != 0xf0 => Self::Mp3,
            _ => return None,
        })
    }

    /// The kind of MPEG-4 by its main brand. Still pictures (HEIC, AVIF) are in such boxes too; they are not taken.
    fn of_brand(brand: &[u8]) -> Option<Self> {
        match brand {
            b"M4A " | b"M4B " => Some(Self::M4a),
            b"qt  " => Some(Self::Quicktime),
            b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"mif1" | b"msf1" | b"avif" | b"avis" => {
                None
            }
            _ => Some(Self::Mp4),
        }
    }

    /// Whether a file of this format may be sent as this kind. Recorders write sound into boxes for films.
    pub fn suits(self, kind: FileKind) -> bool {
        match kind {
            FileKind::Image => matches!(self, Self::Jpeg | Self::Png | Self::Gif | Self::Webp | Self::Bmp),
            FileKind::Video => matches!(self, Self::Mp4 | Self::Quicktime | Self::Webm),
            FileKind::Sound => {
                matches!(self, Self::M4a | Self::Mp3 | Self::Aac | Self::Wav | Self::Ogg | Self::Amr)
                    || matches!(self, Self::Mp4 | Self::Webm)
            }
            FileKind::Other => false,
        }
    }

    /// Its media type when it is sent as this kind.
    pub fn mime(self, kind: FileKind) -> &'static str {
        match (self, kind) {
            (Self::Jpeg, _) => "image/jpeg",
            (Self::Png, _) => "image/png",
            (Self::Gif, _) => "image/gif",
            (Self::Webp, _) => "image/webp",
            (Self::Bmp, _) => "image/bmp",
            (Self::Mp4, FileKind::Sound) | (Self::M4a, _) => "audio/mp4",
            (Self::Mp4, _) => "video/mp4",
            (Self::Quicktime, _) => "video/quicktime",
            (Self::Webm, FileKind::Sound) => "audio/webm",
            (Self::Webm, _) => "video/webm",
            (Self::Mp3, _) => "audio/mpeg",
            (Self::Aac, _) => "audio/aac",
            (Self::Wav, _) => "audio/wav",
            (Self::Ogg, _) => "audio/ogg",
            (Self::Amr, _) => "audio/amr",
        }
    }
}

/// The media type under which a file of this kind that begins like this is kept; `None` if it is not of the kind.
/// What is only downloaded has one that nobody opens.
pub fn mime(kind: FileKind, head: &[u8]) -> Option<&'static str> {
    if kind == FileKind::Other {
        return Some("application/octet-stream");
    }
    Media::of(head).filter(|media| media.suits(kind)).map(|media| media.mime(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_what_they_begin_with() {
        let rows: [(&[u8], Option<Media>); 24] = [
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Some(Media::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some(Media::Png)),
            (b"GIF89a\x01\0", Some(Media::Gif)),
            (b"GIF88a\x01\0", None),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some(Media::Webp)),
            (b"RIFF\x24\0\0\0WAVEfmt ", Some(Media::Wav)),
            (b"RIFF\x24\0\0\0AVI LIST", None),
            (b"BM\x36\0\0\0\0\0\0\0\x36\0", Some(Media::Bmp)),
            (b"BMW is a car, not a picture", None),
            (b"\0\0\0\x18ftypmp42\0\0\0\0", Some(Media::Mp4)),
            (b"\0\0\0\x18ftypM4A \0\0\0\0", Some(Media::M4a)),
            (b"\0\0\0\x14ftypqt  \0\0\0\0", Some(Media::Quicktime)),
            (b"\0\0\0\x18ftypheic\0\0\0\0", None),
            (b"\0\0\0\x18ftyp", None),
            (b"\x1a\x45\xdf\xa3\x9f", Some(Media::Webm)),
            (b"ID3\x04\0", Some(Media::Mp3)),
            (b"\xff\xfb\x90\x64", Some(Media::Mp3)),
            (b"\xff\xf1\x50\x80", Some(Media::Aac)),
            (b"OggS\0\x02", Some(Media::Ogg)),
            (b"#!AMR\n", Some(Media::Amr)),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
            (b"<!DOCTYPE html><script>", None),
            (b"MZ\x90\0", None),
            (b"", None),
        ];
        for (head, want) in rows {
            assert_eq!(Media::of(head), want, "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn a_kind_takes_its_own_formats_only() {
        let png = b"\x89PNG\r\n\x1a\n";
        assert_eq!(mime(FileKind::Image, png), Some("image/png"));
        assert_eq!(mime(FileKind::Video, png), None);
        assert_eq!(mime(FileKind::Sound, png), None);
        assert_eq!(mime(FileKind::Image, b"<svg/>"), None);
        assert_eq!(mime(FileKind::Sound, b"\x1a\x45\xdf\xa3"), Some("audio/webm"));
        // To be downloaded, never shown, whatever it is.
        assert_eq!(mime(FileKind::Other, png), Some("application/octet-stream"));
        assert_eq!(mime(FileKind::Other, b"<script>"), Some("application/octet-stream"));
    }
}
