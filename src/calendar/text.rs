//! The text of an instant, fast: results have millions of rows with one each.
//!
//! From days to year, month and day by H. Hinnant's algorithm ("chrono-compatible low-level date algorithms", 2021,
//! `civil_from_days`): years begin in March, so that the leap day comes last.

use std::fmt;

const DAY: i64 = 86_400_000;
/// 0000-01-01T00:00:00Z.
const FIRST: i64 = -719_528 * DAY;
/// 9999-12-31T23:59:59.999Z.
const LAST: i64 = 2_932_897 * DAY - 1;

/// An instant as RFC 3339 in UTC, on the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TimeText {
    bytes: [u8; 24],
    length: usize,
}

impl TimeText {
    #[inline]
    pub(super) fn of_epoch_milliseconds(milliseconds: i64) -> TimeText {
        let milliseconds = milliseconds.clamp(FIRST, LAST);
        let (year, month, day) = civil(milliseconds.div_euclid(DAY));
        let of_day = milliseconds.rem_euclid(DAY) as u32;
        let (seconds, fraction) = (of_day / 1000, of_day % 1000);
        let mut bytes = *b"0000-00-00T00:00:00.000Z";
        two_digits(&mut bytes, 0, year / 100);
        two_digits(&mut bytes, 2, year % 100);
        two_digits(&mut bytes, 5, month);
        two_digits(&mut bytes, 8, day);
        two_digits(&mut bytes, 11, seconds / 3600);
        two_digits(&mut bytes, 14, seconds / 60 % 60);
        two_digits(&mut bytes, 17, seconds % 60);
        if fraction == 0 {
            bytes[19] = b'Z';
            return TimeText { bytes, length: 20 };
        }
        bytes[20] = b'0' + (fraction / 100) as u8;
        two_digits(&mut bytes, 21, fraction % 100);
        TimeText { bytes, length: 24 }
    }

    /// The text as bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Display for TimeText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for TimeText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[inline]
fn two_digits(bytes: &mut [u8; 24], at: usize, number: u32) {
    bytes[at] = b'0' + (number / 10) as u8;
    bytes[at + 1] = b'0' + (number % 10) as u8;
}

/// Year, month and day of a day counted from 1970-01-01.
#[inline]
fn civil(day: i64) -> (u32, u32, u32) {
    let from_march_0 = day + 719_468;
    let era = from_march_0.div_euclid(146_097);
    let of_era = from_march_0.rem_euclid(146_097) as u32;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + i64::from(year_of_era) + i64::from(month <= 2);
    (year as u32, month, day_of_month)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn text(milliseconds: i64) -> String {
        TimeText::of_epoch_milliseconds(milliseconds).to_string()
    }

    #[test]
    fn days_at_the_edges_are_right() {
        assert_eq!(text(0), "1970-01-01T00:00:00Z");
        assert_eq!(text(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(text(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!([i64::MIN, FIRST].map(text), ["0000-01-01T00:00:00Z"; 2]);
        assert_eq!([LAST, i64::MAX].map(text), ["9999-12-31T23:59:59.999Z"; 2]);
    }

    proptest! {
        #[test]
        fn is_what_jiff_writes(milliseconds in FIRST..200_000_000_000_000i64, whole in any::<bool>()) {
            let milliseconds = if whole { milliseconds / 1000 * 1000 } else { milliseconds };
            let jiff = Timestamp::from_millisecond(milliseconds).unwrap();
            let expected = if milliseconds % 1000 == 0 { format!("{jiff}") } else { format!("{jiff:.3}") };
            prop_assert_eq!(text(milliseconds), expected);
        }
    }
}
