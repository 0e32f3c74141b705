//! Charges as shares: what the screen and the figure show of blame.

use crate::experiment::PolicyOutcome;
use crate::recording::blame::Charges;

/// What is charged, with what it is called.
pub const MEASURES: [(&str, Measure); 3] = [
    ("connector-time missing", |of| i128::from(of.missing)),
    ("overloaded time", |of| i128::from(of.overloaded)),
    ("lost user-minutes", |of| of.unserved_users),
];

/// One of the three things that are charged.
pub type Measure = fn(&Charges) -> i128;

/// A cause with its shares of each of [`MEASURES`]; a measure of which there is nothing has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// Its label.
    pub cause: String,
    /// Between 0 and 1.
    pub of: [Option<f64>; 3],
}

impl Shares {
    /// What users felt of it: the greater of its shares of overloaded time and lost user-minutes.
    pub fn felt(&self) -> f64 {
        self.of[1].unwrap_or(0.0).max(self.of[2].unwrap_or(0.0))
    }
}

/// The causes that a policy's outcome is charged to: those with most lost user-minutes first, then those with most
/// overloaded time, then those with most connector-time missing.
pub fn shares(classes: &[String], outcome: &PolicyOutcome) -> Vec<Shares> {
    let blame = outcome.blame();
    let total = blame.total();
    let mut charged: Vec<(&str, Charges)> = blame.by_cause(classes).collect();
    charged.sort_by_key(|(_, of)| std::cmp::Reverse((of.unserved_users, of.overloaded, of.missing)));
    let share = |of: &Charges, measure: Measure| match measure(&total) {
        0 => None,
        all => Some(measure(of) as f64 / all as f64),
    };
    let shares = |(cause, of): (&str, Charges)| Shares {
        cause: cause.to_owned(),
        of: MEASURES.map(|(_, measure)| share(&of, measure)),
    };
    charged.into_iter().map(shares).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn causes_come_with_their_shares_the_costliest_first() {
        let shares = shares(&["node".into()], &sample::outcome());
        let expected = [
            ("node", [Some(36.0 / 36.5), Some(1.0 / 3.0), Some(0.75)]),
            ("demand", [Some(0.0), Some(2.0 / 3.0), Some(0.25)]),
            ("update", [Some(0.5 / 36.5), Some(0.0), Some(0.0)]),
        ];
        assert_eq!(shares, expected.map(|(cause, of)| Shares { cause: cause.to_owned(), of }));
    }
}
