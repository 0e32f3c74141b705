//! k of n connectors: in equilibrium each is up with probability A, independently of the others, so that the number
//! serving is binomial. A wide outage multiplies by its own availability.

use fleetcast::environment::{Scope, Start};
use fleetcast::fleet::Group;
use fleetcast::random::Variate;
use fleetcast::simulation::Model;
use fleetcast::time::HOUR;
use statrs::distribution::{Binomial, DiscreteCDF};

use crate::builder::{add_failures, add_group, add_site, hours, model};
use crate::runs::{AtLeast, run_without_demand, tallies, watch};
use crate::statistics::Sample;

const CONNECTORS: usize = 5;

fn exponential(mean: f64) -> Variate {
    Variate::exponential(mean * HOUR.0 as f64).expect("the mean is positive")
}

/// P(at least k of n up).
fn at_least(k: usize, n: usize, up: f64) -> f64 {
    Binomial::new(up, n as u64).expect("a probability").sf(k as u64 - 1)
}

/// Groups at sites of their own, connectors up 20 h and down 4 h.
fn redundant() -> Model {
    let mut model = model();
    model.environment.start = Start::Equilibrium;
    run_without_demand(&mut model, hours(500));
    for index in 1..=100 {
        add_site(&mut model, &format!("site-{index}"), 0, 0);
        add_group(&mut model, &format!("group-{index}"), CONNECTORS);
    }
    let weibull = Variate::weibull(20.0 * HOUR.0 as f64, 0.7).expect("the mean is positive");
    add_failures(&mut model, Scope::Connector, weibull, exponential(4.0), 0.0);
    model
}

fn compare(what: &str, model: &Model, shared: f64) {
    for k in 1..=CONNECTORS {
        let watched = watch(model, 40, |_| AtLeast::new(k));
        let expected = shared * at_least(k, CONNECTORS, 20.0 / 24.0);
        let sample = Sample::new(
            format!("{what}, {k} of {CONNECTORS}"),
            watched.iter().map(|time| 1.0 - time.unavailability()),
        );
        sample.has_mean(expected);
        sample.is_sharp(1.0 - expected, if k == 1 { 0.5 } else { 0.05 });
    }
}

#[test]
fn the_number_serving_is_binomial() {
    compare("alone", &redundant(), 1.0);
}

/// Sites are up 300 h and down 10 h.
#[test]
fn an_outage_of_the_site_takes_all_of_them() {
    let mut model = redundant();
    add_failures(&mut model, Scope::Site, exponential(300.0), exponential(10.0), 0.0);
    compare("under sites that fail", &model, 300.0 / 310.0);
}

/// Two classes of a connector's own and one of its fault domain, two connectors in each: A = A₁A₂ with its domain up.
/// `group_availability` is 1 − P(nobody serves) = 1 − E over the state of the domains.
#[test]
fn independent_classes_multiply() {
    let mut model = redundant();
    let own = 20.0 / 24.0 * (50.0 / 51.0);
    let domain = 80.0 / 82.0;
    add_failures(&mut model, Scope::Connector, exponential(50.0), exponential(1.0), 0.0);
    add_failures(&mut model, Scope::Domain, exponential(80.0), exponential(2.0), 0.0);
    for site in &mut model.fleet.sites {
        let name =
            |index: usize| fleetcast::random::Entity::named("domain", &format!("{}/{index}", site.name));
        site.domains = vec![name(0), name(1)];
    }
    let place = |group: &mut Group| {
        group.slots.truncate(4);
        group.slots.iter_mut().enumerate().for_each(|(ordinal, slot)| slot.domain = Some(ordinal % 2));
    };
    model.fleet.groups.iter_mut().for_each(place);
    let tallies = tallies(&model, 40);
    let of =
        |part: fn(&fleetcast::recording::GroupTally) -> f64| tallies.iter().map(part).collect::<Vec<_>>();
    let available = of(|tally| tally.served as f64 / tally.meant as f64);
    Sample::new("availability under three classes", available).has_mean(own * domain);
    // A domain has nobody serving if it is down, or up with both of its connectors down.
    let dead_domain = 1.0 - domain * (1.0 - (1.0 - own) * (1.0 - own));
    let group = of(|tally| tally.group_served as f64 / tally.group_meant as f64);
    Sample::new("group availability under three classes", group).has_mean(1.0 - dead_domain * dead_domain);
}
