//! Parts of wall-clock time as text: a day, a time of day.

use jiff::civil::Date;

use crate::time::{DAY, HOUR, MINUTE, Span};

/// The day of a date such as `2026-12-25`, counted from Monday 1970-01-05, the first day of a
/// [`LocalClock`](super::LocalClock)'s wall clock.
pub fn wall_day(text: &str) -> Option<i64> {
    let date: Date = text.parse().ok().filter(|_| text.len() == "2026-12-25".len())?;
    let first = jiff::civil::date(1970, 1, 5);
    Some(i64::from(date.duration_since(first).as_hours() as i32 / 24))
}

/// The time of day of `08:00`, up to `24:00`.
pub fn time_of_day(text: &str) -> Option<Span> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse::<i64>().ok().filter(|_| plain)
    };
    let time = Span(number(hours)? * HOUR.0 + number(minutes).filter(|&minutes| minutes < 60)? * MINUTE.0);
    (time <= DAY).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_a_monday() {
        assert_eq!(wall_day("1970-01-05"), Some(0));
        assert_eq!(wall_day("1970-01-01"), Some(-4));
        // 56 years of which 14 are leap years: 56·365 + 14 days after 1970-01-05.
        assert_eq!(wall_day("2026-01-05"), Some(56 * 365 + 14));
        for text in ["2026-02-30", "tomorrow", "", "2026-12-25T00:00:00"] {
            assert_eq!(wall_day(text), None, "{text}");
        }
    }

    #[test]
    fn times_of_day_reach_to_midnight() {
        assert_eq!(time_of_day("08:30"), Some(Span(510 * MINUTE.0)));
        assert_eq!(time_of_day("24:00"), Some(DAY));
        for text in ["24:01", "8:00", "08:60", "0800", "-1:00", "+1:00", ""] {
            assert_eq!(time_of_day(text), None, "{text}");
        }
    }
}
