//! Rollouts: how a release spreads.
//!
//! A rollout is a record of the whole run. Where there is a warm-up, those of releases published before its end are not
//! counted in metrics, and of a bad release only the exposure after it.

use std::cell::RefCell;

use hdrhistogram::Histogram;

use crate::fleet::Release;
use crate::simulation::observer::{Happening, Observer};
use crate::time::Time;

/// The rollout of one release in one replication, over all groups.
#[derive(Clone, Debug)]
pub struct Rollout {
    /// When it was published.
    pub published: Time,
    /// First start of an update to it.
    pub started: Option<Time>,
    /// When the last group completed; only meaningful if `completed_groups == groups`.
    pub last_completed: Option<Time>,
    /// Seconds from publication to each connector's success, rounded up; relative error at most 0.1 %.
    pub reached: Histogram<u32>,
    /// Groups that had it as a target with a connector pending.
    pub groups: u64,
    /// Of these, the groups in which no connector was pending before the next release or the horizon.
    pub completed_groups: u64,
    /// Connectors pending at its publication.
    pub connectors: u64,
    /// Attempts that ended by themselves, with success or failure.
    pub attempts: u64,
    /// Attempts that ended with failure.
    pub failures: u64,
    /// Times a group began to be halted.
    pub halts: u64,
    /// Groups that stood halted when it was superseded or the run ended.
    pub stuck_groups: u64,
    /// Whether a newer release was published within the run.
    pub superseded: bool,
    /// Whether it was bad.
    pub bad: bool,
    /// Whether it was published after the warm-up, so that metrics count it.
    pub is_measured: bool,
    /// Groups in which it was rolled back.
    pub rolled_back_groups: u64,
    /// When it was rolled back first.
    pub rolled_back: Option<Time>,
    /// How far it got, if it was bad.
    pub exposure: Exposure,
}

/// How far a bad release got, and for how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Times a connector began to run it.
    pub connectors: u64,
    /// Groups in which one did.
    pub groups: u64,
    /// Connector-milliseconds on it.
    pub time: i64,
    /// When a connector left it last.
    pub left: Option<Time>,
    /// Connectors that run it at the horizon.
    pub remaining: u64,
}

impl Exposure {
    fn merge(&mut self, other: &Exposure) {
        self.connectors += other.connectors;
        self.groups += other.groups;
        self.time += other.time;
        self.left = self.left.max(other.left);
        self.remaining += other.remaining;
    }

    /// When nobody ran it any more, if somebody had.
    pub fn contained(&self) -> Option<Time> {
        self.left.filter(|_| self.remaining == 0)
    }
}

impl Rollout {
    /// The rollouts of `releases` before anything happened; those published from `measured_from` on count.
    pub fn of(releases: &[Release], measured_from: Time) -> Vec<Rollout> {
        let new = |(index, release): (usize, &Release)| Rollout {
            published: release.published,
            started: None,
            last_completed: None,
            reached: Histogram::new(3).unwrap_or_else(|_| unreachable!("3 significant figures are allowed")),
            groups: 0,
            completed_groups: 0,
            connectors: 0,
            attempts: 0,
            failures: 0,
            halts: 0,
            stuck_groups: 0,
            superseded: index + 1 < releases.len(),
            bad: release.bad,
            is_measured: release.published >= measured_from,
            rolled_back_groups: 0,
            rolled_back: None,
            exposure: Exposure::default(),
        };
        releases.iter().enumerate().map(new).collect()
    }

    /// Adds what other groups made of the same release.
    pub fn merge(&mut self, other: &Rollout) {
        self.started = self.started.into_iter().chain(other.started).min();
        self.last_completed = self.last_completed.max(other.last_completed);
        self.groups += other.groups;
        self.completed_groups += other.completed_groups;
        self.connectors += other.connectors;
        self.attempts += other.attempts;
        self.failures += other.failures;
        self.halts += other.halts;
        self.stuck_groups += other.stuck_groups;
        self.rolled_back_groups += other.rolled_back_groups;
        self.rolled_back = self.rolled_back.into_iter().chain(other.rolled_back).min();
        self.exposure.merge(&other.exposure);
        self.reached
            .add(&other.reached)
            .unwrap_or_else(|_| unreachable!("auto-resizing histograms always add"));
    }

    /// When every group that had it as a target completed it, if all did.
    pub fn completed(&self) -> Option<Time> {
        self.last_completed.filter(|_| self.completed_groups == self.groups)
    }
}

/// Adds a group to the rollouts of a replication, which its groups share, one after the other or in turns.
#[derive(Debug)]
pub struct RolloutRecorder<'r> {
    rollouts: &'r RefCell<Vec<Rollout>>,
    target: usize,
    halted: bool,
    /// Whether a connector was pending when the rollout of the target began.
    takes_part: bool,
    /// Whether connectors go back to the target: what they do is not part of its rollout.
    goes_back: bool,
    /// Connectors on bad releases: slot, release, since when.
    on_bad: Vec<(usize, usize, Time)>,
    /// What the group adds to the exposure to bad releases, by release.
    exposures: Vec<(usize, Exposure)>,
}

