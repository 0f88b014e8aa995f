use super::*;
use crate::relay::{Bounds, Cursor, Relay};
use crate::samples::{AAC, AVC, audio, begin, seconds, video};
use shiguredo_mp4::demux::Fmp4SegmentDemuxer;

/// Segments of all that a relay holds.
fn segmented(relay: &Relay) -> Segmenter {
    let mut segmenter = Segmenter::new(0);
    feed(&mut segmenter, relay, &mut relay.oldest());
    segmenter
}

fn feed(segmenter: &mut Segmenter, relay: &Relay, cursor: &mut Cursor) {
    relay.read(cursor, usize::MAX).iter().for_each(|frame| segmenter.push(frame));
}

/// What a player finds in a segment: track, decoding time in milliseconds, composition, key, bytes.
fn played(segmenter: &Segmenter, number: u64) -> Vec<(TrackKind, u64, i64, bool, Vec<u8>)> {
    let segment = segmenter.segments.iter().find(|segment| segment.number == number).unwrap();
    let mut demuxer = Fmp4SegmentDemuxer::new();
    demuxer.handle_init_segment(&segmenter.init(segment.init).unwrap()).unwrap();
    let samples = demuxer.handle_media_segment(&segment.bytes).unwrap();
    let samples = samples.iter().map(|sample| {
        let from = sample.data_offset as usize;
        let data = segment.bytes[from..from + sample.data_size].to_vec();
        let at = sample.timestamp * 1000 / u64::from(sample.track.timescale.get());
        (sample.track.kind, at, sample.composition_time_offset.unwrap_or(0), sample.keyframe, data)
    });
    samples.collect()
}

#[test]
fn segments_begin_at_key_frames_and_hold_every_frame_at_its_time() {
    let mut relay = Relay::new(Bounds::default());
    begin(&mut relay);
    seconds(&mut relay, 0, 9);
    let segmenter = segmented(&relay);
    assert_eq!(segmenter.segments.len(), 4);
    let samples = played(&segmenter, 1);
    let pictures: Vec<_> = samples.iter().filter(|sample| sample.0 == TrackKind::Video).collect();
    assert_eq!(pictures.len(), 50);
    for (number, (_, at, composition, key, data)) in pictures.iter().enumerate() {
        assert_eq!(*at, 2000 + 40 * number as u64);
        assert_eq!(*composition, 80 * 90);
        assert_eq!(*key, number % 25 == 0);
        assert_eq!(data[..], video(*key, 80, 50 + number as u8)[5..]);
    }
    let sounds: Vec<_> = samples.iter().filter(|sample| sample.0 == TrackKind::Audio).collect();
    assert_eq!(sounds.len(), 50);
    for (number, (_, at, ..)) in sounds.iter().enumerate() {
        let sent = 2007 + 40 * number as u64;
        assert!(at.abs_diff(sent) <= DRIFT_MS_MAX, "{at} is not near {sent}");
    }
}

#[test]
fn the_list_is_what_players_expect() {
    let mut relay = Relay::new(Bounds::default());
    begin(&mut relay);
    seconds(&mut relay, 0, 5);
    let segmenter = segmented(&relay);
    assert_eq!(
        segmenter.playlist("room/a-", "txTime=1"),
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n\
         #EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"room/a-0.mp4?txTime=1\"\n\
         #EXTINF:2.000,\nroom/a-0.m4s?txTime=1\n#EXTINF:2.000,\nroom/a-1.m4s?txTime=1\n"
    );
    let late =
        Segment { number: 7, ms: 1999, independent: false, discontinuity: true, init: 7, bytes: Bytes::new() };
    let later = Segment { number: 8, discontinuity: false, ms: 20, ..late.clone() };
    assert_eq!(
        playlist(&[&late, &later], 2, 3, "", ""),
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n\
         #EXT-X-DISCONTINUITY-SEQUENCE:3\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"7.mp4\"\n\
         #EXTINF:1.999,\n7.m4s\n#EXTINF:0.020,\n8.m4s\n"
    );
}

#[test]
fn old_segments_leave_the_list_and_then_the_memory() {
    let mut relay = Relay::new(Bounds::default());
    begin(&mut relay);
    let mut segmenter = Segmenter::new(0);
    let mut cursor = Cursor::default();
    for second in 0..60 {
        seconds(&mut relay, second, 1);
        feed(&mut segmenter, &relay, &mut cursor);
    }
    assert_eq!(segmenter.segments.len(), KEPT_MAX);
    let list = segmenter.playlist("", "");
    assert_eq!(list.matches("#EXTINF").count(), LISTED_MAX);
    let first = segmenter.next() - LISTED_MAX as u64;
    assert!(list.contains(&format!("#EXT-X-MEDIA-SEQUENCE:{first}\n")), "{list}");
    assert!(segmenter.segment(first - 3).is_some() && segmenter.segment(first - 4).is_none());
    assert!(segmenter.segment(segmenter.next()).is_none());
}

#[test]
fn a_group_that_never_ends_is_cut_and_said_to_be() {
    let mut relay = Relay::new(Bounds { span_ms_max: 60_000, ..Bounds::default() });
    begin(&mut relay);
    relay.push(Kind::Video, 0, &video(true, 0, 0));
    for number in 1..800 {
        relay.push(Kind::Video, number * 40, &video(false, 0, 0));
    }
    let segmenter = segmented(&relay);
    let lengths: Vec<_> = segmenter.segments.iter().map(|segment| (segment.ms, segment.independent)).collect();
    assert_eq!(lengths, [(10_000, true), (10_000, false), (10_000, false)]);
    assert!(!segmenter.playlist("", "").contains("INDEPENDENT"));
}

#[test]
fn another_picture_begins_another_header() {
    let mut relay = Relay::new(Bounds::default());
    begin(&mut relay);
    seconds(&mut relay, 0, 3);
    let mut other = AVC;
    other[8] = 0x1F;
    relay.push(Kind::Video, 3000, &other);
    seconds(&mut relay, 3, 3);
    let list = segmented(&relay).playlist("", "");
    assert_eq!(list.matches("#EXT-X-MAP").count(), 2, "{list}");
    assert_eq!(list.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{list}");
}

#[test]
fn sound_alone_is_a_list_too() {
    let mut relay = Relay::new(Bounds::default());
    relay.push(Kind::Audio, 0, &AAC);
    for number in 0..400 {
        relay.push(Kind::Audio, number * 1024 * 1000 / 44_100, &audio(number as u8));
    }
    let segmenter = segmented(&relay);
    let samples = played(&segmenter, 1);
    assert!(samples.len() > 60 && samples.iter().all(|sample| sample.0 == TrackKind::Audio));
    assert!(samples.windows(2).all(|two| (23..=24).contains(&(two[1].1 - two[0].1))), "{samples:?}");
}

#[test]
fn what_mp4_cannot_hold_is_left_out() {
    let mut relay = Relay::new(Bounds::default());
    for number in 0..200 {
        relay.push(Kind::Video, number * 40, if number % 25 == 0 { b"\x91zzzz1" } else { b"\xA1zzzz1" });
    }
    assert!(!segmented(&relay).has_segments());
}
