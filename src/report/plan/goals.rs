//! Targets as users write them, `METRIC<=VALUE` or `METRIC>=VALUE`, and the metrics that a group can be held to.

use thiserror::Error;

use crate::analysis::Better;
use crate::experiment::sizing::{Event, Kind, Sense, Target};
use crate::report::comparison::directions::direction;
use crate::report::csv::number::real_text;
use crate::report::metrics::{self, Metric};
use crate::scenario::nearest;
use crate::time::{HOUR, MONTH};

/// A target with the metric that it is of.
#[derive(Clone, Debug)]
pub struct Goal {
    /// The metric.
    pub metric: &'static Metric,
    /// What is asked of it.
    pub target: Target,
}

/// Why a text is no target.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GoalError {
    /// It has no sense or no number.
    #[error("`{text}` is no target; write METRIC<=VALUE or METRIC>=VALUE, {remedy}")]
    Form {
        /// What was written.
        text: String,
        /// What was probably meant, or else an example.
        remedy: String,
    },
    /// It is of something that a group cannot be held to.
    #[error("{0}")]
    Metric(String),
    /// No mean can be so.
    #[error("{0}")]
    Value(String),
}

const MONTH_HOURS: f64 = MONTH.0 as f64 / HOUR.0 as f64;

/// How a metric is planned for.
struct Measure {
    name: &'static str,
    /// By how much an event changes it.
    event: fn(&Event) -> f64,
    kind: Kind,
    load: Load,
}

/// How a metric depends on load: nowhere near precise, it only says which size is tried first.
#[derive(Clone, Copy)]
enum Load {
    /// Not at all.
    None,
    /// It is so many times the share of the time above the threshold.
    Overload(f64),
    /// It suffers where demand exceeds capacity, for a part of the time that the target does not say.
    Excess,
    /// A share of demand that exceeds capacity.
    ExcessShare,
    /// The CPU that is exceeded for this share of the time.
    Cpu(f64),
}

const fn measure(name: &'static str, kind: Kind, load: Load, event: fn(&Event) -> f64) -> Measure {
    Measure { name, event, kind, load }
}

/// Of an outage.
fn outage(event: &Event) -> f64 {
    (event.outage_hours / event.horizon_hours).min(1.0)
}

/// Of an overload.
fn overload(event: &Event) -> f64 {
    (event.overload_hours / event.horizon_hours).min(1.0)
}

/// Of whatever leaves demand unserved.
fn either(event: &Event) -> f64 {
    outage(event).max(overload(event))
}

fn nothing(_: &Event) -> f64 {
    0.0
}

/// All of them, in the order of the table of metrics.
const MEASURES: [Measure; 16] = [
    measure("availability", Kind::Many, Load::None, outage),
    measure("group_availability", Kind::Outages, Load::None, outage),
    measure("overloaded_share", Kind::Overloads, Load::Overload(1.0), overload),
    measure("overloaded_hours_per_month", Kind::Overloads, Load::Overload(MONTH_HOURS), |event| {
        MONTH_HOURS * overload(event)
    }),
    measure("unserved_share", Kind::Either, Load::ExcessShare, |event| {
        let heavy = if event.mean_users > 0.0 { event.peak_users / event.mean_users } else { 0.0 };
        (heavy * either(event)).min(1.0)
    }),
    measure("unserved_user_minutes_per_month", Kind::Either, Load::Excess, |event| {
        60.0 * MONTH_HOURS * either(event) * event.peak_users
    }),
    measure("user_minutes_lost", Kind::Either, Load::Excess, |event| {
        60.0 * event.horizon_hours * either(event) * event.peak_users
    }),
    measure("sessions_dropped", Kind::Many, Load::None, |event| event.peak_users),
    measure("group_outages", Kind::Outages, Load::None, |_| 1.0),
    measure("longest_group_outage", Kind::Outages, Load::None, |event| event.outage_hours),
    measure("groups_breaking_objective", Kind::Outages, Load::None, |event| {
        (MONTH_HOURS * (1.0 + event.outage_hours / MONTH_HOURS) / event.horizon_hours).min(1.0)
    }),
    measure("cpu_p50", Kind::Many, Load::Cpu(0.5), nothing),
    measure("cpu_p95", Kind::Many, Load::Cpu(0.05), nothing),
    measure("cpu_p99", Kind::Many, Load::Cpu(0.01), nothing),
    measure("cpu_max", Kind::Many, Load::Cpu(1e-5), nothing),
    measure("cost_connectors", Kind::Many, Load::None, nothing),
];

/// The names of the metrics that a group can be held to.
pub fn names() -> impl Iterator<Item = &'static str> {
    MEASURES.iter().map(|measure| measure.name)
}

