//! `--vary PATH=VALUES`: a setting and its values.
//!
//! Values are separated by commas outside of quotes, brackets and braces, so that a value may be any TOML. `FROM..TO`
//! and `FROM..TO:STEP` stand for the numbers from FROM by STEP (1 by default) up to TO, with decimals or a unit if all of
//! them have it: `0.1..0.5:0.1`, `15m..60m:15m`; durations in several units are taken to the shortest of them,
//! `12h..2d:12h`. Steps are counted in whole units of the last decimal, so no rounding adds up.

use crate::report::sweep::Factor;
use crate::scenario::{self, spec};

/// The most values of a range.
const MOST_VALUES: i64 = 10_000;
/// The most decimals of a range.
const MOST_DECIMALS: usize = 9;

/// What `--vary` asks for, or why it cannot be understood.
pub(super) fn factor(text: &str) -> Result<Factor, String> {
    let refuse = |why: &str| {
        format!("--vary {text}: {why}; write PATH=VALUES, for instance --vary demand.office.users=1000,2000")
    };
    let (path, list) =
        scenario::setting(text).ok_or_else(|| refuse("there is no path with a `=` behind it"))?;
    let mut values: Vec<String> = Vec::new();
    for item in items(list) {
        match range(item) {
            _ if item.is_empty() => return Err(refuse("a value is missing")),
            Some(range) => values.extend(range.map_err(|why| refuse(&why))?),
            None => values.push(item.to_owned()),
        }
    }
    for at in 1..values.len() {
        if let Some(first) = values[..at].iter().find(|first| is_same(first, &values[at])) {
            let twice =
                if *first == values[at] { first.clone() } else { format!("{first} as {}", values[at]) };
            return Err(refuse(&format!("the value {twice} is there twice")));
        }
    }
    Ok(Factor { path: path.to_owned(), values })
}

/// Whether two values are written the same, or are the same number or duration.
fn is_same(one: &str, other: &str) -> bool {
    let number = |text: &str| text.replace('_', "").parse::<f64>().ok();
    let duration = |text: &str| spec::duration::parse(text.trim_matches(['"', '\''])).ok();
    one == other
        || number(one).is_some() && number(one) == number(other)
        || duration(one).is_some() && duration(one) == duration(other)
}

