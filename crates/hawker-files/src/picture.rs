//! Looks at pictures of strangers, and draws the smaller versions.
//!
//! A picture of a few kilobytes may claim to be a million pixels wide. So its size is read first and bounded, and
//! the decoder is told how much memory it may take.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};
use std::fs::File;
use std::io::{BufReader, Seek};

/// The shorter side of a thumbnail, in pixels, as the official one has it.
const THUMB_SIDE: u32 = 198;
/// The shorter side of the version for a screen.
const LARGE_SIDE: u32 = 720;
/// The longer side is at most so many times the shorter one should be: a picture may be a stripe.
const STRETCH_MAX: u32 = 4;
/// Quality of JPEG, of 100.
const QUALITY: u8 = 82;

/// What a picture may be.
#[derive(Clone, Copy, Debug)]
pub struct PictureBounds {
    /// Pixels of its longer side.
    pub side_max: u32,
    /// Pixels in all.
    pub pixels_max: u64,
    /// Bytes that decoding it may take.
    pub alloc_bytes_max: u64,
}

/// Width and height, in pixels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// The sizes of thumbnail and screen version of a picture.
pub fn fit(picture: Size) -> [Size; 2] {
    [shrink(picture, THUMB_SIDE), shrink(picture, LARGE_SIDE)]
}

/// The shorter side becomes `side`, if it is longer; the picture keeps its shape.
fn shrink(picture: Size, side: u32) -> Size {
    let Size { width, height } = picture;
    let by_shorter = f64::from(side) / f64::from(width.min(height).max(1));
    let by_longer = f64::from(side * STRETCH_MAX) / f64::from(width.max(height).max(1));
    let scale = by_shorter.min(by_longer).min(1.0);
    let scaled = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    Size { width: scaled(width), height: scaled(height) }
}

/// What was seen.
pub struct Picture {
    /// Its size as it is shown.
    pub size: Size,
    /// The media type of the smaller versions.
    pub small_media: &'static str,
    /// The thumbnail.
    pub thumb: Vec<u8>,
    /// The version for a screen.
    pub large: Vec<u8>,
}

/// Why a picture is not taken.
#[derive(Debug, PartialEq, Eq)]
pub enum BadPicture {
    /// It cannot be read.
    Unreadable(String),
    /// It is too large.
    TooLarge(String),
}

impl From<ImageError> for BadPicture {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(limits) => Self::TooLarge(limits.to_string()),
            other => Self::Unreadable(other.to_string()),
        }
    }
}

/// Decodes a picture and draws its smaller versions. Takes long: not for a thread that others wait for.
pub fn look(mut file: &File, bounds: PictureBounds) -> Result<Picture, BadPicture> {
    let unreadable = |error: std::io::Error| BadPicture::Unreadable(error.to_string());
    file.rewind().map_err(unreadable)?;
    let mut reader = ImageReader::new(BufReader::new(file)).with_guessed_format().map_err(unreadable)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(bounds.side_max);
    limits.max_image_height = Some(bounds.side_max);
    limits.max_alloc = Some(bounds.alloc_bytes_max);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > bounds.pixels_max {
        return Err(BadPicture::TooLarge(format!("more than {} pixels", bounds.pixels_max)));
    }
    if decoder.total_bytes() > bounds.alloc_bytes_max {
        return Err(BadPicture::TooLarge(format!("more than {} bytes when decoded", bounds.alloc_bytes_max)));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    draw(DynamicImage::from_decoder(decoder)?, orientation)
}

/// Shrinks first and turns after: turning the whole picture would take its memory twice.
fn draw(whole: DynamicImage, orientation: Orientation) -> Result<Picture, BadPicture> {
    let lying = Size { width: whole.width(), height: whole.height() };
    let [_, wanted] = fit(lying);
    let mut large = if wanted == lying { whole } else { whole.thumbnail_exact(wanted.width, wanted.height) };
    large.apply_orientation(orientation);
    let turned = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let size = if turned { Size { width: lying.height, height: lying.width } } else { lying };
    let [thumb, _] = fit(size);
    let thumb = large.thumbnail_exact(thumb.width, thumb.height);
    let clear = large.color().has_alpha() && large.to_rgba8().pixels().any(|pixel| pixel.0[3] < u8::MAX);
    let small_media = if clear { "image/png" } else { "image/jpeg" };
    Ok(Picture { size, small_media, thumb: encode(thumb, clear)?, large: encode(large, clear)? })
}

/// Draws anew: what else the file said (where and by whom it was taken) is not in there.
fn encode(image: DynamicImage, clear: bool) -> Result<Vec<u8>, BadPicture> {
    let mut out = Vec::new();
    if clear {
        image.into_rgba8().write_with_encoder(PngEncoder::new(&mut out))?;
    } else {
        image.into_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut out, QUALITY))?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbaImage;
    use std::io::Write;

    const BOUNDS: PictureBounds =
        PictureBounds { side_max: 4000, pixels_max: 4_000_000, alloc_bytes_max: 64 << 20 };

    fn seen(bytes: &[u8]) -> Result<Picture, BadPicture> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        look(&file, BOUNDS)
    }

    fn size(bytes: &[u8]) -> Size {
        let image = image::load_from_memory(bytes).unwrap();
        Size { width: image.width(), height: image.height() }
    }

    fn png(width: u32, height: u32, alpha: u8) -> Vec<u8> {
        let image = RgbaImage::from_fn(width, height, |x, y| image::Rgba([x as u8, y as u8, 9, alpha]));
        let mut out = Vec::new();
        image.write_with_encoder(PngEncoder::new(&mut out)).unwrap();
        out
    }

    #[test]
    fn smaller_versions_keep_the_shape_and_are_never_larger() {
        for ((width, height), thumb, large) in [
            ((1080, 1440), (198, 264), (720, 960)),
            ((100, 50), (100, 50), (100, 50)),
            ((10_000, 100), (792, 8), (2880, 29)),
            ((1, 100_000), (1, 792), (1, 2880)),
        ] {
            let found = fit(Size { width, height }).map(|size| (size.width, size.height));
            assert_eq!(found, [thumb, large], "{width}x{height}");
        }
    }

    #[test]
    fn a_picture_gets_two_smaller_ones() {
        let picture = seen(&png(1000, 900, 255)).unwrap();
        assert_eq!(picture.small_media, "image/jpeg");
        assert_eq!(picture.size, Size { width: 1000, height: 900 });
        assert_eq!([size(&picture.thumb), size(&picture.large)], fit(picture.size));
        assert_eq!(image::guess_format(&picture.thumb).unwrap(), image::ImageFormat::Jpeg);
    }

    #[test]
    fn what_can_be_seen_through_stays_so() {
        let picture = seen(&png(300, 300, 100)).unwrap();
        assert_eq!(picture.small_media, "image/png");
        let thumb = image::load_from_memory(&picture.thumb).unwrap();
        assert!(thumb.to_rgba8().pixels().all(|pixel| pixel.0[3] == 100));
    }

    #[test]
    fn a_picture_that_claims_too_much_is_not_decoded() {
        assert!(matches!(seen(&png(4001, 1, 255)), Err(BadPicture::TooLarge(_))));
        assert!(matches!(seen(&png(2001, 2000, 255)), Err(BadPicture::TooLarge(_))));
    }

    #[test]
    fn half_a_picture_is_none() {
        let whole = png(500, 500, 255);
        assert!(matches!(seen(&whole[..whole.len() / 2]), Err(BadPicture::Unreadable(_))));
        assert!(matches!(seen(b"\x89PNG\r\n\x1a\nnonsense"), Err(BadPicture::Unreadable(_))));
    }
}
