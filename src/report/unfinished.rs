//! Rollouts that stand still at the end of the run: which groups, since when, and the rule that holds them up.

use super::subject::Subject;
use super::terminal::{cut, table};
use crate::experiment::PolicyOutcome;
use crate::simulation::observer::Unfinished;
use crate::time::{DAY, Span, Time};

/// A rollout that has not moved for less than this is under way.
const STILL: Span = Span(7 * DAY.0);
/// How many groups are shown.
const SHOWN: usize = 5;

/// A group whose rollout stands still in some replications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// Index of the group.
    pub group: usize,
    /// In how many replications.
    pub replications: usize,
    /// The one that has stood still for longest.
    pub longest: Unfinished,
}

/// The groups whose rollouts stand still at the horizon, the longest first.
pub fn stuck(horizon: Time, outcome: &PolicyOutcome) -> Vec<Stuck> {
    let mut of_group: Vec<Option<Stuck>> = vec![None; outcome.groups.len()];
    let all = outcome.replications.iter().flat_map(|of| &of.unfinished);
    for &(group, unfinished) in all.filter(|(_, unfinished)| horizon - unfinished.since >= STILL) {
        let group = group as usize;
        let known = of_group[group].get_or_insert(Stuck { group, replications: 0, longest: unfinished });
        known.replications += 1;
        if unfinished.since < known.longest.since {
            known.longest = unfinished;
        }
    }
    let mut stuck: Vec<Stuck> = of_group.into_iter().flatten().collect();
    stuck.sort_by_key(|of| (of.longest.since, of.group));
    stuck
}

/// The groups that have stood still for longest, as a table with a heading; nothing where none does.
pub fn screen(subject: &Subject<'_>, outcome: &PolicyOutcome) -> String {
    let stuck = stuck(subject.model.horizon, outcome);
    if stuck.is_empty() {
        return String::new();
    }
    let mut table = table(&["group", "release", "days", "in replications", "held up by"], &[1, 2, 3]);
    for of in stuck.iter().take(SHOWN) {
        let days = (subject.model.horizon - of.longest.since).0 / DAY.0;
        table.add_row([
            cut(&subject.model.fleet.groups[of.group].name),
            of.longest.release.to_string(),
            days.to_string(),
            format!("{} of {}", of.replications, outcome.replications.len()),
            of.longest.hold.words().to_owned(),
        ]);
    }
    format!(
        "\nRollouts that stand still at the end, in {} groups; see unfinished.csv\n{}\n",
        stuck.len(),
        table.trim_fmt()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::upgrade::Hold;
    use crate::report::sample;

    /// Over 100 days, in two replications: group 0 stands still for 50 and 20 days, group 1 for 6 days, which is not long.
    #[test]
    fn a_group_counts_once_with_its_longest_standstill() {
        let day = |n: i64| Time(n * DAY.0);
        let unfinished = |since, hold| Unfinished { release: 3, connectors: 2, since: day(since), hold };
        let mut outcome = sample::outcome();
        outcome.replications[0].unfinished =
            vec![(0, unfinished(50, Hold::Halted)), (1, unfinished(94, Hold::Budget))];
        outcome.replications[1].unfinished = vec![(0, unfinished(80, Hold::NotBegun))];
        let longest = unfinished(50, Hold::Halted);
        assert_eq!(stuck(day(100), &outcome), [Stuck { group: 0, replications: 2, longest }]);
    }
}