impl<'r> RolloutRecorder<'r> {
    /// For one group.
    pub fn new(rollouts: &'r RefCell<Vec<Rollout>>) -> RolloutRecorder<'r> {
        RolloutRecorder {
            rollouts,
            target: 0,
            halted: false,
            takes_part: false,
            goes_back: false,
            on_bad: Vec::new(),
            exposures: Vec::new(),
        }
    }

    fn update(&self, release: usize, change: impl FnOnce(&mut Rollout)) {
        change(&mut self.rollouts.borrow_mut()[release - 1]);
    }

    fn ran_bad(&mut self, slot: usize, release: usize, at: Time) {
        self.on_bad.push((slot, release, at));
        let exposure = self.exposure(release);
        exposure.connectors += 1;
        exposure.groups = 1;
    }

    fn left_bad(&mut self, slot: usize, at: Time) {
        let Some(index) = self.on_bad.iter().position(|&(of, ..)| of == slot) else { return };
        let (_, release, since) = self.on_bad.swap_remove(index);
        let exposure = self.exposure(release);
        exposure.time += (at - since).0;
        exposure.left = exposure.left.max(Some(at));
    }

    fn exposure(&mut self, release: usize) -> &mut Exposure {
        let known = self.exposures.iter().position(|&(of, _)| of == release).unwrap_or_else(|| {
            self.exposures.push((release, Exposure::default()));
            self.exposures.len() - 1
        });
        &mut self.exposures[known].1
    }

    fn close(&mut self) {
        if self.target > 0 && self.halted {
            self.rollouts.borrow_mut()[self.target - 1].stuck_groups += 1;
        }
    }
}

impl Observer for RolloutRecorder<'_> {
    fn happened(&mut self, at: Time, what: Happening) {
        match what {
            Happening::RolloutBegan { release, pending } => {
                self.close();
                (self.target, self.halted, self.goes_back) = (release, false, false);
                self.takes_part = pending > 0;
                self.update(release, |rollout| {
                    rollout.groups += u64::from(pending > 0);
                    rollout.connectors += pending as u64;
                });
            }
            Happening::Skipped { release, connectors } => self.update(release, |rollout| {
                rollout.groups += u64::from(connectors > 0);
                rollout.connectors += connectors as u64;
            }),
            Happening::RolledBack { release, .. } => {
                let takes_part = self.takes_part;
                self.close();
                (self.target, self.halted, self.goes_back) = (0, false, true);
                self.update(release, |rollout| {
                    rollout.rolled_back_groups += u64::from(takes_part);
                    rollout.rolled_back = Some(rollout.rolled_back.map_or(at, |earlier| earlier.min(at)));
                });
            }
            Happening::RanBadRelease { slot, release } => self.ran_bad(slot, release, at),
            Happening::LeftBadRelease { slot, .. } => self.left_bad(slot, at),
            Happening::UpdateStarted { .. } | Happening::UpdateFailed { .. } | Happening::Halted { .. }
                if self.goes_back => {}
            Happening::UpdateStarted { release, .. } => self.update(release, |rollout| {
                rollout.started = Some(rollout.started.map_or(at, |earlier| earlier.min(at)));
            }),
            Happening::UpdateSucceeded { release, .. } => self.update(release, |rollout| {
                rollout.attempts += 1;
                let seconds = ((at - rollout.published).0 as u64).div_ceil(1000);
                // Histograms that resize themselves take every value.
                let _ = rollout.reached.record(seconds);
            }),
            Happening::UpdateFailed { release, .. } => self.update(release, |rollout| {
                rollout.attempts += 1;
                rollout.failures += 1;
            }),
            Happening::Halted { release } => {
                self.halted = true;
                self.update(release, |rollout| rollout.halts += 1);
            }
            Happening::Resumed => self.halted = false,
            Happening::RolloutComplete { release } => self.update(release, |rollout| {
                rollout.completed_groups += 1;
                rollout.last_completed = rollout.last_completed.max(Some(at));
            }),
            _ => {}
        }
    }

    /// Who runs a bad release then began to before, but its group is exposed from there on.
    fn measure(&mut self, at: Time, _events: u64) {
        for (release, exposure) in &mut self.exposures {
            let is_here = self.on_bad.iter().any(|(_, of, _)| of == release);
            *exposure = Exposure { connectors: 0, groups: u64::from(is_here), time: 0, ..*exposure };
        }
        self.on_bad.iter_mut().for_each(|(.., since)| *since = at);
    }

