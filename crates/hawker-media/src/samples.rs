//! Real headers and made-up frames, for tests.

use crate::flv::Kind;
use crate::relay::Relay;

/// The header of 640 × 360 in H.264's high profile, without the four bytes that many encoders leave out.
pub const AVC: [u8; 48] = [
    0x17, 0x00, 0x00, 0x00, 0x00, 0x01, 0x64, 0x00, 0x1E, 0xFF, 0xE1, 0x00, 0x1A, 0x67, 0x64, 0x00, 0x1E, 0xAC,
    0xD9, 0x40, 0xA0, 0x2F, 0xF9, 0x70, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00, 0x32, 0x0F,
    0x16, 0x2D, 0x96, 0x01, 0x00, 0x06, 0x68, 0xEB, 0xE3, 0xCB, 0x22, 0xC0,
];
/// The header of AAC at 44.1 kHz in stereo, with the extension that ffmpeg adds.
pub const AAC: [u8; 7] = [0xAF, 0, 0x12, 0x10, 0x56, 0xE5, 0x00];

/// A picture; the last byte tells it from others.
pub fn video(key: bool, composition: u8, mark: u8) -> Vec<u8> {
    vec![if key { 0x17 } else { 0x27 }, 1, 0, 0, composition, 0, 0, 0, 1, mark]
}

/// Sound.
pub fn audio(mark: u8) -> Vec<u8> {
    vec![0xAF, 1, mark]
}

/// Pushes both headers.
pub fn begin(relay: &mut Relay) {
    assert!(relay.push(Kind::Video, 0, &AVC));
    assert!(relay.push(Kind::Audio, 0, &AAC));
}

/// Pushes so many groups of 25 pictures with sound, one second each.
pub fn seconds(relay: &mut Relay, from: u32, count: u32) {
    for number in from * 25..(from + count) * 25 {
        relay.push(Kind::Video, number * 40, &video(number % 25 == 0, 80, number as u8));
        relay.push(Kind::Audio, number * 40 + 7, &audio(number as u8));
    }
}
