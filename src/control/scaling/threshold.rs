//! An operator who reacts to a state that lasts: one connector more where the group has been overloaded for so long, one
//! less where one fewer would have carried the load for so long.
//!
//! A change starts both clocks anew, so whoever has ordered a connector does not order another one at the next look.

use super::View;
use crate::time::{Span, Time};

/// One more or less where a state lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// How long a state must last.
    pub sustained: Span,
    /// The running average above which the group is displayed as overloaded, in hundredths of a percent.
    pub overload: i32,
    /// CPU up to which one connector fewer would have to carry the load, in hundredths of a percent.
    pub limit: f64,
}

/// Since when the two states have been seen at every look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clocks {
    overloaded: Option<Time>,
    spare: Option<Time>,
}

impl Threshold {
    pub(super) fn recommends(&self, view: &View, clocks: &mut Clocks) -> Option<usize> {
        let overloaded =
            view.average.is_some_and(|average| average.sum > i64::from(self.overload) * average.number);
        let needed = view.load.map(|load| view.needed(load, self.limit));
        let spare = needed.is_some_and(|needed| needed < view.current);
        let overloaded = self.lasts(&mut clocks.overloaded, overloaded, view.at);
        let spare = self.lasts(&mut clocks.spare, spare, view.at);
        Some(match (overloaded, spare) {
            (true, _) => view.current + 1,
            (false, true) => view.current.max(2) - 1,
            (false, false) => view.current,
        })
    }

    /// Whether a state that `is` now has been so at every look for long enough.
    fn lasts(&self, since: &mut Option<Time>, is: bool, now: Time) -> bool {
        *since = is.then(|| since.unwrap_or(now));
        since.is_some_and(|since| now >= since + self.sustained)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::view;
    use super::*;
    use crate::time::HOUR;

    #[test]
    fn only_what_lasts_without_a_break_counts() {
        let rule = Threshold { sustained: HOUR, overload: 7_000, limit: 6_000.0 };
        let mut clocks = Clocks::default();
        let mut at = |minute, percent| rule.recommends(&view(minute, 4, percent), &mut clocks);
        assert_eq!([at(0, 71), at(55, 90), at(58, 70)], [Some(4); 3]);
        assert_eq!([at(60, 71), at(119, 71), at(120, 71)], [Some(4), Some(4), Some(5)]);
        // Four at 45 % are 180 % of one: three would be at 60 %.
        assert_eq!([at(125, 45), at(184, 45), at(185, 45)], [Some(4), Some(4), Some(3)]);
        assert_eq!(at(190, 46), Some(4), "three would be above 60 %");
    }
}
