//! Scaling: what each rule of the model says, worked out anew at every decision from everything that was ever seen.

use fleetcast::control::crew::TaskKind;
use fleetcast::control::scaling::{Forecast, Mean, Rule, Scaling, View};
use fleetcast::control::{Amount, BudgetCounts, Service};
use fleetcast::simulation::AbsentInAverage;
use fleetcast::time::{Span, Time};

use super::Reference;
use super::calendar::Event;
use super::state::{Lifecycle, State};

/// What is displayed of a slot at the end of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    serves: bool,
    link_up: bool,
    lifecycle: Lifecycle,
}

/// What the scaling of a group remembers: everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) sightings: Vec<(Time, Vec<Sighting>)>,
    recommended: Vec<(Time, usize)>,
    /// How many members there were at 0.
    at_start: usize,
    changed: Option<Time>,
    /// What was true of the group at each decision since the last change: overloaded, one more than needed.
    looks: Vec<(Time, bool, bool)>,
    /// The load at each decision.
    loads: Vec<Option<f64>>,
}

impl State<'_> {
    pub(crate) fn sightings(&self, group: usize) -> Vec<Sighting> {
        let slots = 0..self.groups[group].slots.len();
        let sighting = |slot| Sighting {
            serves: self.serves(group, slot),
            link_up: self.link_up(group, slot),
            lifecycle: self.groups[group].slots[slot].lifecycle,
        };
        slots.map(sighting).collect()
    }

    /// Connectors that the group has or gets and that nobody takes away.
    fn members(&self, group: usize) -> Vec<usize> {
        let slots = self.groups[group].slots.iter().enumerate();
        let members = slots.filter(|(_, slot)| slot.configured && !slot.vacant && !slot.disabled);
        members.map(|(index, _)| index).collect()
    }

    /// How many slots are configured.
    pub(crate) fn configured(&self, group: usize) -> usize {
        self.groups[group].slots.iter().filter(|slot| slot.configured).count()
    }

    /// The ticks that the average displayed at `until` is over.
    fn window(&self, group: usize, until: Time) -> std::ops::Range<usize> {
        let taken = self.groups[group].samples.len();
        let seen = (0..taken).take_while(|&index| self.model.ticks.at(index) <= until).count();
        seen.saturating_sub(self.model.overload.window)..seen
    }

    /// What one connector alone would have had to carry, tick by tick of the window, in the mean: all that was displayed above
    /// idle of those who served at the tick, without what they lost by being several.
    fn load(&self, group: usize, until: Time) -> Option<f64> {
        let configured = &self.model.fleet.groups[group];
        let idle = self.model.fleet.instances[configured.instance].idle_cpu_percent * 100.0;
        let mut loads = Vec::new();
        for tick in self.window(group, until) {
            let (serving, slots) = self.groups[group].heads[tick];
            let Some(sample) = self.groups[group].samples[tick] else { continue };
            let over = if self.model.overload.absent == AbsentInAverage::AsZero { slots } else { serving };
            let above = sample as f64 * over as f64 - idle * serving as f64;
            let lost = 1.0 + configured.efficiency * (serving as f64 - 1.0);
            loads.push(if above > 0.0 { above / lost } else { 0.0 });
        }
        (!loads.is_empty()).then(|| loads.iter().sum::<f64>() / loads.len() as f64)
    }

    fn average(&self, group: usize, until: Time) -> Option<Mean> {
        let window = &self.groups[group].samples[self.window(group, until)];
        let known: Vec<i64> = window.iter().flatten().copied().collect();
        (!known.is_empty()).then(|| Mean { sum: known.iter().sum(), number: known.len() as i64 })
    }
}

