use super::*;
use crate::samples::{AAC, AVC, audio, begin, seconds, video};
use proptest::prelude::*;

fn relay() -> Relay {
    Relay::new(Bounds::default())
}

/// What a viewer is sent: kind, time, role.
fn read(relay: &Relay, cursor: &mut Cursor) -> Vec<(Kind, u64, Role)> {
    relay.read(cursor, usize::MAX).iter().map(|frame| (frame.kind, frame.at, frame.meaning.role)).collect()
}

const V: Kind = Kind::Video;
const A: Kind = Kind::Audio;

#[test]
fn a_newcomer_gets_headers_and_the_newest_key_frame_first() {
    let mut relay = relay();
    relay.push(Kind::Data, 0, b"\x02\x00\x0AonMetaData\x05");
    begin(&mut relay);
    seconds(&mut relay, 0, 3);
    let mut cursor = Cursor::default();
    let frames = read(&relay, &mut cursor);
    assert_eq!(
        frames[..4],
        [(Kind::Data, 2000, Role::Other), (V, 2000, Role::Header), (A, 2000, Role::Header), (V, 2000, Role::Key)]
    );
    assert_eq!(frames.len(), 3 + 50);
    assert_eq!(read(&relay, &mut cursor), []);
    seconds(&mut relay, 3, 1);
    assert_eq!(read(&relay, &mut cursor)[0], (V, 3000, Role::Key));
}

#[test]
fn frames_before_their_header_are_left_out() {
    let mut relay = relay();
    assert!(!relay.push(V, 0, &video(true, 0, 0)));
    assert!(!relay.push(A, 0, &audio(0)));
    assert!(!relay.push(V, 0, b""));
    begin(&mut relay);
    // Of a codec that has no header here.
    assert!(!relay.push(V, 0, b"\x91av01\x12"));
    assert!(relay.push(V, 0, &video(true, 0, 0)));
    assert_eq!(relay.video().map(|video| (video.codec, video.width, video.height)), Some((Codec::H264, 640, 360)));
    assert_eq!(relay.audio().map(|audio| (audio.codec, audio.rate)), Some((Codec::Aac, 44_100)));
}

#[test]
fn sound_alone_can_begin_anywhere() {
    let mut relay = relay();
    relay.push(A, 0, &AAC);
    for number in 0..100 {
        relay.push(A, number * 23, &audio(number as u8));
    }
    assert!(relay.is_ready(), "after a second nobody waits for pictures any more");
    let frames = read(&relay, &mut Cursor::default());
    assert_eq!(frames, [(A, 99 * 23, Role::Header), (A, 99 * 23, Role::Frame)]);
}

#[test]
fn a_stream_is_shown_when_all_its_tracks_are_there() {
    let mut relay = relay();
    relay.push(V, 0, &AVC);
    relay.push(V, 0, &video(true, 0, 0));
    assert!(!relay.is_ready());
    relay.push(A, 10, &AAC);
    relay.push(A, 10, &audio(0));
    assert!(relay.is_ready());
}

#[test]
fn a_slow_viewer_goes_on_at_the_newest_key_frame() {
    let mut relay = Relay::new(Bounds { span_ms_max: 5000, ..Bounds::default() });
    begin(&mut relay);
    seconds(&mut relay, 0, 1);
    let (mut slow, mut quick) = (Cursor::default(), Cursor::default());
    assert_eq!(relay.read(&mut slow, 1).len(), 3, "headers and one frame");
    seconds(&mut relay, 1, 20);
    // The quick one reads as much as it likes, the slow one has missed something.
    read(&relay, &mut quick);
    assert_eq!(read(&relay, &mut slow)[0], (V, 20_000, Role::Key));
}

