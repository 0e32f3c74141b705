//! An auditor: watches a group and checks what it is told against the rules, knowing nothing of the engine's state.
//!
//! It sees only what every observer sees. From the rows of slots it derives what the group's row must say; from the
//! happenings it follows updates; from the spans it checks that time adds up. What breaks a rule is kept as text with
//! the time, the group and the slot, [`MOST`] of them.

mod legal;

use crate::environment::{Deed, Expiry};
use crate::fleet::{Axes, Cause, Group, GroupStatus, SlotSet, Status};
use crate::simulation::observer::{GroupDisplay, Happening, Observer, SlotDisplay, Standing};
use crate::simulation::{Model, Ticks};
use crate::time::Time;

/// How many violations are kept.
pub const MOST: usize = 50;

/// Checks one group under one policy through one replication.
#[derive(Clone, Debug)]
pub struct Auditor<'m> {
    rules: Rules<'m>,
    violations: Vec<String>,
    /// The last instant that anything was told of.
    now: Time,
    /// The slot of the last row in this instant.
    last_slot: Option<usize>,
    slots: Vec<Option<SlotDisplay>>,
    group: Option<GroupDisplay>,
    ever_in_service: bool,
    newest_release: u16,
    /// Whether that is one to which the group went back.
    rolled_back: bool,
    /// The newest release when the connector of a slot enrolled: a control period of that instant may bring another.
    enrolled_on: Vec<u16>,
    /// When the connector of a slot last went back to an earlier release: another may begin in that instant.
    returned: Vec<Option<Time>>,
    /// Running updates: slot and start.
    running: Vec<(usize, Time)>,
    /// Administrative actions taken so far, and where they have left the group.
    acted: usize,
    group_disabled: bool,
    disabled: SlotSet,
    /// Slots whose connector was revoked and is still there.
    revoked: SlotSet,
    /// Where the last span ended.
    covered: Time,
    /// Milliseconds by slot and status, from rows, since when, and from spans.
    since: Vec<Time>,
    by_rows: Vec<[i64; 8]>,
    by_spans: Vec<[i64; 8]>,
}

/// What the auditor knows of the model.
#[derive(Clone, Copy, Debug)]
struct Rules<'m> {
    model: &'m Model,
    group: &'m Group,
    index: usize,
    most_updating: usize,
    moves: legal::Moves,
}