impl Goal {
    /// Reads a target.
    ///
    /// # Errors
    /// If it is none, of an unknown metric, or of a value that no mean can have.
    pub fn parse(text: &str) -> Result<Goal, GoalError> {
        let form = || GoalError::Form { text: text.to_owned(), remedy: meant(text) };
        let (name, sense, value) = if let Some((name, value)) = text.split_once("<=") {
            (name.trim(), Sense::AtMost, value)
        } else {
            let (name, value) = text.split_once(">=").ok_or_else(form)?;
            (name.trim(), Sense::AtLeast, value)
        };
        let value: f64 = value.trim().parse().map_err(|_| form())?;
        if !value.is_finite() || name.is_empty() {
            return Err(form());
        }
        let found = MEASURES.iter().find(|measure| measure.name == name).zip(metrics::named(name));
        let (measure, metric) = found.ok_or_else(|| unknown(name))?;
        let goal = Goal { metric, target: target(measure, metric, sense, value) };
        goal.wanted()?;
        goal.possible().map(|()| goal)
    }

    /// The target as it is written.
    pub fn text(&self) -> String {
        let value = real_text(Some(self.target.value));
        format!("{}{value}", self.without_value())
    }

    /// The target without its value: `metric<=`.
    fn without_value(&self) -> String {
        let sense = match self.target.sense {
            Sense::AtMost => "<=",
            Sense::AtLeast => ">=",
        };
        format!("{}{sense}", self.metric.name)
    }

    /// Whether it bounds its metric on the bad side.
    fn wanted(&self) -> Result<(), GoalError> {
        let name = self.metric.name;
        let (sense, better, write) = match direction(name).better {
            Better::Less => (Sense::AtMost, "less", "<="),
            Better::More => (Sense::AtLeast, "more", ">="),
        };
        if self.target.sense == sense {
            return Ok(());
        }
        let (text, value) = (self.text(), real_text(Some(self.target.value)));
        let message = format!(
            "`{text}` asks for the bad side: {better} of {name} is better; write '{name}{write}{value}'"
        );
        Err(GoalError::Value(message))
    }

    fn possible(&self) -> Result<(), GoalError> {
        let name = self.metric.name;
        if self.target.tolerance() < 0.0 && self.target.best().is_some() {
            let best = self.target.perfect.unwrap_or_default();
            let percent =
                (self.metric.unit == "share" && (1.0..=100.0).contains(&self.target.value)).then(|| {
                    format!(
                        "; for {} % write {}",
                        self.target.value,
                        real_text(Some(self.target.value / 100.0))
                    )
                });
            return Err(GoalError::Value(format!(
                "`{}` cannot be met: {name} is {best} at best{}",
                self.text(),
                percent.unwrap_or_default()
            )));
        }
        if self.metric.unit == "share" && !(0.0..=1.0).contains(&self.target.value) {
            let message = format!(
                "`{}`: {name} is a share; give a number from 0 to 1, for 99.95 % 0.9995",
                self.text()
            );
            return Err(GoalError::Value(message));
        }
        Ok(())
    }
}

/// Refuses two targets of one metric: they would share the error, and one of them asks for nothing.
///
/// # Errors
/// If there are two.
pub fn of_different_metrics(goals: &[Goal]) -> Result<(), GoalError> {
    let twice = goals.iter().enumerate().find_map(|(index, goal)| {
        goals[..index].iter().find(|other| other.metric.name == goal.metric.name).map(|other| (other, goal))
    });
    match twice {
        None => Ok(()),
        Some((other, goal)) => Err(GoalError::Value(format!(
            "`{}` and `{}` are of the same metric; keep the stricter one",
            other.text(),
            goal.text()
        ))),
    }
}

fn target(measure: &Measure, metric: &Metric, sense: Sense, value: f64) -> Target {
    let (limit_percent, share_of_time) = match (measure.load, sense) {
        (Load::None, _) | (_, Sense::AtLeast) => (None, 0.0),
        (Load::Overload(scale), _) => (Some(0.0), value / scale),
        (Load::Excess, _) => (Some(100.0), 0.01),
        (Load::ExcessShare, _) => (Some(100.0), 10.0 * value),
        (Load::Cpu(share), _) => (Some(value.max(f64::MIN_POSITIVE)), share),
    };
    Target {
        measure: metric.value,
        sense,
        value,
        perfect: metric.bound,
        event: measure.event,
        kind: measure.kind,
        limit_percent,
        // With noise no size stays below a limit for ever.
        share_of_time: share_of_time.max(1e-6),
        is_price: measure.name == "cost_connectors",
    }
}

/// What somebody means who writes `<`, `≤` or `=` for `<=`, a percentage for a share, or a unit behind the number; or else
/// an example.
fn meant(text: &str) -> String {
    repaired(text).map_or_else(
        || "for instance 'overloaded_hours_per_month<=1'".to_owned(),
        |repaired| format!("here '{repaired}'"),
    )
}

