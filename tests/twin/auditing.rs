//! The auditor notices what is wrong: a true account is altered in every place, one alteration at a time.

use fleetcast::environment::Scope;
use fleetcast::environment::demand::level::Level;
use fleetcast::environment::failure::Place;
use fleetcast::fleet::Status;
use fleetcast::recording::auditor::Auditor;
use fleetcast::simulation::Model;
use fleetcast::simulation::observer::{GroupDisplay, Happening, Observer, SlotDisplay, Standing};
use fleetcast::simulation::run::Replication;
use fleetcast::time::{Span, Time};

use crate::builder::{add_group, add_outages, constant, hour, hours, minute, model, publish};

/// What an observer was told.
#[derive(Clone, Debug)]
enum Told {
    Slot(Time, usize, Option<SlotDisplay>, SlotDisplay),
    Group(Time, Option<GroupDisplay>, GroupDisplay),
    Span(Time, Time, Standing<'static>),
    Happened(Time, Happening),
    Finish(Time, u64),
}

#[derive(Default)]
struct Account(Vec<Told>);

impl Observer for Account {
    fn slot(&mut self, at: Time, slot: usize, from: Option<SlotDisplay>, to: SlotDisplay) {
        self.0.push(Told::Slot(at, slot, from, to));
    }
    fn group(&mut self, at: Time, from: Option<GroupDisplay>, to: GroupDisplay) {
        self.0.push(Told::Group(at, from, to));
    }
    fn span(&mut self, from: Time, to: Time, standing: &Standing<'_>) {
        let axes = Box::leak(Box::new(*standing.axes));
        self.0.push(Told::Span(from, to, Standing { axes, ..*standing }));
    }
    fn happened(&mut self, at: Time, what: Happening) {
        self.0.push(Told::Happened(at, what));
    }
    fn finish(&mut self, at: Time, events: u64) {
        self.0.push(Told::Finish(at, events));
    }
}

/// Two connectors: an update, an outage that expires one of them, its replacement.
fn eventful() -> (Model, Vec<Told>) {
    let mut model = model();
    add_group(&mut model, "app", 2);
    publish(&mut model, &[hour(1)]);
    model.environment.validation.phase = Some(constant(hours(3)));
    add_outages(&mut model, Scope::Connector, &[(minute(125), hours(2), Place::Connector(0, 1))]);
    let account = Replication::new(&model, 0, 0, Level::new()).run_group(0, Account::default());
    (model, account.0)
}

fn violations(model: &Model, account: &[Told]) -> Vec<String> {
    let mut auditor = Auditor::new(model, 0, 0);
    for told in account.iter().cloned() {
        match told {
            Told::Slot(at, slot, from, to) => auditor.slot(at, slot, from, to),
            Told::Group(at, from, to) => auditor.group(at, from, to),
            Told::Span(from, to, standing) => auditor.span(from, to, &standing),
            Told::Happened(at, what) => auditor.happened(at, what),
            Told::Finish(at, events) => auditor.finish(at, events),
        }
    }
    auditor.violations().to_vec()
}

/// Every alteration of one element that `alter` makes must be noticed; at least one is made.
fn each_is_noticed(alter: impl Fn(&Told) -> Option<Vec<Told>>) {
    let (model, account) = eventful();
    let mut made = 0;
    for (index, told) in account.iter().enumerate() {
        if let Some(instead) = alter(told) {
            made += 1;
            let mut altered = account.clone();
            altered.splice(index..=index, instead);
            assert!(!violations(&model, &altered).is_empty(), "{told:?} was altered unnoticed");
        }
    }
    assert!(made > 0);
}

#[test]
fn a_true_account_is_not_objected_to() {
    let (model, account) = eventful();
    assert_eq!(violations(&model, &account), Vec::<String>::new());
}

#[test]
fn a_missing_row_or_span_is_noticed() {
    each_is_noticed(|told| match told {
        Told::Slot(..) | Told::Group(..) | Told::Span(..) => Some(Vec::new()),
        _ => None,
    });
}

#[test]
fn a_repeated_row_or_span_is_noticed() {
    each_is_noticed(|told| match told {
        Told::Slot(..) | Told::Group(..) | Told::Span(..) => Some(vec![told.clone(), told.clone()]),
        _ => None,
    });
}

#[test]
fn a_row_a_second_late_is_noticed() {
    each_is_noticed(|told| match told {
        Told::Slot(at, slot, from, to) => Some(vec![Told::Slot(*at + Span(1_000), *slot, *from, *to)]),
        _ => None,
    });
}

#[test]
fn any_other_status_is_noticed() {
    for status in Status::ALL {
        each_is_noticed(|told| match told {
            Told::Slot(at, slot, from, to) if to.status != status => {
                Some(vec![Told::Slot(*at, *slot, *from, SlotDisplay { status, ..*to })])
            }
            _ => None,
        });
    }
}

#[test]
fn an_update_nobody_started_is_noticed() {
    each_is_noticed(|told| match told {
        Told::Happened(_, Happening::UpdateStarted { .. }) => Some(Vec::new()),
        _ => None,
    });
}

#[test]
fn an_update_above_its_limit_is_noticed() {
    let (mut model, account) = eventful();
    model.environment.updates.limit = Span(599_999);
    assert!(violations(&model, &account).iter().any(|text| text.contains("its update lasted 10m")));
}

#[test]
fn a_run_cut_short_is_noticed() {
    let (mut model, account) = eventful();
    model.horizon += Span(1);
    assert!(!violations(&model, &account).is_empty());
}
