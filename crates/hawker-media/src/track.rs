//! What the header of a codec says: how large the picture is, and how an MP4 file names it.

use crate::flv::Codec;
use shiguredo_mp4::bitstream::{av1, h264, h265, opus};
use shiguredo_mp4::boxes::{
    AudioSampleEntryFields, Av01Box, Av1cBox, Avc1Box, AvccBox, EsdsBox, Hvc1Box, HvccBox, Mp4aBox, SampleEntry,
    VisualSampleEntryFields,
};
use shiguredo_mp4::descriptors::{DecoderConfigDescriptor, DecoderSpecificInfo, EsDescriptor, SlConfigDescriptor};
use shiguredo_mp4::{Decode, FixedPointNumber, Uint};

/// Pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoTrack {
    /// How they are coded.
    pub codec: Codec,
    /// Pixels; 0 if the header does not say.
    pub width: u16,
    /// Pixels; 0 if the header does not say.
    pub height: u16,
    /// As MP4 names it; `None` if this server cannot put it there.
    pub entry: Option<SampleEntry>,
}

/// Sound.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioTrack {
    /// How it is coded.
    pub codec: Codec,
    /// Samples a second; 0 if the header does not say.
    pub rate: u32,
    /// As MP4 names it; `None` if this server cannot put it there.
    pub entry: Option<SampleEntry>,
}

impl VideoTrack {
    /// What a header says; its frames are carried on even if that is nothing.
    pub fn of(codec: Codec, header: &[u8]) -> Self {
        let read = match codec {
            Codec::H264 => avc(header),
            Codec::H265 => hevc(header),
            Codec::Av1 => av1(header),
            _ => None,
        };
        match read {
            Some((width, height, entry)) => Self { codec, width, height, entry: Some(entry) },
            None => Self { codec, width: 0, height: 0, entry: None },
        }
    }
}

impl AudioTrack {
    /// What a header says; its frames are carried on even if that is nothing.
    pub fn of(codec: Codec, header: &[u8]) -> Self {
        let read = match codec {
            Codec::Aac => aac(header),
            Codec::Opus => opus(header),
            _ => None,
        };
        match read {
            Some((rate, entry)) => Self { codec, rate, entry: Some(entry) },
            None => Self { codec, rate: 0, entry: None },
        }
    }
}

/// The header of a codec is the body of an MP4 box.
fn boxed<T: Decode>(kind: &[u8; 4], body: &[u8]) -> Option<T> {
    let size = u32::try_from(body.len() + 8).ok()?;
    let whole = [&size.to_be_bytes()[..], kind, body].concat();
    T::decode(&whole).ok().map(|(value, _)| value)
}

fn visual(width: u16, height: u16) -> VisualSampleEntryFields {
    VisualSampleEntryFields {
        data_reference_index: VisualSampleEntryFields::DEFAULT_DATA_REFERENCE_INDEX,
        width,
        height,
        horizresolution: VisualSampleEntryFields::DEFAULT_HORIZRESOLUTION,
        vertresolution: VisualSampleEntryFields::DEFAULT_VERTRESOLUTION,
        frame_count: VisualSampleEntryFields::DEFAULT_FRAME_COUNT,
        compressorname: VisualSampleEntryFields::NULL_COMPRESSORNAME,
        depth: VisualSampleEntryFields::DEFAULT_DEPTH,
    }
}

fn avc(header: &[u8]) -> Option<(u16, u16, SampleEntry)> {
    let mut avcc_box: AvccBox = boxed(b"avcC", header)?;
    let sps = h264::parse_sps(avcc_box.sps_list.first()?).ok()?;
    // Many encoders leave out these four bytes of a high profile.
    if !matches!(avcc_box.avc_profile_indication, 66 | 77 | 88) && avcc_box.chroma_format.is_none() {
        avcc_box.chroma_format = Some(Uint::new(sps.chroma_format_idc));
        avcc_box.bit_depth_luma_minus8 = Some(Uint::new(sps.bit_depth_luma_minus8));
        avcc_box.bit_depth_chroma_minus8 = Some(Uint::new(sps.bit_depth_chroma_minus8));
    }
    let visual = visual(sps.width, sps.height);
    let entry = SampleEntry::Avc1(Avc1Box { visual, avcc_box, unknown_boxes: Vec::new() });
    Some((sps.width, sps.height, entry))
}

