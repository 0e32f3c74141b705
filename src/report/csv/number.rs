//! Numbers as text, appended to bytes without an allocation where rows come in millions.
//!
//! A real number is rounded to ten significant digits and then written as the shortest text that reads back as the
//! same number, never with an exponent. What is not a number is an empty cell.

use std::io::Write;

use crate::analysis::ten_digits;

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
    if let Some(rounded) = value.and_then(short) {
        write!(out, "{rounded}").expect("writing to memory does not fail");
    }
}

/// A real number as text; empty where there is none.
pub fn real_text(value: Option<f64>) -> String {
    value.and_then(short).map(|rounded| rounded.to_string()).unwrap_or_default()
}

/// `value` rounded to ten significant digits, without a sign on 0; `None` if it is not finite.
fn short(value: f64) -> Option<f64> {
    let rounded = ten_digits(value);
    rounded.is_finite().then_some(if rounded == 0.0 { 0.0 } else { rounded })
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
}
