//! A number by the wall clock, worked out as instants of the run when the scenario is compiled.

use super::View;
use crate::time::Time;

/// Numbers of connectors over time, by group: each kind of them once.
#[derive(Clone, Debug, PartialEq)]
pub struct Timetable {
    /// From when on there should be how many, ascending; the first at or before 0.
    pub kinds: Vec<Vec<(Time, usize)>>,
    /// Which of them holds in each group, by the group's index.
    pub of_group: Vec<usize>,
}

impl Timetable {
    pub(super) fn recommends(&self, view: &View) -> Option<usize> {
        let entries = &self.kinds[self.of_group[view.group]];
        let passed = entries.partition_point(|&(from, _)| from <= view.at);
        entries[..passed].last().map(|&(_, number)| number)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::view;
    use super::*;
    use crate::time::MINUTE;

    #[test]
    fn the_last_entry_that_has_begun_holds() {
        let minute = |n: i64| Time(n * MINUTE.0);
        let day = vec![(minute(0), 2), (minute(480), 5), (minute(1_080), 2)];
        let table = Timetable { kinds: vec![Vec::new(), day], of_group: vec![1] };
        let numbers = [0, 479, 480, 1_079, 1_080].map(|at| table.recommends(&view(at, 4, 50)));
        assert_eq!(numbers, [2, 2, 5, 5, 2].map(Some));
        assert_eq!(Timetable { of_group: vec![0], ..table }.recommends(&view(0, 4, 50)), None);
    }
}