impl<'m> Rules<'m> {
    fn of(model: &'m Model, policy: usize, index: usize) -> Rules<'m> {
        let group = &model.fleet.groups[index];
        let budget = model.policies[policy].upgrade.budget;
        let scales = model.policies[policy].scaling.dynamic().is_some();
        let moves = legal::Moves { scales, acts: !model.environment.actions.is_empty() };
        Rules { model, group, index, most_updating: budget.max_unavailable(group.slots.len()), moves }
    }

    /// Whether a connector may have expired by `at`.
    fn may_have_expired(&self, at: Time) -> bool {
        match self.model.environment.validation.expiry {
            Expiry::AtRenewal => true,
            Expiry::Grace(grace) => Time::ZERO + grace <= at,
        }
    }

    fn newest_image(&self, at: Time) -> u16 {
        self.model.environment.images.iter().filter(|image| image.published <= at).count() as u16
    }

    fn vulnerable(&self, image: u16, at: Time) -> bool {
        let newer = self.model.environment.images.iter().skip(usize::from(image));
        newer.take_while(|newer| newer.published <= at).any(|newer| newer.fixes_vulnerability)
    }

    fn is_tick(&self, at: Time) -> bool {
        let Ticks { first, length } = self.model.ticks;
        at >= first && (at - first).0 % length.0 == 0
    }
}

impl<'m> Auditor<'m> {
    /// An auditor of the group with this index under the policy with this index.
    pub fn new(model: &'m Model, policy: usize, group: usize) -> Auditor<'m> {
        let configured = &model.fleet.groups[group];
        let slots = configured.slots.len();
        Auditor {
            rules: Rules::of(model, policy, group),
            violations: Vec::new(),
            now: Time::ZERO,
            last_slot: None,
            slots: displays_before(configured),
            group: None,
            ever_in_service: configured.slots.iter().any(|slot| !slot.empty && !slot.spare),
            newest_release: 0,
            rolled_back: false,
            enrolled_on: vec![0; slots],
            returned: vec![None; slots],
            running: Vec::new(),
            acted: 0,
            group_disabled: configured.disabled,
            disabled: (0..slots).filter(|&slot| configured.slots[slot].disabled).collect(),
            revoked: SlotSet::EMPTY,
            covered: Time::ZERO,
            since: vec![Time::ZERO; slots],
            by_rows: vec![[0; 8]; slots],
            by_spans: vec![[0; 8]; slots],
        }
    }

    /// What broke a rule, in order of time.
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    fn require(&mut self, kept: bool, at: Time, slot: Option<usize>, rule: impl FnOnce() -> String) {
        if !kept && self.violations.len() < MOST {
            let place = match slot {
                Some(slot) => format!("{}/{slot}", self.rules.group.name),
                None => self.rules.group.name.clone(),
            };
            self.violations.push(format!("{} s, {place}: {}", at.as_seconds(), rule()));
        }
    }

    /// Something is told of `at`: whatever stood at the end of the instant before must fit together.
    fn come_to(&mut self, at: Time) {
        let last = self.now;
        self.require(at >= last, at, None, || format!("time ran back from {} s", last.as_seconds()));
        if at > last {
            self.check_instant();
            self.now = at;
            self.last_slot = None;
        }
        self.follow_actions();
    }

    /// What administrators have done by now, from the scenario.
    fn follow_actions(&mut self) {
        let Rules { model, index, .. } = self.rules;
        let due = model.environment.actions[self.acted..].iter().take_while(|action| action.at <= self.now);
        for action in due {
            self.acted += 1;
            let cover = action.place.covers(&model.fleet, index);
            match action.deed {
                _ if cover.is_empty() => {}
                Deed::Disable if action.is_of_groups() => self.group_disabled = true,
                Deed::Enable if action.is_of_groups() => self.group_disabled = false,
                Deed::Disable => self.disabled |= cover,
                Deed::Enable => self.disabled = self.disabled - cover,
                _ => {}
            }
        }
    }

    /// The group's row against its slots' rows, at the end of an instant.
    fn check_instant(&mut self) {
        let at = self.now;
        let missing = self.slots.iter().any(Option::is_none);
        self.require(!missing, at, None, || "a slot has no row at 0".into());
        let Some(group) = self.group else {
            return self.require(false, at, None, || "the group has no row at 0".into());
        };
        let expected = self.group_status();
        let shown = match group.status {
            GroupStatus::Overloaded => GroupStatus::Connected,
            status => status,
        };
        self.require(shown == expected, at, None, || {
            format!("it is displayed as {} and its connectors say {}", group.status.word(), expected.word())
        });
        let disconnected = group.status == GroupStatus::Disconnected;
        self.require(disconnected != (group.cause == Cause::None), at, None, || {
            format!("{} has the cause {:?}", group.status.word(), group.cause)
        });
        let vulnerable = self.displays().any(|display| {
            (in_service(display.status) || matches!(display.status, Status::Announced | Status::Expired))
                && self.rules.vulnerable(display.image, at)
        });
        self.require(group.icon.image_vulnerable == vulnerable, at, None, || {
            format!("its icon should {}say image_vulnerable", if vulnerable { "" } else { "not " })
        });
        self.check_updating();
    }

    fn check_updating(&mut self) {
        let (at, most) = (self.now, self.rules.most_updating);
        let updating = self.displays().filter(|display| display.status == Status::Updating).count();
        let running = self.running.len();
        self.require(updating.max(running) <= most, at, None, || {
            format!("{updating} connectors are updating, {running} updates run, and the budget is {most}")
        });
        for slot in 0..self.slots.len() {
            let shown = self.slots[slot].is_some_and(|display| display.status == Status::Updating);
            let runs = self.running.iter().any(|&(of, _)| of == slot);
            self.require(!shown || runs, at, Some(slot), || {
                "it is displayed as Updating with no update".into()
            });
        }
    }

    fn displays(&self) -> impl Iterator<Item = SlotDisplay> {
        self.slots.iter().copied().flatten()
    }

    fn serves(&self, display: SlotDisplay) -> bool {
        match display.status {
            Status::Connected => true,
            Status::Updating => self.rules.model.environment.updates.serve_while_updating,
            _ => false,
        }
    }

    /// The group's status by its connectors; `Connected` stands for `Overloaded` as well.
    fn group_status(&self) -> GroupStatus {
        let in_service = |slot: &usize| {
            !self.revoked.contains(*slot)
                && self.slots[*slot].is_some_and(|display| in_service(display.status))
        };
        let connectors = (0..self.slots.len()).filter(in_service);
        let mut connectors = connectors.filter_map(|slot| self.slots[slot]).peekable();
        let some = connectors.peek().is_some();
        let all_disabled = some && connectors.all(|display| display.status == Status::Disabled);
        if self.group_disabled || all_disabled {
            GroupStatus::Disabled
        } else if self.rules.group.resources == 0 || !self.ever_in_service {
            GroupStatus::Unestablished
        } else if !self.displays().any(|display| self.serves(display)) {
            GroupStatus::Disconnected
        } else {
            GroupStatus::Connected
        }
    }

    fn check_row(&mut self, at: Time, slot: usize, from: Option<SlotDisplay>, to: SlotDisplay) {
        let told = |display: SlotDisplay| (display.status, display.agent, display.image);
        let before = self.slots[slot];
        self.require(from.map(told) == before.map(told), at, Some(slot), || {
            format!("the row says it was {from:?} and the row before {before:?}")
        });
        self.require(before.map(told) != Some(told(to)), at, Some(slot), || "a row without a change".into());
        let Some(before) = before else {
            return self.require(at == Time::ZERO, at, Some(slot), || "its first row is not at 0".into());
        };
        self.require(legal::transition(before, to, self.rules.moves), at, Some(slot), || {
            format!("{} cannot become {}", before.status.word(), to.status.word())
        });
        self.require(self.rules.may_have_expired(at) || to.status != Status::Expired, at, Some(slot), || {
            "it expired before any grace was over".into()
        });
        let goes_back =
            self.rolled_back && to.agent == self.newest_release || self.returned[slot] == Some(at);
        let backwards = to.agent < before.agent && !goes_back || to.image < before.image;
        self.require(!backwards, at, Some(slot), || format!("versions went back: {before:?} → {to:?}"));
        if self.revoked.contains(slot) {
            return;
        }
        if before.status == Status::Deploying && (in_service(to.status) || to.status == Status::Announced) {
            // Who is announced takes every release at once.
            let is_announced = to.status == Status::Announced;
            let release = if is_announced { self.newest_release } else { self.enrolled_on[slot] };
            let newest = (release, self.rules.newest_image(at));
            self.require((to.agent, to.image) == newest, at, Some(slot), || {
                format!("it came into service on {:?}, the newest are {newest:?}", (to.agent, to.image))
            });
        }
    }

    fn check_display(&mut self, at: Time, slot: usize, to: SlotDisplay) {
        self.require(legal::cause(to), at, Some(slot), || {
            format!("{} has the cause {:?}", to.status.word(), to.cause)
        });
        let disabled = self.group_disabled || self.disabled.contains(slot);
        let as_disabled = to.status == Status::Disabled;
        let kept = !in_service(to.status) || self.rules.moves.scales || disabled == as_disabled;
        self.require(kept, at, Some(slot), || {
            format!(
                "it is displayed as {} and is {}disabled",
                to.status.word(),
                if disabled { "" } else { "not " }
            )
        });
    }

    /// Slots by displayed status; those that are not configured have no connector.
    fn by_status(&self, axes: &Axes) -> [SlotSet; 8] {
        let mut sets = axes.by_status();
        sets[Status::Deleted as usize] |= self.rules.group.all() - axes.configured;
        sets
    }

    fn check_standing(&mut self, at: Time, standing: &Standing<'_>) {
        for (status, told) in Status::ALL.into_iter().zip(self.by_status(standing.axes)) {
            let seen: SlotSet = (0..self.slots.len())
                .filter(|&slot| self.slots[slot].is_some_and(|display| display.status == status))
                .collect();
            self.require(told == seen, at, None, || {
                format!("the span has {told:?} as {} and the rows {seen:?}", status.word())
            });
        }
        let serving: SlotSet = (0..self.slots.len())
            .filter(|&slot| self.slots[slot].is_some_and(|display| self.serves(display)))
            .collect();
        self.require(standing.serving == serving, at, None, || {
            format!("the span has {:?} serving and the rows {serving:?}", standing.serving)
        });
        let displayed = self.group;
        self.require(Some(standing.display) == displayed, at, None, || {
            format!("the span displays {:?} and the row {displayed:?}", standing.display)
        });
    }

    fn end_update(&mut self, at: Time, slot: usize) {
        let limit = self.rules.model.environment.updates.limit;
        let ended = self.running.iter().position(|&(of, _)| of == slot);
        self.require(ended.is_some(), at, Some(slot), || "an update ended that did not run".into());
        if let Some(index) = ended {
            let (_, start) = self.running.remove(index);
            self.require(at - start <= limit, at, Some(slot), || format!("its update lasted {}", at - start));
        }
    }
}

/// What is displayed of the slots of a group before the start: nothing of those that are configured.
fn displays_before(group: &Group) -> Vec<Option<SlotDisplay>> {
    let none = SlotDisplay { status: Status::Deleted, cause: Cause::Deleted, agent: 0, image: 0 };
    group.slots.iter().map(|slot| slot.spare.then_some(none)).collect()
}

fn in_service(status: Status) -> bool {
    matches!(status, Status::Disabled | Status::Updating | Status::Disconnected | Status::Connected)
}

impl Observer for Auditor<'_> {
    fn slot(&mut self, at: Time, slot: usize, from: Option<SlotDisplay>, to: SlotDisplay) {
        self.come_to(at);
        let horizon = self.rules.model.horizon;
        self.require(at < horizon, at, Some(slot), || "a row at or after the horizon".into());
        let last = self.last_slot.replace(slot);
        self.require(last.is_none_or(|last| last < slot), at, Some(slot), || {
            format!("its row comes after that of slot {last:?} of the same instant")
        });
        self.check_row(at, slot, from, to);
        self.check_display(at, slot, to);
        if let Some(before) = self.slots[slot] {
            self.by_rows[slot][before.status as usize] += (at - self.since[slot]).0;
        }
        self.since[slot] = at;
        self.slots[slot] = Some(to);
        if matches!(to.status, Status::Deploying | Status::Deleted) {
            self.revoked.remove(slot);
        }
        self.ever_in_service |= in_service(to.status) && !self.revoked.contains(slot);
    }

