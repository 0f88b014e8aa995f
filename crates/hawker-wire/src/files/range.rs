//! A part of a file, as players ask for it (RFC 9110 §14).

/// What a `Range` header asks of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it: nothing was asked, or nothing that has to be understood.
    Whole,
    /// From a byte up to, not including, another.
    Bytes {
        /// The first.
        from: u64,
        /// The first that is not wanted any more.
        to: u64,
    },
    /// Nothing that the file has.
    Outside,
}

/// Reads the header for a file of so many bytes. Several parts at once, which no player needs, are answered with
/// the whole file, as the standard allows.
pub fn part(header: Option<&str>, size: u64) -> Part {
    let Some(wanted) = header.and_then(|header| header.strip_prefix("bytes=")) else { return Part::Whole };
    let Some((from, to)) = wanted.trim().split_once('-') else { return Part::Whole };
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok())?;
    match (from, to) {
        ("", last) => match number(last) {
            None => Part::Whole,
            Some(0) => Part::Outside,
            Some(_) if size == 0 => Part::Outside,
            Some(last) => Part::Bytes { from: size.saturating_sub(last), to: size },
        },
        (from, to) => match (number(from), to) {
            (None, _) => Part::Whole,
            (Some(from), _) if from >= size => Part::Outside,
            (Some(from), "") => Part::Bytes { from, to: size },
            (Some(from), to) => match number(to) {
                Some(to) if to >= from => Part::Bytes { from, to: to.saturating_add(1).min(size) },
                _ => Part::Whole,
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_within_the_file() {
        for (header, want) in [
            (None, Part::Whole),
            (Some("bytes=0-"), Part::Bytes { from: 0, to: 100 }),
            (Some("bytes=0-0"), Part::Bytes { from: 0, to: 1 }),
            (Some("bytes=10-19"), Part::Bytes { from: 10, to: 20 }),
            (Some("bytes=90-999"), Part::Bytes { from: 90, to: 100 }),
            (Some("bytes=-10"), Part::Bytes { from: 90, to: 100 }),
            (Some("bytes=-1000"), Part::Bytes { from: 0, to: 100 }),
            (Some("bytes=100-"), Part::Outside),
            (Some("bytes=-0"), Part::Outside),
            (Some("bytes=20-10"), Part::Whole),
            (Some("bytes=0-1,5-6"), Part::Whole),
            (Some("bytes=a-b"), Part::Whole),
            (Some("bytes=+1-2"), Part::Whole),
            (Some("bytes=-"), Part::Whole),
            (Some("bytes=18446744073709551616-"), Part::Whole),
            (Some("bytes=0-18446744073709551615"), Part::Bytes { from: 0, to: 100 }),
            (Some("lines=0-1"), Part::Whole),
        ] {
            assert_eq!(part(header, 100), want, "{header:?}");
        }
        assert_eq!(part(Some("bytes=0-"), 0), Part::Outside);
        assert_eq!(part(Some("bytes=-5"), 0), Part::Outside);
    }
}
