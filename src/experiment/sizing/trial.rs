//! A size on trial: its replications, and what they show of every target.

use super::target::{Event, Kind, Target};
use crate::analysis::{Limits, Losses, replications_for};
use crate::fleet::Group;
use crate::recording::GroupTally;
use crate::simulation::Model;
use crate::time::{HOUR, Span};

use super::super::ReplicationOutcome;

/// What was measured of one replication.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The value of each target's metric.
    pub values: Vec<Option<f64>>,
    /// All outages together, in hours.
    pub outage_hours: f64,
    /// The longest overload in hours.
    pub longest_overload_hours: f64,
    /// How many outages and overloads there were.
    pub episodes: [u64; 2],
    /// The most users at a time, and their mean number.
    pub users: (f64, f64),
    /// Connectors that it had, in the mean over time.
    pub connectors: f64,
    /// Price of an hour of the group.
    pub cost_per_hour: f64,
    /// Whether a connector ever served.
    pub served: bool,
}

impl Sample {
    /// Of a group of `model` in replication `replication`.
    pub(super) fn new(
        model: &Model,
        group: &Group,
        tally: GroupTally,
        replication: u64,
        targets: &[Target],
    ) -> Sample {
        let price = model.fleet.instances[group.instance].cost_per_hour;
        let mbps_per_user = model.environment.demands[group.demand].mbps_per_user;
        let outage_hours = Span(tally.group_meant - tally.group_served).as_hours();
        let longest_overload_hours = Span(tally.longest_overload).as_hours();
        let episodes = [tally.outages, tally.overload_episodes];
        let hours = Span(tally.duration).as_hours();
        let connector_hours = Span(tally.existing).as_hours();
        let connectors = connector_hours / hours.max(f64::MIN_POSITIVE);
        let served = tally.group_served > 0;
        let mean = tally.demand_sum as f64 / 1e6 / tally.demand_ticks.max(1) as f64;
        let users = (f64::from(tally.demand_max) / mbps_per_user, mean / mbps_per_user);
        let micros = libm::round(connector_hours * price * 1e6) as i128;
        let outcome = ReplicationOutcome::of_group(replication, tally, micros);
        Sample {
            values: targets.iter().map(|target| (target.measure)(&outcome, model)).collect(),
            outage_hours,
            longest_overload_hours,
            episodes,
            users,
            connectors,
            cost_per_hour: price * connectors,
            served,
        }
    }
}

/// What a trial shows of one target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// The loss and its limits; none where the metric has no value, which no target can ask for.
    pub loss: Option<Limits>,
    /// What is decided.
    pub decision: Decision,
    /// In how many replications there was a loss.
    pub seen: usize,
    /// In how many the metric has a value.
    pub of: usize,
}

/// What is decided of a target or a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The upper limit of the loss is within the tolerance.
    Met,
    /// The lower limit is beyond it.
    Missed,
    /// Neither; so many more replications would show which, if they went on like those so far.
    Open(Option<u64>),
}

/// A size with its replications so far.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Its size: how many slots the group has.
    pub connectors: usize,
    /// By replication.
    pub samples: Vec<Sample>,
    /// By target, as of the last look.
    pub findings: Vec<Finding>,
    /// The error that its limits were worked out with.
    pub alpha: f64,
}

impl Trial {
    /// Before its first replication.
    pub(super) fn new(connectors: usize) -> Trial {
        Trial { connectors, samples: Vec::new(), findings: Vec::new(), alpha: 0.0 }
    }

    /// The losses of the target with this index, where its metric has a value.
    pub fn losses(&self, targets: &[Target], index: usize) -> Vec<f64> {
        let value = |sample: &Sample| sample.values[index].map(|value| targets[index].loss(value));
        self.samples.iter().filter_map(value).collect()
    }

    /// How many outages (0) or overloads (1) there were.
    pub(super) fn episodes(&self, kind: usize) -> u64 {
        self.samples.iter().map(|sample| sample.episodes[kind]).sum()
    }

    /// How long an outage lasted on average, in hours.
    pub(super) fn mean_outage_hours(&self) -> f64 {
        let hours: f64 = self.samples.iter().map(|sample| sample.outage_hours).sum();
        hours / self.episodes(0).max(1) as f64
    }

    /// The longest overload in hours.
    pub(super) fn longest_overload_hours(&self) -> f64 {
        self.samples.iter().map(|sample| sample.longest_overload_hours).fold(0.0, f64::max)
    }