/// The parts of a list between commas that are outside of quotes, brackets and braces.
fn items(list: &str) -> Vec<&str> {
    let (mut found, mut from, mut depth, mut quote) = (Vec::new(), 0, 0_i32, None);
    for (at, c) in list.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                found.push(list[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(list[from..].trim());
    found
}

/// The values of a range; none if it is not one.
fn range(item: &str) -> Option<Result<Vec<String>, String>> {
    let (from, rest) = item.split_once("..")?;
    let (to, step) = rest.split_once(':').map_or((rest, None), |(to, step)| (to, Some(step)));
    let (from, to) = (Number::parse(from)?, Number::parse(to)?);
    let step = match step.map(Number::parse) {
        Some(None) => return Some(Err(format!("the step of {item} is no number"))),
        Some(Some(step)) => step,
        None => Number { digits: 1, decimals: 0, unit: from.unit },
    };
    Some(steps(item, [from, to, step]))
}

fn steps(item: &str, ends: [Number<'_>; 3]) -> Result<Vec<String>, String> {
    let Some(ends) = in_one_unit(ends) else {
        return Err(format!("the numbers of {item} need one unit"));
    };
    let unit = ends[0].unit;
    let decimals = ends.iter().map(|number| number.decimals).max().unwrap_or(0);
    let scaled =
        |number: Number<'_>| number.digits.checked_mul(10_i64.pow((decimals - number.decimals) as u32));
    let [Some(from), Some(to), Some(step)] = ends.map(scaled) else {
        return Err(format!("the numbers of {item} are too large"));
    };
    if step <= 0 || to < from {
        return Err(format!("{item} does not go upwards"));
    }
    if to.abs_diff(from) / step.unsigned_abs() >= MOST_VALUES as u64 {
        return Err(format!("{item} has more than {MOST_VALUES} values"));
    }
    let count = to.abs_diff(from) / step.unsigned_abs();
    Ok((0..=count as i64).map(|index| written(from + index * step, decimals, unit)).collect())
}

/// The numbers in the unit that they all have, or in the shortest one of several durations; none where there is no such.
fn in_one_unit(ends: [Number<'_>; 3]) -> Option<[Number<'_>; 3]> {
    if ends.iter().all(|number| number.unit == ends[0].unit) {
        return Some(ends);
    }
    let length = |unit: &str| spec::duration::parse(&format!("1{unit}")).ok().map(|span| span.0);
    let mut shortest = (length(ends[0].unit)?, ends[0].unit);
    for number in &ends[1..] {
        shortest = shortest.min((length(number.unit)?, number.unit));
    }
    let converted = ends.map(|number| {
        let digits = number.digits.checked_mul(length(number.unit)? / shortest.0)?;
        Some(Number { digits, unit: shortest.1, ..number })
    });
    let [Some(from), Some(to), Some(step)] = converted else { return None };
    Some([from, to, step])
}

/// So many units of the last decimal, as text.
fn written(digits: i64, decimals: usize, unit: &str) -> String {
    if decimals == 0 {
        return format!("{digits}{unit}");
    }
    let (sign, size) = (if digits < 0 { "-" } else { "" }, digits.unsigned_abs());
    let one = 10_u64.pow(decimals as u32);
    let (whole, fraction) = (size / one, size % one);
    format!("{sign}{whole}.{fraction:0decimals$}{unit}")
}

/// A decimal number with the unit behind it.
#[derive(Clone, Copy)]
struct Number<'a> {
    digits: i64,
    decimals: usize,
    unit: &'a str,
}

impl<'a> Number<'a> {
    fn parse(text: &'a str) -> Option<Number<'a>> {
        let text = text.trim();
        let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-'))).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let decimal = fraction.len() <= MOST_DECIMALS && fraction.chars().all(|c| c.is_ascii_digit());
        let worded = unit.chars().all(|c| c.is_ascii_alphabetic() || c == '%');
        let whole_number = whole.chars().any(|c| c.is_ascii_digit());
        let digits = format!("{whole}{fraction}").parse().ok()?;
        (decimal && worded && whole_number).then_some(Number { digits, decimals: fraction.len(), unit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        factor(text).unwrap().values
    }

    #[test]
    fn lists_and_ranges_are_read() {
        assert_eq!(factor("demand.office.users=1,2, 3").unwrap().path, "demand.office.users");
        assert_eq!(values("a=1..9:2"), ["1", "3", "5", "7", "9"]);
        assert_eq!(values("a=1..10:4"), ["1", "5", "9"]);
        assert_eq!(values("a=2..4"), ["2", "3", "4"]);
        assert_eq!(values("a=0.1..0.5:0.1"), ["0.1", "0.2", "0.3", "0.4", "0.5"]);
        assert_eq!(values("a=-1..1:0.5"), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(values("a=15m..60m:15m"), ["15m", "30m", "45m", "60m"]);
        assert_eq!(values("a=10%..30%:20%,50%"), ["10%", "30%", "50%"]);
        assert_eq!(values("a=12h..2d:12h"), ["12h", "24h", "36h", "48h"]);
        assert_eq!(values("a=15m..1h:15m"), ["15m", "30m", "45m", "60m"]);
        assert_eq!(values("a=0.5d..1w:36h"), ["12.0h", "48.0h", "84.0h", "120.0h", "156.0h"]);
    }

    #[test]
    fn a_value_may_be_any_toml() {
        let list = r#"failures.node.time_to_restore={ dist = "constant", value = "1h" },{ dist = "exponential", mean = "1h" }"#;
        assert_eq!(values(list).len(), 2);
        assert_eq!(values("a=[1, 2],[3]"), ["[1, 2]", "[3]"]);
        assert_eq!(values("a='x,y',z"), ["'x,y'", "z"]);
        assert_eq!(values("a=../x.csv,../y.csv"), ["../x.csv", "../y.csv"]);
        assert_eq!(
            factor("fleet.groups[name=a].connectors=2,3").unwrap().path,
            "fleet.groups[name=a].connectors"
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_the_reason() {
        for (text, why) in [
            ("users", "no path"),
            ("=1,2", "no path"),
            ("a=", "a value is missing"),
            ("a=1,,2", "a value is missing"),
            ("a=1,2,1", "the value 1 is there twice"),
            ("a=5..1", "does not go upwards"),
            ("a=1..5:0", "does not go upwards"),
            ("a=1..5:x", "is no number"),
            ("a=15m..1:15m", "need one unit"),
            ("a=10%..1h:15m", "need one unit"),
            ("a=1e3,1000", "the value 1e3 as 1000 is there twice"),
            ("a=1_000,1000", "is there twice"),
            ("a=60m,1h", "is there twice"),
            ("a=0..1000000", "more than 10000 values"),
            ("a=0..9000000000000000000:0.000000001", "too large"),
        ] {
            let message = factor(text).unwrap_err();
            assert!(message.contains(why) && message.contains(text), "{text}: {message}");
        }
    }
}
