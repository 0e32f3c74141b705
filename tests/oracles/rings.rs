//! Rings: when each begins, worked out step by step, and how far a bad release gets before its gate sees it.

use fleetcast::control::rings::{Members, OnBreach, ReleaseGate, Ring, Rings};
use fleetcast::environment::Scope;
use fleetcast::environment::release::{PlannedRelease, ReleaseDates};
use fleetcast::simulation::Model;
use fleetcast::simulation::observer::{Happening, Observer};
use fleetcast::time::{Span, Time};

use crate::builder::{add_failures, constant, hour, hours, minute, minutes, model, publish};
use crate::runs::{add_groups, run_without_demand, watch};
use crate::statistics::Sample;

/// When the rollout began and was complete, and how many connectors came to run a bad release.
#[derive(Default)]
struct Spread {
    begun: Option<Time>,
    complete: Option<Time>,
    exposed: u64,
}

impl Observer for Spread {
    const WATCHES_SLOTS: bool = false;

    fn happened(&mut self, at: Time, what: Happening) {
        match what {
            Happening::RolloutBegan { .. } => self.begun = Some(at),
            Happening::RolloutComplete { .. } => self.complete = Some(at),
            Happening::RanBadRelease { .. } => self.exposed += 1,
            _ => {}
        }
    }
}

fn in_rings(shares: &[f64], bake: Span, gate: Option<ReleaseGate>) -> Rings {
    let ring = |&share: &f64| Ring { members: Members::Share(share), bake };
    Rings { rings: shares.iter().map(ring).collect(), done_share: 1.0, gate, rate: None }
}

/// The first control period at or after `at`.
fn control(at: Time, period: Span) -> Time {
    Time((at.0 + period.0 - 1) / period.0 * period.0)
}

/// A ring opens at a control period; its groups of n take n updates of d, that is seen at a control period, and after the
/// bake the next control period opens the next ring: each step is rounded up.
#[test]
fn rings_begin_when_updates_bake_and_control_periods_say() {
    const CONNECTORS: i64 = 3;
    let shares = [0.05, 0.25, 1.0];
    for (period, update, bake) in [
        (minutes(15), minutes(10), hours(24)),
        (minutes(7), minutes(4), minutes(100)),
        (hours(1), minutes(15), Span::ZERO),
    ] {
        let mut model = model();
        run_without_demand(&mut model, hours(24 * 20));
        add_groups(&mut model, 40, CONNECTORS as usize);
        publish(&mut model, &[minute(61)]);
        model.control_period = period;
        model.environment.updates.duration = constant(update);
        model.policies[0].upgrade.rings = Some(in_rings(&shares, bake, None));

        let mut opens = control(minute(61), period);
        let mut expected = Vec::new();
        for groups in [2, 8, 30] {
            let complete = opens + Span(CONNECTORS * update.0);
            expected.extend(std::iter::repeat_n((Some(opens), Some(complete)), groups));
            opens = control(control(complete, period) + bake, period);
        }
        let mut found: Vec<_> = watch(&model, 1, |_| Spread::default())
            .into_iter()
            .map(|spread| (spread.begun, spread.complete))
            .collect();
        found.sort();
        assert_eq!(found, expected);
    }
}

/// Forty groups of one connector, four of them in the first ring, a bad release at 60. The four run it from 70, are done at
/// 75, and bake for six hours: the second ring opens at 435, unless one of them failed in the 365 minutes before and
/// is seen at a control period. On the release a life is exponential with a mean of a day, and who fails stays down. So with
/// N connectors, N₀ of them in the first ring, E[exposed] = N₀ + (N − N₀) exp(−N₀ · 365/1440). Of the second ring, once
/// open, everybody is exposed: they run it at 445, and the gate looks at 450. Lives off the release are ten thousand
/// times as long, which adds less than N₀ · 445/(1440 · 10⁴) < 2·10⁻⁴ to the probability of failing, and less than
/// 36 times that to the mean.
#[test]
fn a_gate_limits_the_exposure_to_a_bad_release() {
    const SHORT: f64 = 1440.0;
    let mut model = bad_release();
    let gate = ReleaseGate {
        failed_share: 1.0,
        disconnected_share: 0.0,
        at_least: 1,
        on_breach: OnBreach::RollBack,
    };
    model.policies[0].upgrade.rings = Some(in_rings(&[0.1, 1.0], hours(6), Some(gate)));
    let exposed: Vec<u64> = watch(&model, 2_000, |_| Spread::default())
        .chunks(40)
        .map(|groups| groups.iter().map(|spread| spread.exposed).sum())
        .collect();
    // Who failed before the release came is not exposed: in the mean 40 · 445/(1440 · 10⁴) < 0.0013 of a replication, 2.5 of
    // 2,000; more than 14 would have a probability below 10⁻⁷.
    let others = exposed.iter().filter(|&&exposed| exposed != 4 && exposed != 40).count();
    assert!(others <= 14, "{others} replications with neither one ring nor both");
    let expected = 4.0 + 36.0 * libm::exp(-4.0 * 365.0 / SHORT);
    let sample = exposed.iter().map(|&exposed| exposed as f64);
    Sample::new("connectors exposed", sample).has_mean_within(expected, 36.0 * 2e-4);
}

fn bad_release() -> Model {
    let mut model = model();
    run_without_demand(&mut model, hours(24));
    add_groups(&mut model, 40, 1);
    let releases = &mut model.environment.releases;
    releases.dates = ReleaseDates::Explicit(vec![PlannedRelease::regular(hour(1), Some(true))]);
    releases.bad.failure_multiplier = 1e4;
    let life = fleetcast::random::Variate::exponential(hours(24).0 as f64 * 1e4).expect("a mean above 0");
    add_failures(&mut model, Scope::Connector, life, constant(hours(24 * 365)), 0.0);
    model
}