    fn group(&mut self, at: Time, from: Option<GroupDisplay>, to: GroupDisplay) {
        self.come_to(at);
        let before = self.group.replace(to);
        self.require(from == before, at, None, || {
            format!("the row says {from:?}, the row before {before:?}")
        });
        self.require(before != Some(to), at, None, || "a row of the group without a change".into());
        let tick = self.rules.is_tick(at);
        let Some(before) = before else {
            return self.require(at == Time::ZERO, at, None, || "the group's first row is not at 0".into());
        };
        self.require(tick || before.warning == to.warning, at, None, || {
            "a warning changed between ticks".into()
        });
        let load = [GroupStatus::Overloaded, GroupStatus::Connected];
        let reloaded =
            load.contains(&before.status) && load.contains(&to.status) && before.status != to.status;
        self.require(tick || !reloaded, at, None, || "an overload changed between ticks".into());
    }

    fn span(&mut self, from: Time, to: Time, standing: &Standing<'_>) {
        self.come_to(from);
        let covered = self.covered;
        self.require(from == covered, from, None, || {
            format!("a span begins here and the last one ended at {} s", covered.as_seconds())
        });
        self.require(to > from, from, None, || "a span lasts no time".into());
        self.covered = to;
        self.check_standing(from, standing);
        for (status, slots) in Status::ALL.into_iter().zip(self.by_status(standing.axes)) {
            for slot in slots.iter() {
                self.by_spans[slot][status as usize] += (to - from).0;
            }
        }
    }