    fn finish(&mut self, at: Time, _events: u64) {
        self.close();
        for (_, release, since) in std::mem::take(&mut self.on_bad) {
            let exposure = self.exposure(release);
            exposure.time += (at - since).0;
            exposure.remaining += 1;
        }
        for (release, exposure) in std::mem::take(&mut self.exposures) {
            self.update(release, |rollout| rollout.exposure.merge(&exposure));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SECOND;

    fn second(n: i64) -> Time {
        Time(n * SECOND.0)
    }

    /// A good release at 100 s and a bad one at 1,000 s.
    fn two() -> RefCell<Vec<Rollout>> {
        let release = |at, bad| Release { published: second(at), bad, urgent: false };
        RefCell::new(Rollout::of(&[release(100, false), release(1_000, true)], Time::ZERO))
    }

    fn tell(rollouts: &RefCell<Vec<Rollout>>, story: &[(i64, Happening)]) {
        let mut recorder = RolloutRecorder::new(rollouts);
        story.iter().for_each(|&(at, what)| recorder.happened(Time(at), what));
        recorder.finish(second(2_000), 0);
    }

    fn published(at: i64, release: usize, pending: usize) -> (i64, Happening) {
        (at * 1_000, Happening::RolloutBegan { release, pending })
    }

    fn started(at: i64, slot: usize, release: usize) -> (i64, Happening) {
        (at * 1_000, Happening::UpdateStarted { slot, release })
    }

    fn succeeded(at: i64, slot: usize, release: usize) -> (i64, Happening) {
        (at * 1_000, Happening::UpdateSucceeded { slot, release })
    }

    fn failed(at: i64, slot: usize, release: usize) -> (i64, Happening) {
        (at * 1_000, Happening::UpdateFailed { slot, release })
    }

    fn seconds(rollout: &Rollout) -> Vec<(u64, u64)> {
        let steps = rollout.reached.iter_recorded();
        steps.map(|step| (step.value_iterated_to(), u64::from(step.count_at_value()))).collect()
    }

    /// Two connectors reach the release in one group, one in another; quantiles are those of all three.
    #[test]
    fn durations_are_those_of_connectors_over_all_groups() {
        let rollouts = two();
        let complete = |at: i64| (at * 1_000, Happening::RolloutComplete { release: 1 });
        tell(&rollouts, &[published(100, 1, 2), started(100, 0, 1), succeeded(160, 0, 1)]);
        let story = [published(100, 1, 2), started(130, 0, 1), succeeded(400, 0, 1), succeeded(500, 1, 1)];
        tell(&rollouts, &story);
        tell(&rollouts, &[complete(500)]);
        let rollout = &rollouts.borrow()[0];
        assert_eq!((rollout.groups, rollout.connectors), (2, 4));
        assert_eq!((rollout.attempts, rollout.failures), (3, 0));
        assert_eq!(rollout.started, Some(second(100)));
        assert_eq!(seconds(rollout), [(60, 1), (300, 1), (400, 1)]);
        assert_eq!(rollout.reached.value_at_quantile(0.5), 300);
        // One of the two groups completed it.
        assert_eq!((rollout.completed_groups, rollout.completed()), (1, None));
    }

    #[test]
    fn a_part_of_a_second_counts_as_a_whole_one() {
        let rollouts = two();
        let after =
            |milliseconds: i64| (100_000 + milliseconds, Happening::UpdateSucceeded { slot: 0, release: 1 });
        tell(&rollouts, &[published(100, 1, 3), after(1_000), after(1_001), after(2_001)]);
        assert_eq!(seconds(&rollouts.borrow()[0]), [(1, 1), (2, 1), (3, 1)]);
    }

    #[test]
    fn only_the_last_release_is_not_superseded_and_a_group_without_pending_has_no_part() {
        let rollouts = two();
        tell(&rollouts, &[published(100, 1, 0), published(1_000, 2, 1)]);
        let rollouts = rollouts.borrow();
        assert_eq!([rollouts[0].superseded, rollouts[1].superseded], [true, false]);
        assert_eq!([rollouts[0].bad, rollouts[1].bad], [false, true]);
        assert_eq!([rollouts[0].groups, rollouts[1].groups], [0, 1]);
        // No group had to do anything, and none did.
        assert_eq!(rollouts[0].completed(), None);
    }

    /// Halted when the next release comes: stuck with the old one. Resumed before the end: not stuck with the new one.
    #[test]
    fn a_group_is_stuck_if_it_stands_halted_at_the_end_of_a_rollout() {
        let rollouts = two();
        let halted = |at: i64, release| (at * 1_000, Happening::Halted { release });
        let story = [
            published(100, 1, 2),
            failed(200, 0, 1),
            halted(200, 1),
            published(1_000, 2, 2),
            failed(1_100, 0, 2),
            halted(1_100, 2),
            (1_200_000, Happening::Resumed),
        ];
        tell(&rollouts, &story);
        let stuck = || rollouts.borrow().iter().map(|it| (it.halts, it.stuck_groups)).collect::<Vec<_>>();
        assert_eq!(stuck(), [(1, 1), (1, 0)]);
        // Another group is halted at the horizon.
        tell(&rollouts, &[published(1_000, 2, 2), failed(1_900, 0, 2), halted(1_900, 2)]);
        assert_eq!(stuck(), [(1, 1), (2, 1)]);
    }

    /// Three connectors of two groups run it from 1,010, 1,020 and 1,030 s; two leave it at 1,100 and 1,200 s, the third
    /// runs it until the end at 2,000 s in the one story, and leaves at 1,500 s in the other.
    #[test]
    fn the_exposure_to_a_bad_release_lasts_until_the_last_connector_has_left_it() {
        let ran = |at: i64, slot| (at * 1_000, Happening::RanBadRelease { slot, release: 2 });
        let left = |at: i64, slot| (at * 1_000, Happening::LeftBadRelease { slot, release: 2 });
        let exposure = |last: &[(i64, Happening)]| {
            let rollouts = two();
            let both = [published(1_000, 2, 3), ran(1_010, 0), ran(1_020, 1), left(1_100, 1), left(1_200, 0)];
            tell(&rollouts, &both);
            tell(&rollouts, &[&[published(1_000, 2, 1), ran(1_030, 0)], last].concat());
            let rollouts = rollouts.borrow();
            assert_eq!(rollouts[0].exposure, Exposure::default());
            rollouts[1].exposure
        };
        let whole = exposure(&[left(1_500, 0)]);
        assert_eq!((whole.connectors, whole.groups, whole.remaining), (3, 2, 0));
        assert_eq!(whole.time, (190 + 80 + 470) * 1_000);
        assert_eq!(whole.contained(), Some(second(1_500)));
        let open = exposure(&[]);
        assert_eq!((open.time, open.remaining, open.contained()), ((190 + 80 + 970) * 1_000, 1, None));
    }

    /// What connectors do on the way back belongs to no rollout, and a group that a release never reached has a part in it.
    #[test]
    fn a_way_back_is_no_rollout_and_a_skipped_release_is_not_complete() {
        let rollouts = two();
        let back = (1_200_000, Happening::RolledBack { release: 2, to: 1, pending: 1 });
        let halted = (1_300_000, Happening::Halted { release: 1 });
        let returned = (1_400_000, Happening::Returned { slot: 0, to: 1 });
        let complete = (1_100_000, Happening::RolloutComplete { release: 2 });
        let began =
            [published(100, 1, 1), succeeded(160, 0, 1), published(1_000, 2, 1), succeeded(1_100, 0, 2)];
        let back = [complete, back, started(1_250, 0, 1), failed(1_300, 0, 1), halted, returned];
        tell(&rollouts, &[&began[..], &back].concat());
        tell(&rollouts, &[(2_000_000, Happening::Skipped { release: 2, connectors: 4 })]);
        let rollouts = rollouts.borrow();
        let first = &rollouts[0];
        assert_eq!((first.attempts, first.failures, first.halts, first.stuck_groups), (1, 0, 0, 0));
        let second_release = &rollouts[1];
        assert_eq!((second_release.rolled_back_groups, second_release.rolled_back), (1, Some(second(1_200))));
        assert_eq!((second_release.groups, second_release.connectors), (2, 5));
        assert_eq!(second_release.completed(), None);
    }

    /// Two groups recorded apart and merged are two groups recorded together.
    #[test]
    fn merged_groups_are_as_if_recorded_together() {
        let complete = |at: i64| (at * 1_000, Happening::RolloutComplete { release: 1 });
        let one = [published(100, 1, 1), started(140, 0, 1), succeeded(200, 0, 1), complete(200)];
        let other = [
            published(100, 1, 1),
            started(110, 0, 1),
            failed(150, 0, 1),
            succeeded(800, 0, 1),
            complete(800),
        ];
        let (together, first, second_group) = (two(), two(), two());
        tell(&together, &one);
        tell(&together, &other);
        tell(&first, &one);
        tell(&second_group, &other);
        let mut merged = first.into_inner();
        merged.iter_mut().zip(second_group.borrow().iter()).for_each(|(it, other)| it.merge(other));
        assert_eq!(format!("{merged:?}"), format!("{:?}", together.borrow()));
        let rollout = &merged[0];
        assert_eq!((rollout.started, rollout.completed()), (Some(second(110)), Some(second(800))));
        assert_eq!((rollout.groups, rollout.completed_groups, rollout.connectors), (2, 2, 2));
        assert_eq!((rollout.attempts, rollout.failures), (3, 1));
        assert_eq!(seconds(rollout), [(100, 1), (700, 1)]);
    }
}