impl<'a> Reference<'a> {
    fn scaling(&self) -> Option<&'a Scaling> {
        self.policy().scaling.dynamic()
    }

    pub(super) fn schedule_decisions(&mut self) {
        let Some(scaling) = self.scaling() else { return };
        let model = self.state.model;
        for group in 0..self.state.groups.len() {
            let configured = &model.fleet.groups[group];
            self.state.groups[group].scaling.at_start = self.state.members(group).len();
            let mut at = model.ticks.first;
            while at < model.horizon && configured.resources > 0 {
                self.schedule_for_group(group, at - Time::ZERO, Event::Scale { group });
                at += scaling.period;
            }
        }
    }

    pub(super) fn keep_sightings(&mut self, group: usize) {
        let now = self.state.sightings(group);
        let kept = &mut self.state.groups[group].scaling.sightings;
        if kept.last().is_none_or(|(_, last)| *last != now) {
            kept.push((self.now, now));
        }
    }

    fn seen(&self, group: usize, scaling: &Scaling) -> Vec<Sighting> {
        let kept = &self.state.groups[group].scaling.sightings;
        let old =
            kept.iter().rev().find(|(at, _)| *at + scaling.detection_delay <= self.now).or(kept.first());
        old.map_or_else(|| self.state.sightings(group), |(_, sightings)| sightings.clone())
    }

    pub(super) fn scale(&mut self, group: usize) {
        let scaling = self.scaling().expect("it decides");
        let seen = self.seen(group, scaling);
        let members = self.state.members(group);
        let current = members.len();
        let mut desired = self.desired(group, scaling, &self.scaling_view(group, scaling, &members, &seen));
        if self.state.groups[group].disabled {
            desired = current;
        }
        let changed = if desired > current {
            self.scale_out(group, desired - current)
        } else {
            self.scale_in(group, current - desired, &seen)
        };
        if changed {
            self.state.groups[group].scaling.changed = Some(self.now);
            self.state.groups[group].scaling.looks.clear();
        }
    }

    fn scaling_view(&self, group: usize, scaling: &Scaling, members: &[usize], seen: &[Sighting]) -> View {
        let configured = &self.state.model.fleet.groups[group];
        let count = |of: &dyn Fn(&Sighting) -> bool| members.iter().filter(|&&slot| of(&seen[slot])).count();
        View {
            at: self.now,
            group,
            configured: configured.slots.iter().filter(|slot| !slot.spare).count(),
            current: members.len(),
            serving: count(&|slot| slot.serves),
            missing: count(&|slot| slot.lifecycle == Lifecycle::InService && !slot.link_up),
            not_ready: count(&|slot| {
                !matches!(slot.lifecycle, Lifecycle::InService | Lifecycle::Expired | Lifecycle::Revoked)
            }),
            average: self.state.average(group, self.now - scaling.detection_delay),
            load: self.state.load(group, self.now - scaling.detection_delay),
            idle: self.state.model.fleet.instances[configured.instance].idle_cpu_percent * 100.0,
            efficiency: configured.efficiency,
        }
    }

    fn desired(&mut self, group: usize, scaling: &Scaling, view: &View) -> usize {
        let recommended = self.recommended(group, scaling, view);
        let memory = &mut self.state.groups[group].scaling;
        let mut desired = view.current;
        if let Some(number) = recommended {
            // What is there at the start counts as recommended then.
            if memory.recommended.is_empty() {
                memory.recommended.push((Time::ZERO, memory.at_start));
            }
            memory.recommended.push((self.now, number));
            let within = |window: Span| {
                let heard = memory.recommended.iter().filter(|(at, _)| self.now - *at < window);
                heard.map(|(_, number)| *number).chain([number]).collect::<Vec<usize>>()
            };
            let least = within(scaling.stabilise_out).into_iter().min().expect("one was just heard");
            let most = within(scaling.stabilise_in).into_iter().max().expect("one was just heard");
            if desired < least {
                desired = least;
            }
            if desired > most {
                desired = most;
            }
        }
        if memory.changed.is_some_and(|at| self.now - at < scaling.cooldown) {
            return view.current;
        }
        let most = scaling.most.unwrap_or(2 * view.configured).min(64).max(scaling.least);
        desired.min(most).max(scaling.least)
    }

    fn recommended(&mut self, group: usize, scaling: &Scaling, view: &View) -> Option<usize> {
        match &scaling.rule {
            Rule::NPlusK(rule) => view.load.map(|load| view.needed(load, rule.limit) + rule.spare),
            Rule::Scheduled(table) => {
                let entries = &table.kinds[table.of_group[group]];
                entries.iter().rev().find(|(from, _)| *from <= self.now).map(|(_, number)| *number)
            }
            Rule::Threshold(rule) => {
                let over = view.average.is_some_and(|mean| mean.sum > i64::from(rule.overload) * mean.number);
                let spare = view.load.is_some_and(|load| view.needed(load, rule.limit) < view.current);
                let looks = &mut self.state.groups[group].scaling.looks;
                looks.push((self.now, over, spare));
                let lasts = |of: &dyn Fn(&(Time, bool, bool)) -> bool| {
                    let since = looks.iter().rev().take_while(|look| of(look)).last();
                    since.is_some_and(|(since, ..)| self.now - *since >= rule.sustained)
                };
                if lasts(&|look| look.1) {
                    Some(view.current + 1)
                } else if lasts(&|look| look.2) {
                    Some(if view.current > 2 { view.current - 1 } else { 1 })
                } else {
                    Some(view.current)
                }
            }
            Rule::TargetTracking(rule) => kubernetes(rule.target, rule.tolerance, view),
            Rule::Predictive(rule) => {
                let loads = &mut self.state.groups[group].scaling.loads;
                loads.push(view.load);
                let periods = |span: Span| {
                    (span.0 / scaling.period.0 + i64::from(span.0 % scaling.period.0 > 0)) as usize
                };
                let (season, ahead) = (periods(rule.season), periods(rule.lead + scaling.detection_delay));
                let told = match rule.forecast {
                    Forecast::LastSeason => {
                        let then = (loads.len() - 1 + ahead).checked_sub(season);
                        then.and_then(|index| loads[..loads.len() - 1].get(index).copied().flatten())
                    }
                    Forecast::HoltWinters(constants) => holt_winters(
                        loads,
                        season,
                        ahead,
                        [constants.level, constants.trend, constants.season],
                    ),
                };
                let load = told.or(view.load)?;
                Some(view.needed(load * (1.0 + rule.margin), rule.limit))
            }
        }
    }

    /// Takes back who is being removed, then orders for the lowest free ordinals.
    fn scale_out(&mut self, group: usize, more: usize) -> bool {
        let mut got = 0;
        for slot in 0..self.state.groups[group].slots.len() {
            if got < more && self.state.groups[group].slots[slot].removal.is_some() {
                let ticket = self.state.groups[group].slots[slot].removal.take();
                self.calendar.cancel(ticket);
                self.state.groups[group].slots[slot].disabled = false;
                got += 1;
            }
        }
        for slot in 0..self.state.groups[group].slots.len() {
            let connector = &self.state.groups[group].slots[slot];
            if got < more && (!connector.configured || connector.vacant) && !connector.disabled {
                self.order(group, slot);
                got += 1;
            }
        }
        got > 0
    }

    fn order(&mut self, group: usize, slot: usize) {
        let connector = &mut self.state.groups[group].slots[slot];
        connector.configured = true;
        connector.vacant = false;
        connector.instances += 1;
        let ticket = connector.auto_delete.take();
        self.calendar.cancel(ticket);
        match &self.policy().provisioning.order {
            None => self.boot(group, slot, Span::ZERO),
            Some(Service::After(delay)) => {
                let order = delay.span(&mut self.draw_of_instance(group, slot, "order"));
                self.boot(group, slot, order);
            }
            Some(Service::Crews(crews)) => {
                let connector = &mut self.state.groups[group].slots[slot];
                connector.lifecycle = Lifecycle::Booting;
                let number = connector.instances;
                self.open(TaskKind::Order, crews[group], group, slot, number);
            }
        }
    }

    /// Removes at once who is not in service; then, as far as the budget goes, who was seen without a link; then others.
    fn scale_in(&mut self, group: usize, fewer: usize, seen: &[Sighting]) -> bool {
        let mut members = self.state.members(group);
        let rank = |slot: usize| match self.state.groups[group].slots[slot].lifecycle {
            Lifecycle::InService if seen[slot].link_up => 2,
            Lifecycle::InService => 1,
            _ => 0,
        };
        members.sort_by_key(|&slot| (rank(slot), std::cmp::Reverse(slot)));
        let mut gone = 0;
        for slot in members {
            let serves_on = self.state.in_service(group, slot);
            if gone < fewer && (!serves_on || self.can_spare(group, slot)) {
                gone += 1;
                if serves_on { self.begin_removal(group, slot) } else { self.remove(group, slot) }
            }
        }
        gone > 0
    }

    /// Whether the budget lets one more be disrupted.
    fn can_spare(&self, group: usize, next: usize) -> bool {
        let budget = &self.policy().upgrade.budget;
        let configured = self.state.configured(group);
        let slots = &self.state.groups[group].slots;
        let disrupted = (0..slots.len()).filter(|&slot| {
            let counts_all = budget.counts == BudgetCounts::All && slots[slot].configured;
            slot == next
                || self.state.updating(group, slot)
                || slots[slot].removal.is_some()
                || counts_all && !self.state.serves(group, slot)
        });
        let most = match budget.max_unavailable {
            Amount::Count(count) => count as usize,
            Amount::Percent(percent) => configured * percent as usize / 100,
        };
        disrupted.count() <= most.max(usize::from(budget.max_surge(configured) == 0))
    }

    fn begin_removal(&mut self, group: usize, slot: usize) {
        let given = &self.policy().provisioning;
        let after = given.drain + given.watch;
        if after == Span::ZERO {
            return self.remove(group, slot);
        }
        self.state.groups[group].slots[slot].disabled = true;
        let ticket = self.schedule_for_slot(group, slot, after, Event::Remove { group, slot });
        self.state.groups[group].slots[slot].removal = Some(ticket);
    }

    /// The connector is deleted and its slot is not configured any more.
    pub(super) fn remove(&mut self, group: usize, slot: usize) {
        if self.state.serves(group, slot) && self.state.demand(group) > 0.0 {
            self.state.groups[group].last_drop = Some(self.now);
        }
        self.cancel_update(group, slot);
        self.cancel_rest(group, slot);
        self.stop_processes(group, slot);
        for kind in [TaskKind::Replacement, TaskKind::Order, TaskKind::Confirmation] {
            self.drop_tasks(kind, group, slot);
        }
        if self.state.groups[group].halt.is_some_and(|halt| halt.culprit == slot) {
            self.cancel_halt(group);
        }
        let connector = &mut self.state.groups[group].slots[slot];
        connector.lifecycle = Lifecycle::Empty;
        connector.configured = false;
        connector.disabled = false;
        connector.pending = false;
        connector.update_failed = false;
        let tickets = [
            connector.renewal.take(),
            connector.grace.take(),
            connector.auto_delete.take(),
            connector.removal.take(),
            connector.coming.take(),
        ];
        tickets.into_iter().for_each(|ticket| self.calendar.cancel(ticket));
    }
}