fn hevc(header: &[u8]) -> Option<(u16, u16, SampleEntry)> {
    /// The kind of unit that holds the size of the picture.
    const SPS: u8 = 33;
    let hvcc_box: HvccBox = boxed(b"hvcC", header)?;
    let of_sps = hvcc_box.nalu_arrays.iter().find(|array| array.nal_unit_type.get() == SPS)?;
    let sps = h265::parse_sps(of_sps.nalus.first()?).ok()?;
    let visual = visual(sps.width, sps.height);
    let entry = SampleEntry::Hvc1(Hvc1Box { visual, hvcc_box, unknown_boxes: Vec::new() });
    Some((sps.width, sps.height, entry))
}

fn av1(header: &[u8]) -> Option<(u16, u16, SampleEntry)> {
    let av1c_box: Av1cBox = boxed(b"av1C", header)?;
    let built = av1::build_av01_box_from_config_obus(
        &av1c_box.config_obus,
        &av1::Av1SampleEntryConfig { initial_presentation_delay_minus_one: None },
    );
    let Av01Box { visual, .. } = built.ok()?;
    let (width, height) = (visual.width, visual.height);
    Some((width, height, SampleEntry::Av01(Av01Box { visual, av1c_box, unknown_boxes: Vec::new() })))
}

/// Samples a second, by the number in an AudioSpecificConfig.
const AAC_RATES: [u32; 13] =
    [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
/// The number that says that the rate itself follows.
const AAC_RATE_FOLLOWS: u64 = 15;
/// Loudspeakers, by the number in an AudioSpecificConfig; 0 is for the frames to say, mostly two.
const AAC_CHANNELS: [u16; 8] = [2, 1, 2, 3, 4, 5, 6, 8];

fn aac(header: &[u8]) -> Option<(u32, SampleEntry)> {
    let bits = header.iter().chain(&[0; 8]).take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let field = |from: u32, length: u32| (bits << from) >> (64 - length);
    if header.len() < 2 || field(0, 5) == 31 {
        return None;
    }
    let (rate, channels) = match field(5, 4) {
        AAC_RATE_FOLLOWS => (field(9, 24) as u32, field(33, 4)),
        number => (*AAC_RATES.get(number as usize)?, field(9, 4)),
    };
    let channels = *AAC_CHANNELS.get(channels as usize)?;
    if !(1000..=192_000).contains(&rate) {
        return None;
    }
    let entry = Mp4aBox {
        audio: sound(channels, rate),
        esds_box: EsdsBox {
            es: EsDescriptor {
                es_id: EsDescriptor::MIN_ES_ID,
                stream_priority: EsDescriptor::LOWEST_STREAM_PRIORITY,
                depends_on_es_id: None,
                url_string: None,
                ocr_es_id: None,
                dec_config_descr: DecoderConfigDescriptor {
                    object_type_indication: DecoderConfigDescriptor::OBJECT_TYPE_INDICATION_AUDIO_ISO_IEC_14496_3,
                    stream_type: DecoderConfigDescriptor::STREAM_TYPE_AUDIO,
                    up_stream: DecoderConfigDescriptor::UP_STREAM_FALSE,
                    buffer_size_db: Uint::new(0),
                    max_bitrate: 0,
                    avg_bitrate: 0,
                    // As it came: the library would refuse what it has no name for, as extensions for more tones.
                    dec_specific_info: Some(DecoderSpecificInfo { payload: header.to_vec() }),
                },
                sl_config_descr: SlConfigDescriptor,
            },
        },
        unknown_boxes: Vec::new(),
    };
    Some((rate, SampleEntry::Mp4a(entry)))
}

fn sound(channels: u16, rate: u32) -> AudioSampleEntryFields {
    AudioSampleEntryFields {
        data_reference_index: AudioSampleEntryFields::DEFAULT_DATA_REFERENCE_INDEX,
        channelcount: channels,
        samplesize: AudioSampleEntryFields::DEFAULT_SAMPLESIZE,
        samplerate: FixedPointNumber::new(u16::try_from(rate).unwrap_or(0), 0),
    }
}

/// Opus always plays at this rate.
const OPUS_RATE: u32 = 48_000;

fn opus(header: &[u8]) -> Option<(u32, SampleEntry)> {
    let fields = header.strip_prefix(b"OpusHead")?;
    let [_, channels, skip_low, skip_high, a, b, c, d, gain_low, gain_high, ..] = fields else { return None };
    let channel_count = match channels {
        1 => opus::ChannelCount::Mono,
        2 => opus::ChannelCount::Stereo,
        _ => return None,
    };
    let config = opus::OpusSampleEntryConfig {
        channel_count,
        pre_skip: u16::from_le_bytes([*skip_low, *skip_high]),
        input_sample_rate: u32::from_le_bytes([*a, *b, *c, *d]),
        output_gain: i16::from_le_bytes([*gain_low, *gain_high]),
    };
    Some((OPUS_RATE, SampleEntry::Opus(opus::build_opus_box(&config))))
}

/// How many samples a frame of sound holds.
pub fn samples_in(codec: Codec, frame: &[u8]) -> u32 {
    if codec != Codec::Opus {
        return 1024;
    }
    let [first, rest @ ..] = frame else { return 0 };
    let config = usize::from(first >> 3);
    let one = match config {
        0..12 => [480, 960, 1920, 2880][config % 4],
        12..16 => [480, 960][config % 2],
        _ => [120, 240, 480, 960][config % 4],
    };
    let count = match first & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(rest.first().copied().unwrap_or(0) & 0x3F),
    };
    // The format allows no more than 120 ms.
    (one * count).min(5760)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flv::Kind;
    use crate::hls::Segmenter;
    use crate::relay::{Bounds, Relay};

    /// Of 640 × 360 in H.265, and in AV1, as encoders make them.
    const HVCC: [u8; 114] = [
        0x01, 0x04, 0x08, 0x00, 0x00, 0x00, 0x9E, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3F, 0xF0, 0x00, 0xFC, 0xFF, 0xF8,
        0xF8, 0x00, 0x00, 0x0F, 0x03, 0x20, 0x00, 0x01, 0x00, 0x17, 0x40, 0x01, 0x0C, 0x01, 0xFF, 0xFF, 0x04, 0x08,
        0x00, 0x00, 0x03, 0x00, 0x9E, 0x08, 0x00, 0x00, 0x03, 0x00, 0x00, 0x3F, 0x95, 0x98, 0x09, 0x21, 0x00, 0x01,
        0x00, 0x2D, 0x42, 0x01, 0x01, 0x04, 0x08, 0x00, 0x00, 0x03, 0x00, 0x9E, 0x08, 0x00, 0x00, 0x03, 0x00, 0x00,
        0x3F, 0x90, 0x00, 0xA0, 0x40, 0x2D, 0x2C, 0xB2, 0xB3, 0x49, 0x26, 0x57, 0x80, 0xB7, 0x02, 0x02, 0x00, 0x04,
        0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0x64, 0x20, 0x22, 0x00, 0x01, 0x00, 0x08, 0x44, 0x01,
        0xC1, 0x72, 0x86, 0x0C, 0x46, 0x24,
    ];
    const AV1C: [u8; 17] =
        [0x81, 0x01, 0x0C, 0x00, 0x0A, 0x0B, 0x00, 0x00, 0x00, 0x0C, 0xC4, 0xFF, 0x67, 0x36, 0xBE, 0x40, 0x10];
    const OPUS_HEAD: &[u8] = b"OpusHead\x01\x02\x38\x01\x80\xBB\0\0\0\0\0";

    #[test]
    fn headers_say_how_large_the_picture_is() {
        for (codec, header) in [(Codec::H265, &HVCC[..]), (Codec::Av1, &AV1C)] {
            let track = VideoTrack::of(codec, header);
            assert_eq!((track.width, track.height, track.entry.is_some()), (640, 360, true), "{codec:?}");
        }
        assert_eq!(VideoTrack::of(Codec::Vp9, &HVCC).entry, None);
        assert_eq!(VideoTrack::of(Codec::H265, &HVCC[..30]).entry, None);
        let aac = |header: &[u8]| AudioTrack::of(Codec::Aac, header);
        for (header, rate) in [
            (&[0x12, 0x10][..], 44_100),
            (&[0x11, 0x90, 0x56, 0xE5, 0x00], 48_000),
            (&[0x17, 0x80, 0x5D, 0xC0, 0x10], 48_000),
        ] {
            assert_eq!((aac(header).rate, aac(header).entry.is_some()), (rate, true), "{header:x?}");
        }
        for nonsense in [&[][..], &[0x12], &[0xFF, 0xFF], &[0x17, 0x80, 0, 0, 0]] {
            assert_eq!(aac(nonsense).entry, None, "{nonsense:x?}");
        }
        assert_eq!(AudioTrack::of(Codec::Opus, OPUS_HEAD).rate, 48_000);
        assert_eq!(AudioTrack::of(Codec::Opus, b"OpusHead").entry, None);
    }

    #[test]
    fn frames_of_opus_say_how_long_they_are() {
        for (frame, want) in [(&[0xFC][..], 960), (&[0xFD], 1920), (&[0xFF, 3], 2880), (&[0x18], 2880), (&[], 0)] {
            assert_eq!(samples_in(Codec::Opus, frame), want, "{frame:x?}");
        }
        assert_eq!(samples_in(Codec::Opus, &[0xFF, 0x3F]), 5760);
        assert_eq!(samples_in(Codec::Aac, &[0xFC]), 1024);
    }

    #[test]
    fn newer_codecs_go_into_segments_too() {
        for (fourcc, header, composition) in [("hvc1", &HVCC[..], &[0, 0, 40][..]), ("av01", &AV1C, &[])] {
            let mut relay = Relay::new(Bounds::default());
            let body =
                |first: u8, fourcc: &str, rest: &[&[u8]]| [&[first], fourcc.as_bytes(), &rest.concat()].concat();
            relay.push(Kind::Video, 0, &body(0x90, fourcc, &[header]));
            relay.push(Kind::Audio, 0, &body(0x90, "Opus", &[OPUS_HEAD]));
            for at in 0..100_u32 {
                let first = if at % 50 == 0 { 0x91 } else { 0xA1 };
                relay.push(Kind::Video, at * 40, &body(first, fourcc, &[composition, &[1]]));
                relay.push(Kind::Audio, at * 40, &body(0x91, "Opus", &[&[0xFD]]));
            }
            assert!(relay.is_ready() && relay.fits_mp4(), "{fourcc}");
            let mut segmenter = Segmenter::new(0);
            relay.read(&mut relay.oldest(), usize::MAX).iter().for_each(|frame| segmenter.push(frame));
            assert!(segmenter.has_segments(), "{fourcc}");
            let init = segmenter.init(0).unwrap();
            for name in [fourcc, "Opus"] {
                assert!(init.windows(4).any(|part| part == name.as_bytes()), "{fourcc}: {name}");
            }
        }
    }
}
