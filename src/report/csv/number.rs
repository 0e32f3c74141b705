//! Numbers and instants as text, appended to bytes without an allocation where rows come in millions.
//!
//! A real number is rounded to ten significant digits and then written as the shortest text that reads back as the
//! same number, never with an exponent. What is not a number is an empty cell.

use std::io::Write;

/// Appends an integer.
pub fn integer(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a real number; nothing where there is none.
pub fn real(out: &mut Vec<u8>, value: Option<f64>) {
    if let Some(rounded) = value.and_then(ten_digits) {
        write!(out, "{rounded}").expect("writing to memory does not fail");
    }
}

/// A real number as text; empty where there is none.
pub fn real_text(value: Option<f64>) -> String {
    value.and_then(ten_digits).map(|rounded| rounded.to_string()).unwrap_or_default()
}

/// `value` rounded to ten significant digits; `None` if it is not finite.
pub fn ten_digits(value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    let rounded: f64 = format!("{value:.9e}").parse().ok()?;
    Some(if rounded == 0.0 { 0.0 } else { rounded })
}

/// Appends milliseconds as seconds with at most three decimals: `12`, `12.5`, `12.345`.
pub fn seconds(out: &mut Vec<u8>, milliseconds: i64) {
    if milliseconds < 0 {
        out.push(b'-');
    }
    let size = milliseconds.unsigned_abs();
    integer(out, (size / 1000) as i64);
    thousandths(out, (size % 1000) as u32);
}

/// Appends hundredths as a number with at most two decimals.
pub fn hundredths(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    let size = value.unsigned_abs();
    integer(out, (size / 100) as i64);
    thousandths(out, (size % 100) as u32 * 10);
}

/// Appends an instant, in milliseconds since 1970, as RFC 3339 in UTC: `2026-01-05T00:00:00Z`, with a fraction only
/// where there is one. Years 0 to 9999.
pub fn utc(out: &mut Vec<u8>, unix_millis: i64) {
    let (days, rest) = (unix_millis.div_euclid(86_400_000), unix_millis.rem_euclid(86_400_000) as u32);
    let (year, month, day) = civil(days);
    two_digits(out, (year / 100) as u32);
    two_digits(out, (year % 100) as u32);
    for (mark, part) in [
        (b'-', month),
        (b'-', day),
        (b'T', rest / 3_600_000),
        (b':', rest / 60_000 % 60),
        (b':', rest / 1000 % 60),
    ] {
        out.push(mark);
        two_digits(out, part);
    }
    thousandths(out, rest % 1000);
    out.push(b'Z');
}

/// The proleptic Gregorian date of a day counted from 1970-01-01: years are counted from March, so that the leap day
/// is the last of its year, in eras of 400 years.
fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month as u32, day as u32)
}

fn two_digits(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&[b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8]);
}

/// A fraction of thousandths without trailing zeros; nothing for 0.
fn thousandths(out: &mut Vec<u8>, value: u32) {
    if value == 0 {
        return;
    }
    let digits = [value / 100, value / 10 % 10, value % 10].map(|digit| b'0' + digit as u8);
    let length = digits.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1);
    out.push(b'.');
    out.extend_from_slice(&digits[..length]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn seconds_have_at_most_three_decimals_and_no_trailing_zeros() {
        for (millis, text) in
            [(0, "0"), (12_000, "12"), (12_500, "12.5"), (12_345, "12.345"), (1, "0.001"), (10, "0.01")]
        {
            assert_eq!(written(|out| seconds(out, millis)), text);
        }
        assert_eq!(written(|out| hundredths(out, 7_005)), "70.05");
        assert_eq!(written(|out| hundredths(out, 7_050)), "70.5");
    }

    #[test]
    fn reals_are_short_and_have_no_exponent() {
        for (value, text) in [
            (0.1 + 0.2, "0.3"),
            (-0.0, "0"),
            (1.0, "1"),
            (2.0 / 3.0, "0.6666666667"),
            (1e15, "1000000000000000"),
            (1.25e-7, "0.000000125"),
            (123_456_789_012.0, "123456789000"),
        ] {
            assert_eq!(real_text(Some(value)), text);
        }
        assert_eq!(real_text(Some(f64::NAN)), "");
        assert_eq!(real_text(Some(f64::INFINITY)), "");
        assert_eq!(real_text(None), "");
    }

    #[test]
    fn integers_are_written_whole() {
        for value in [0, 7, -7, 1234567890, i64::MAX, i64::MIN] {
            assert_eq!(written(|out| integer(out, value)), value.to_string());
        }
    }

    #[test]
    fn instants_agree_with_the_calendar_library() {
        for millis in [0, 951_782_400_000, 1_767_567_600_000, 4_107_542_399_999, -1, 1_709_164_800_500] {
            let expected = jiff::Timestamp::from_millisecond(millis).unwrap().to_string();
            assert_eq!(written(|out| utc(out, millis)), expected);
        }
        let hourly = (0..2_000_000).step_by(997).map(|hour| hour * 3_600_000);
        for millis in hourly {
            let expected = jiff::Timestamp::from_millisecond(millis).unwrap().to_string();
            assert_eq!(written(|out| utc(out, millis)), expected);
        }
    }
}
