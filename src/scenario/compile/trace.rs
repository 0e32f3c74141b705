//! Traces: measured traffic at a constant step, put onto the ticks of a run.
//!
//! The first row is the start of the run (after `skip`). Where tick and step agree the values are used as they are; a
//! finer tick repeats the value in force, a coarser one takes its time-weighted mean over [t, t + Δ). A trace that
//! neither repeats nor lasts to the end of the run is refused: what lies behind its end is not known.

use super::Compiler;
use super::data::{DataFile, amount};
use crate::scenario::document::Path;
use crate::scenario::spec::{Duration, Trace};
use crate::time::{SECOND, Span};

impl Compiler<'_, '_> {
    /// Mbps at each tick; zeros stand in for a trace that is reported.
    pub(super) fn trace(&mut self, path: &Path, trace: &Trace) -> Vec<f64> {
        let Some((values, step)) = self.rows(path, trace) else { return Vec::new() };
        if trace.file.is_some() {
            let inlined = Trace {
                file: None,
                time: None,
                value: None,
                values: Some(values.clone()),
                step: Some(Duration(step)),
                ..trace.clone()
            };
            if let Ok(value) = toml::Value::try_from(inlined) {
                self.contain(path, value);
            }
        }
        let length = values.len() as i64 * step.0;
        let skip = trace.skip.0.0;
        let needed = skip + self.ticks.at(self.ticks.before(self.horizon)).0;
        if !trace.repeat && needed > length {
            let message = format!("the trace ends after {}, the run needs {}", Span(length), Span(needed));
            self.report.meaning(path, &message, "set `repeat = true`, or shorten `horizon`");
            return Vec::new();
        }
        let ticks = (0..self.ticks.before(self.horizon)).map(|tick| self.ticks.at(tick).0 + skip);
        ticks.map(|from| trace.scale * mean_over(&values, step.0, from, self.ticks.length.0)).collect()
    }

    fn rows(&mut self, path: &Path, trace: &Trace) -> Option<(Vec<f64>, Span)> {
        let (values, step) = match (&trace.file, &trace.values) {
            (None, Some(values)) => {
                if let Some(at) = values.iter().position(|value| *value < 0.0) {
                    self.report.meaning(&path.key("values").index(at), "traffic is 0 or more", "correct it");
                }
                (values.clone(), trace.step.map_or(self.ticks.length, |step| step.0))
            }
            (Some(file), None) => {
                if trace.step.is_some() {
                    self.report.meaning(
                        &path.key("step"),
                        "the step of a file is that of its times",
                        "leave it out",
                    );
                }
                self.file_rows(path, file, trace)?
            }
            _ => {
                self.report.meaning(path, "a trace is a file or a list of values", "give `file` or `values`");
                return None;
            }
        };
        if values.is_empty() {
            self.report.meaning(path, "the trace is empty", "give at least one value");
            return None;
        }
        Some((values, step))
    }

    fn file_rows(&mut self, path: &Path, file: &str, trace: &Trace) -> Option<(Vec<f64>, Span)> {
        let data = self.data_file(&path.key("file"), file)?;
        let time = self.column(&data, &path.key("time"), trace.time.as_deref().unwrap_or("time_s"));
        let value = self.column(&data, &path.key("value"), trace.value.as_deref().unwrap_or("mbps"));
        let (time, value) = (time?, value?);
        match read(&data, time, value) {
            Ok(read) => Some(read),
            Err((line, message)) => {
                let message = format!("{file} line {line}: {message}");
                let remedy = "a trace has a constant step and an amount of 0 or more in every row";
                self.report.meaning(&path.key("file"), &message, remedy);
                None
            }
        }
    }
}

/// The values of a file and their step; or the line of the first bad cell and what is wrong with it.
fn read(data: &DataFile, time: usize, value: usize) -> Result<(Vec<f64>, Span), (u64, String)> {
    let mut values = Vec::with_capacity(data.rows.len());
    let mut step = None;
    let mut last: Option<i64> = None;
    for (line, row) in &data.rows {
        let bad = |message: String| (*line, message);
        let now = instant(&row[time]).map_err(bad)?;
        values.push(amount(&row[value]).map_err(bad)?);
        if let Some(last) = last {
            let gap = now - last;
            match step {
                _ if gap <= 0 => return Err(bad("its time does not come after the row before".to_owned())),
                None => step = Some(gap),
                Some(step) if gap != step => {
                    let message = format!("a step of {} where it was {}", Span(gap), Span(step));
                    return Err(bad(message));
                }
                Some(_) => {}
            }
        }
        last = Some(now);
    }
    match step {
        Some(step) => Ok((values, Span(step))),
        None => Err((1, "a trace needs at least two rows".to_owned())),
    }
}

/// A time in milliseconds: seconds as a number, or a date.
fn instant(cell: &str) -> Result<i64, String> {
    if let Ok(seconds) = cell.parse::<f64>() {
        let milliseconds = libm::round(seconds * SECOND.0 as f64);
        let readable = milliseconds.abs() < 9e15;
        return if readable { Ok(milliseconds as i64) } else { Err(format!("{cell:?} is no time")) };
    }
    if let Ok(instant) = cell.parse::<jiff::Timestamp>() {
        return Ok(instant.as_millisecond());
    }
    let local: jiff::civil::DateTime =
        cell.parse().map_err(|_| format!("{cell:?} is neither a number of seconds nor a date"))?;
    let instant = local.to_zoned(jiff::tz::TimeZone::UTC).map_err(|error| error.to_string())?;
    Ok(instant.timestamp().as_millisecond())
}

/// The time-weighted mean of a step function over [from, from + length); it repeats.
fn mean_over(values: &[f64], step: i64, from: i64, length: i64) -> f64 {
    let at = |index: i64| values[index.rem_euclid(values.len() as i64) as usize];
    let first = from.div_euclid(step);
    let last = (from + length - 1).div_euclid(step);
    if first == last {
        return at(first);
    }
    let weight = |index: i64| ((index + 1) * step).min(from + length) - (index * step).max(from);
    let sum: f64 = (first..=last).map(|index| at(index) * weight(index) as f64).sum();
    sum / length as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finer_tick_repeats_and_a_coarser_one_averages() {
        let values = [1.0, 3.0, 8.0];
        assert_eq!(mean_over(&values, 10, 10, 10), 3.0);
        assert_eq!(mean_over(&values, 10, 15, 5), 3.0);
        assert_eq!(mean_over(&values, 10, 0, 20), 2.0);
        assert_eq!(mean_over(&values, 10, 5, 10), 2.0);
        assert_eq!(mean_over(&values, 10, 25, 10), 4.5);
    }

    #[test]
    fn times_are_seconds_or_dates() {
        assert_eq!(instant("300"), Ok(300_000));
        assert_eq!(instant("1970-01-01T00:05:00Z"), Ok(300_000));
        assert_eq!(instant("1970-01-01 00:05:00"), Ok(300_000));
        assert!(instant("noon").is_err());
        assert!(instant("NaN").is_err());
    }
}
