//! One replication under one policy, group by group or coupled.

use fearless_simd::Level;

use super::group::{Group, Setting};
use super::observer::Observer;
use super::{Model, coordinator, load};
use crate::fleet::Release;
use crate::random::Streams;

/// One replication under one policy.
#[derive(Clone, Debug)]
pub struct Replication<'m> {
    model: &'m Model,
    policy: usize,
    streams: Streams,
    releases: Vec<Release>,
    level: Level,
}

impl<'m> Replication<'m> {
    /// Replication `index` under the policy with this index; its releases are drawn now.
    pub fn new(model: &'m Model, policy: usize, index: u64, level: Level) -> Replication<'m> {
        let streams = Streams { seed: model.seed, replication: index };
        let releases = model.environment.releases.draw(streams, model.horizon);
        Replication { model, policy, streams, releases, level }
    }

    /// Its releases, in order of publication.
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// The balance weights of the slots of group `index` in it.
    pub fn balance_weights(&self, index: usize) -> Vec<f64> {
        load::balance_weights(self.streams, &self.model.fleet.groups[index])
    }

    fn setting(&self) -> Setting<'_> {
        Setting {
            model: self.model,
            policy: &self.model.policies[self.policy],
            streams: self.streams,
            releases: &self.releases,
            level: self.level,
        }
    }

    /// Runs group `index` alone to the horizon. Only for a policy that does not couple groups.
    pub fn run_group<O: Observer>(&self, index: usize, observer: O) -> O {
        Group::new(self.setting(), index, observer).finish()
    }

    /// Runs all groups together to the horizon; `observer` makes each group's.
    pub fn run_coupled<O: Observer>(&self, observer: impl Fn(usize) -> O) -> Vec<O> {
        let new = |index| Group::new(self.setting(), index, observer(index));
        let mut groups: Vec<_> = (0..self.model.fleet.groups.len()).map(new).collect();
        coordinator::run(&mut groups, self.setting());
        groups.into_iter().map(Group::finish).collect()
    }

    /// Runs every group, coupled if the policy couples them.
    pub fn run_all<O: Observer>(&self, observer: impl Fn(usize) -> O) -> Vec<O> {
        if self.model.policies[self.policy].couples_groups() {
            return self.run_coupled(observer);
        }
        (0..self.model.fleet.groups.len()).map(|index| self.run_group(index, observer(index))).collect()
    }
}
