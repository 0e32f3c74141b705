//! Rollouts: how a release spreads.

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
    /// Connectors that ran it, if it was bad.
    pub exposed: u64,
}

impl Rollout {
    /// The rollouts of `releases` before anything happened.
    pub fn of(releases: &[Release]) -> Vec<Rollout> {
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
            exposed: 0,
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
        self.exposed += other.exposed;
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
}

impl<'r> RolloutRecorder<'r> {
    /// For one group.
    pub fn new(rollouts: &'r RefCell<Vec<Rollout>>) -> RolloutRecorder<'r> {
        RolloutRecorder { rollouts, target: 0, halted: false }
    }

    fn update(&self, release: usize, change: impl FnOnce(&mut Rollout)) {
        change(&mut self.rollouts.borrow_mut()[release - 1]);
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
                (self.target, self.halted) = (release, false);
                self.update(release, |rollout| {
                    rollout.groups += u64::from(pending > 0);
                    rollout.connectors += pending as u64;
                });
            }
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
            Happening::RanBadRelease { release, .. } => self.update(release, |rollout| rollout.exposed += 1),
            _ => {}
        }
    }

    fn finish(&mut self, _at: Time, _events: u64) {
        self.close();
    }
}