    fn happened(&mut self, at: Time, what: Happening) {
        self.come_to(at);
        match what {
            Happening::RolloutBegan { release, .. } => {
                (self.newest_release, self.rolled_back) = (release as u16, false);
            }
            Happening::Revoked { slot } => self.revoked.insert(slot),
            Happening::Replaced { slot } | Happening::Added { slot } => {
                self.enrolled_on[slot] = self.newest_release;
            }
            Happening::RolledBack { to, .. } => (self.newest_release, self.rolled_back) = (to as u16, true),
            Happening::UpdateStarted { slot, .. } => {
                let already = self.running.iter().any(|&(of, _)| of == slot);
                self.require(!already, at, Some(slot), || "an update started while another ran".into());
                self.running.push((slot, at));
            }
            Happening::Returned { slot, .. } => {
                self.returned[slot] = Some(at);
                self.end_update(at, slot);
            }
            Happening::UpdateSucceeded { slot, .. }
            | Happening::UpdateFailed { slot, .. }
            | Happening::UpdateAborted { slot, .. } => self.end_update(at, slot),
            _ => {}
        }
    }

    fn finish(&mut self, at: Time, _events: u64) {
        self.come_to(at);
        let (horizon, covered) = (self.rules.model.horizon, self.covered);
        self.require(at == horizon, at, None, || "the run does not end at the horizon".into());
        self.require(covered == horizon, at, None, || format!("the spans end at {} s", covered.as_seconds()));
        for slot in 0..self.slots.len() {
            if let Some(last) = self.slots[slot] {
                self.by_rows[slot][last.status as usize] += (at - self.since[slot]).0;
            }
            let (by_rows, by_spans) = (self.by_rows[slot], self.by_spans[slot]);
            let whole = by_rows.iter().sum::<i64>() == horizon.since_start().0;
            self.require(whole, at, Some(slot), || "its statuses do not fill the run".into());
            self.require(by_rows == by_spans, at, Some(slot), || {
                format!("times in each status differ: {by_rows:?} by rows, {by_spans:?} by spans")
            });
        }
    }
}