#[test]
fn the_log_stays_within_each_of_its_bounds() {
    for (bounds, what) in [
        (Bounds { bytes_max: 1000, ..Bounds::default() }, "bytes"),
        (Bounds { frames_max: 10, ..Bounds::default() }, "frames"),
        (Bounds { span_ms_max: 300, ..Bounds::default() }, "span"),
    ] {
        let mut relay = Relay::new(bounds);
        begin(&mut relay);
        seconds(&mut relay, 0, 10);
        assert!(relay.bytes() <= bounds.bytes_max && relay.log.len() <= bounds.frames_max, "{what}");
        assert!(relay.timeline.newest() - relay.log[0].frame.at <= bounds.span_ms_max, "{what}");
        // The key frame is gone: a newcomer waits for the next.
        let mut cursor = Cursor::default();
        assert_eq!(read(&relay, &mut cursor), [], "{what}");
        relay.push(A, 10_001, &audio(0));
        assert_eq!(read(&relay, &mut cursor), [], "{what}");
        relay.push(V, 10_001, &video(true, 0, 0));
        let frames = read(&relay, &mut cursor);
        assert_eq!(frames.last(), Some(&(V, 10_001, Role::Key)), "{what}");
    }
}

#[test]
fn another_header_is_told_with_the_next_key_frame() {
    let mut relay = relay();
    begin(&mut relay);
    seconds(&mut relay, 0, 1);
    let mut cursor = Cursor::default();
    read(&relay, &mut cursor);
    assert!(relay.push(V, 1000, &AVC), "the same again is no news");
    relay.push(V, 1000, &video(false, 0, 0));
    assert_eq!(read(&relay, &mut cursor), [(V, 1000, Role::Frame)]);
    let mut other = AVC;
    other[8] = 0x1F;
    relay.push(V, 1040, &other);
    relay.push(V, 1040, &video(false, 0, 1));
    relay.push(A, 1050, &audio(0));
    assert_eq!(read(&relay, &mut cursor), []);
    relay.push(V, 1080, &video(true, 0, 2));
    assert_eq!(read(&relay, &mut cursor), [(V, 1080, Role::Header), (V, 1080, Role::Key)]);
}

#[test]
fn what_is_said_of_a_stream_is_bounded() {
    let mut relay = relay();
    assert!(!relay.push(Kind::Data, 0, &vec![0; HEADER_BYTES_MAX + 1]));
    assert!(!relay.push(V, 0, &[&AVC[..], &vec![0; HEADER_BYTES_MAX]].concat()));
}

#[test]
fn rtmp_and_flv_carry_the_same_body() {
    let mut relay = relay();
    begin(&mut relay);
    relay.push(V, 0, &video(true, 40, 9));
    let frames = relay.read(&mut Cursor::default(), usize::MAX);
    let key = frames.last().unwrap();
    assert_eq!(key.body(), video(true, 40, 9));
    assert_eq!(key.payload(), [0, 0, 0, 1, 9][..]);
    assert!(key.rtmp().ends_with(&video(true, 40, 9)));
    assert_eq!(key.meaning.composition, 40);
}

proptest! {
    #[test]
    fn nothing_breaks_it_and_it_holds_little(
        pushed in proptest::collection::vec(
            (0..4_u8, any::<u32>(), proptest::collection::vec(any::<u8>(), 0..60), any::<bool>()), 0..80,
        ),
    ) {
        let bounds = Bounds { bytes_max: 2000, frames_max: 20, span_ms_max: 5000 };
        let mut relay = Relay::new(bounds);
        let mut cursors = [Cursor::default(), Cursor::default()];
        for (kind, at, body, reads) in pushed {
            match kind {
                0 => drop(relay.push(Kind::Data, at, &body)),
                1 => drop(relay.push(A, at, &[&[0xAF][..], &body].concat())),
                2 => drop(relay.push(V, at, &[&[0x17][..], &body].concat())),
                _ => begin(&mut relay),
            }
            prop_assert!(relay.bytes() <= bounds.bytes_max && relay.log.len() <= bounds.frames_max);
            if reads {
                relay.read(&mut cursors[0], usize::MAX);
            }
        }
        let mut last = [0, 0];
        for frame in relay.read(&mut cursors[1], usize::MAX) {
            if frame.kind != Kind::Data {
                let last = &mut last[usize::from(frame.kind == V)];
                prop_assert!(frame.at >= *last);
                *last = frame.at;
            }
        }
    }
}