    /// Price of a month of 730 h.
    pub fn cost_per_month(&self) -> f64 {
        730.0 * self.mean(|sample| sample.cost_per_hour)
    }

    /// Connectors that the group had, in the mean over time and replications.
    pub fn mean_connectors(&self) -> f64 {
        self.mean(|sample| sample.connectors)
    }

    fn mean(&self, of: impl Fn(&Sample) -> f64) -> f64 {
        self.samples.iter().map(of).sum::<f64>() / self.samples.len().max(1) as f64
    }

    /// Whether nobody ever served in any replication, because all slots are disabled or empty or stay down: whatever is
    /// counted while somebody serves is perfect then, and means nothing.
    pub fn is_dead(&self) -> bool {
        !self.samples.iter().any(|sample| sample.served)
    }

    /// Looks at every target; an event that was not seen lasts `hours`, an outage or an
    /// overload. Where nothing is left to chance (`certain`) one
    /// replication tells all.
    pub(super) fn look(
        &mut self,
        model: &Model,
        targets: &[Target],
        alpha: f64,
        hours: [f64; 2],
        certain: bool,
    ) {
        let event = self.event(model, hours);
        let finding = |index| {
            let losses = self.losses(targets, index);
            let target = &targets[index];
            let cost = (target.event)(&event).max(0.0);
            let losses = Losses { values: &losses, events: self.events(target.kind), event: cost };
            find(target, losses, alpha, certain)
        };
        self.findings = (0..targets.len()).map(finding).collect();
        if self.is_dead() {
            self.findings.iter_mut().for_each(|finding| finding.decision = Decision::Missed);
        }
        self.alpha = alpha;
    }

    /// How many events of a kind there were.
    fn events(&self, kind: Kind) -> Option<u64> {
        match kind {
            Kind::Outages => Some(self.episodes(0)),
            Kind::Overloads => Some(self.episodes(1)),
            Kind::Either => Some(self.episodes(0) + self.episodes(1)),
            Kind::Many => None,
        }
    }

    fn event(&self, model: &Model, [outage_hours, overload_hours]: [f64; 2]) -> Event {
        let users = self.samples.iter().map(|sample| sample.users);
        let (peak, mean) = users.fold((0.0, 0.0), |(peak, sum), of| (f64::max(peak, of.0), sum + of.1));
        Event {
            outage_hours,
            overload_hours,
            horizon_hours: model.measured().0 as f64 / HOUR.0 as f64,
            peak_users: peak,
            mean_users: mean / self.samples.len().max(1) as f64,
        }
    }

    /// All targets met, or one missed, or neither, with the replications that the neediest target wants.
    pub fn decision(&self) -> Decision {
        let mut decision = Decision::Met;
        for finding in &self.findings {
            decision = match (decision, finding.decision) {
                (Decision::Missed, _) | (_, Decision::Missed) => Decision::Missed,
                (Decision::Open(a), Decision::Open(b)) => Decision::Open(a.zip(b).map(|(a, b)| a.max(b))),
                (Decision::Open(more), _) | (_, Decision::Open(more)) => Decision::Open(more),
                (Decision::Met, Decision::Met) => Decision::Met,
            };
        }
        decision
    }
}

fn find(target: &Target, losses: Losses<'_>, alpha: f64, certain: bool) -> Finding {
    let (values, bounded) = (losses.values, target.best().is_some());
    let limits = match values {
        [] => None,
        [loss, ..] if certain => Some(Limits::certain(*loss)),
        _ if bounded => Limits::of_losses(losses, alpha),
        values => Limits::of_mean(values, alpha),
    };
    let tolerance = target.tolerance();
    let decision = match limits {
        None => Decision::Met,
        Some(limits) if limits.upper <= tolerance => Decision::Met,
        Some(limits) if limits.lower > tolerance => Decision::Missed,
        Some(_) => {
            let plain = Losses { events: None, event: 0.0, ..losses };
            let needed = replications_for(if bounded { losses } else { plain }, tolerance, alpha);
            Decision::Open(needed.map(|needed| needed.saturating_sub(values.len() as u64).max(1)))
        }
    };
    let seen = values.iter().filter(|&&loss| bounded && loss > 0.0).count();
    Finding { loss: limits, decision, seen, of: values.len() }
}
