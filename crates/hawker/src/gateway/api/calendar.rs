//! Days and moments, as people write them.

use hawker_core::Time;

/// A day and a minute, in milliseconds.
pub const DAY: i64 = 24 * 3_600_000;
/// See [`DAY`].
pub const MINUTE: i64 = 60_000;

/// Year, month and day of so many days after 1970-01-01.
fn date(days: i64) -> (i64, i64, i64) {
    // Years begin in March here, so that the odd day comes last; 400 of them are always as long.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// The day of a moment, where clocks are so many milliseconds ahead of UTC.
pub fn day(at: i64, ahead: i64) -> String {
    let (year, month, day) = date((at + ahead).div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// When that day began.
pub fn beginning(at: i64, ahead: i64) -> i64 {
    (at + ahead).div_euclid(DAY) * DAY - ahead
}

/// A moment in UTC, to the second.
pub fn moment(at: Time) -> String {
    let secs = at.secs() % 86_400;
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    format!("{}T{hours:02}:{minutes:02}:{secs:02}Z", day(at.0 as i64, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        for (days, want) in
            [(0, (1970, 1, 1)), (59, (1970, 3, 1)), (11_016, (2000, 2, 29)), (20_777, (2026, 11, 20))]
        {
            assert_eq!(date(days), want);
        }
        assert_eq!(date(-1), (1969, 12, 31));
        assert_eq!(moment(Time(1_763_667_367_890)), "2025-11-20T19:36:07Z");
    }

    #[test]
    fn a_day_begins_where_people_are() {
        let (late, ahead) = (20_777 * DAY + 20 * 60 * MINUTE, 8 * 60 * MINUTE);
        assert_eq!((day(late, 0), day(late, ahead)), ("2026-11-20".into(), "2026-11-21".into()));
        assert_eq!(beginning(late, ahead), 20_778 * DAY - ahead);
        assert_eq!(beginning(beginning(late, ahead), ahead), beginning(late, ahead));
        assert_eq!(day(beginning(late, -ahead), -ahead), "2026-11-20");
    }
}