fn repaired(text: &str) -> Option<String> {
    const SENSES: [char; 5] = ['<', '>', '=', '≤', '≥'];
    let (first, last) = (text.find(SENSES)?, text.rfind(SENSES)?);
    let (sense, behind) = text[first..].split_at(last - first + text[last..].chars().next()?.len_utf8());
    let metric =
        metrics::named(text[..first].trim()).filter(|metric| names().any(|name| name == metric.name))?;
    let less = sense.contains(['<', '≤']);
    let more = sense.contains(['>', '≥']);
    let sense = match (less, more, direction(metric.name).better) {
        (true, false, _) | (false, false, Better::Less) => "<=",
        (false, true, _) | (false, false, Better::More) => ">=",
        (true, true, _) => return None,
    };
    let number = behind.trim().replace(',', ".");
    let digits = number.trim_end_matches(|end: char| !end.is_ascii_digit());
    let value: f64 = digits.parse().ok().filter(|value: &f64| value.is_finite())?;
    let is_percent = number[digits.len()..].trim() == "%" && metric.unit == "share";
    let value = if is_percent { value / 100.0 } else { value };
    Some(format!("{}{sense}{}", metric.name, real_text(Some(value))))
}

fn unknown(name: &str) -> GoalError {
    let hint = nearest(name, names()).map_or(String::new(), |meant| format!("did you mean `{meant}`? "));
    let known: Vec<&str> = names().collect();
    let what =
        if metrics::named(name).is_some() { "a group cannot be held to" } else { "there is no metric" };
    GoalError::Metric(format!("{what} `{name}`; {hint}a target can be of {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_as_they_are_written() {
        let goal = Goal::parse(" group_availability >= 0.9995").unwrap();
        assert_eq!((goal.metric.name, goal.target.sense), ("group_availability", Sense::AtLeast));
        assert_eq!(goal.text(), "group_availability>=0.9995");
        assert!((goal.target.tolerance() - 0.0005).abs() < 1e-12);
        assert_eq!(Goal::parse("overloaded_hours_per_month<=1").unwrap().target.share_of_time, 1.0 / 730.0);
    }

    #[test]
    fn what_is_no_target_is_refused_with_a_remedy() {
        let error = |text| Goal::parse(text).unwrap_err().to_string();
        assert!(error("overloaded_hours_per_month<1").contains("write METRIC<=VALUE"));
        assert!(error("unserved_share<=many").contains("is no target"));
        assert!(error("unserved_shar<=0.1").contains("did you mean `unserved_share`?"));
        assert!(error("rollout_p50<=1").contains("a group cannot be held to `rollout_p50`"));
        assert!(error("overloaded_hours_per_month<=-1").contains("is 0 at best"));
        assert!(error("group_availability>=99.95").contains("is 1 at best"));
        assert!(error("unserved_share<=5").contains("is a share"));
    }

    #[test]
    fn what_was_meant_is_told() {
        for (text, meant) in [
            ("group_availability>=99.9%", "here 'group_availability>=0.999'"),
            ("group_availability > 0.999", "here 'group_availability>=0.999'"),
            ("group_availability≥0.999", "here 'group_availability>=0.999'"),
            ("overloaded_hours_per_month<1", "here 'overloaded_hours_per_month<=1'"),
            ("overloaded_hours_per_month≤1", "here 'overloaded_hours_per_month<=1'"),
            ("overloaded_hours_per_month=<1", "here 'overloaded_hours_per_month<=1'"),
            ("overloaded_hours_per_month=1", "here 'overloaded_hours_per_month<=1'"),
            ("group_availability=0.9", "here 'group_availability>=0.9'"),
            ("overloaded_hours_per_month<=1h", "here 'overloaded_hours_per_month<=1'"),
            ("overloaded_hours_per_month<=0,5", "here 'overloaded_hours_per_month<=0.5'"),
            ("cpu_p99<=70 %", "here 'cpu_p99<=70'"),
            ("cpu_p99<>70", "for instance"),
            ("≤≥", "for instance"),
            ("cpu_p99<=", "for instance"),
            ("", "for instance"),
        ] {
            let error = Goal::parse(text).unwrap_err().to_string();
            assert!(error.contains(meant) && error.contains("is no target"), "{text}: {error}");
        }
    }

    /// More connectors are bought for what is wanted: a bound on the other side every empty group would meet.
    #[test]
    fn a_target_on_the_bad_side_is_refused() {
        let error = |text| Goal::parse(text).unwrap_err().to_string();
        assert!(error("overloaded_hours_per_month>=5").contains("write 'overloaded_hours_per_month<=5'"));
        assert!(error("group_availability<=0.5").contains("write 'group_availability>=0.5'"));
        for name in names() {
            assert!(
                [format!("{name}<=1"), format!("{name}>=1")].iter().any(|text| Goal::parse(text).is_ok())
            );
            assert!(
                [format!("{name}<=1"), format!("{name}>=1")].iter().any(|text| Goal::parse(text).is_err())
            );
        }
    }

    #[test]
    fn every_measure_is_a_metric() {
        assert!(names().all(|name| metrics::named(name).is_some()));
    }
}
