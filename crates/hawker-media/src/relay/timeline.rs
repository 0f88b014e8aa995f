//! One timeline from the clocks of encoders, which start anywhere, jump, run backwards and wrap around.

use crate::flv::Kind;

/// Sound and pictures may be so far apart.
const APART_MS_MAX: i64 = 3_000;
/// A pause is not longer than this; more is a jump.
const AHEAD_MS_MAX: i64 = 30_000;
/// A clock that runs backwards by more than this has jumped.
const BACK_MS_MAX: i64 = 200;

/// Places frames so that time never runs backwards within sound or pictures, and both stay together.
#[derive(Default)]
pub struct Timeline {
    /// What is added to the encoder's time, for sound and pictures. Wraps as that does.
    offsets: [Option<u32>; 2],
    /// Where each of them is.
    last: [u64; 2],
    newest: u64,
}

impl Timeline {
    /// When a frame is, in milliseconds of the stream.
    pub fn place(&mut self, kind: Kind, raw: u32) -> u64 {
        let own = usize::from(kind == Kind::Video);
        // If it has jumped, the other one may have done so before: then they stay together.
        let found = [self.offsets[own], self.offsets[1 - own]].into_iter().flatten().find_map(|offset| {
            let from_newest = raw.wrapping_add(offset).wrapping_sub(self.newest as u32) as i32;
            let at = self.newest as i64 + i64::from(from_newest);
            let near = (-APART_MS_MAX..=AHEAD_MS_MAX).contains(&i64::from(from_newest));
            (near && at + BACK_MS_MAX >= self.last[own] as i64).then_some((offset, at))
        });
        let (offset, at) = found.unwrap_or(((self.newest as u32).wrapping_sub(raw), self.newest as i64));
        self.offsets[own] = Some(offset);
        let at = (at.max(0) as u64).max(self.last[own]);
        self.last[own] = at;
        self.newest = self.newest.max(at);
        at
    }

    /// The latest moment.
    pub fn newest(&self) -> u64 {
        self.newest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn placed(frames: &[(Kind, u32)]) -> Vec<u64> {
        let mut timeline = Timeline::default();
        frames.iter().map(|(kind, raw)| timeline.place(*kind, *raw)).collect()
    }

    use Kind::{Audio as A, Video as V};

    #[test]
    fn a_stream_begins_at_zero_wherever_its_encoder_does() {
        assert_eq!(placed(&[(V, 5000), (A, 5010), (V, 5040), (A, 5033)]), [0, 10, 40, 33]);
        assert_eq!(placed(&[(A, 0), (V, 20), (V, 60)]), [0, 20, 60]);
    }

    #[test]
    fn it_goes_on_when_the_clock_wraps_around() {
        let near = u32::MAX - 10;
        assert_eq!(placed(&[(V, near), (V, 29), (A, 29), (V, 69)]), [0, 40, 40, 80]);
    }

    #[test]
    fn a_jump_is_no_gap_and_keeps_both_together() {
        let frames = [(V, 100), (A, 100), (V, 140), (V, 900_000), (A, 900_005), (V, 900_040), (A, 900_045)];
        assert_eq!(placed(&frames), [0, 0, 40, 40, 45, 80, 85]);
        let frames = [(V, 900_000), (A, 900_000), (V, 900_040), (A, 7), (V, 10), (A, 47), (V, 50)];
        assert_eq!(placed(&frames), [0, 0, 40, 40, 43, 80, 83]);
    }

    #[test]
    fn a_pause_is_a_pause() {
        assert_eq!(placed(&[(V, 0), (V, 20_000), (A, 20_000)]), [0, 20_000, 20_000]);
    }

    #[test]
    fn steps_back_stand_still() {
        assert_eq!(placed(&[(V, 100), (V, 140), (V, 120), (V, 180)]), [0, 40, 40, 80]);
    }

    #[test]
    fn two_clocks_that_have_nothing_in_common_run_side_by_side() {
        let frames = [(A, 0), (V, 500_000), (A, 20), (V, 500_040), (A, 40), (V, 500_080)];
        assert_eq!(placed(&frames), [0, 0, 20, 40, 40, 80]);
    }

    proptest! {
        #[test]
        fn time_never_runs_backwards(frames in proptest::collection::vec((any::<bool>(), any::<u32>()), 0..50)) {
            let mut timeline = Timeline::default();
            let mut last = [0, 0];
            for (video, raw) in frames {
                let at = timeline.place(if video { V } else { A }, raw);
                prop_assert!(at >= last[usize::from(video)]);
                last[usize::from(video)] = at;
            }
        }
    }
}