/// The rule of the Horizontal Pod Autoscaler, connector by connector, in parts of 1/number of a hundredth of a percent.
fn kubernetes(target: i64, tolerance: i64, view: &View) -> Option<usize> {
    let mean = view.average?;
    if view.serving == 0 {
        return None;
    }
    let full = i128::from(target) * i128::from(mean.number);
    let mut used: Vec<i128> = vec![i128::from(mean.sum); view.serving];
    let ratio_at_first = i128::from(mean.sum) - full;
    if ratio_at_first < 0 {
        used.extend(vec![full; view.missing]);
    }
    if ratio_at_first > 0 {
        used.extend(vec![0; view.missing + view.not_ready]);
    }
    if ratio_at_first == 0 {
        used.extend(vec![0; view.missing]);
    }
    let (sum, whole) = (used.iter().sum::<i128>(), full * used.len() as i128);
    let turned = (sum - whole).signum() * ratio_at_first.signum() < 0;
    let near = 1_000_000 * (sum - whole).abs() <= i128::from(tolerance) * whole;
    if turned || near {
        return Some(view.current);
    }
    let wanted = view.current as i128 * sum;
    Some((wanted / whole + i128::from(wanted % whole > 0)) as usize)
}

/// Level, trend and season from the beginning to the newest load, told `ahead`.
fn holt_winters(loads: &[Option<f64>], season: usize, ahead: usize, constants: [f64; 3]) -> Option<f64> {
    let [alpha, beta, gamma] = constants;
    let first = loads.get(..season)?;
    let known: Vec<f64> = first.iter().flatten().copied().collect();
    if known.is_empty() {
        return None;
    }
    let mut level = known.iter().sum::<f64>() / known.len() as f64;
    let mut trend = 0.0;
    let mut seasonal: Vec<f64> = first.iter().map(|load| load.map_or(0.0, |load| load - level)).collect();
    for (index, load) in loads.iter().enumerate().skip(season) {
        if let Some(load) = load {
            let place = index % season;
            let smoothed = alpha * (load - seasonal[place]) + (1.0 - alpha) * (level + trend);
            trend = beta * (smoothed - level) + (1.0 - beta) * trend;
            seasonal[place] = gamma * (load - smoothed) + (1.0 - gamma) * seasonal[place];
            level = smoothed;
        }
    }
    let told = level + ahead as f64 * trend + seasonal[(loads.len() - 1 + ahead) % season];
    Some(if told > 0.0 { told } else { 0.0 })
}
