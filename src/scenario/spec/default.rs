//! The defaults, in one place. Where the model names one it is that; otherwise what is not said does not happen.
//!
//! `scenarios/reference.toml` shows every key with its default; a test holds it equal to these.

use crate::time::{DAY, HOUR, MINUTE, Span};

use super::*;

const fn duration(span: Span) -> Duration {
    Duration(span)
}

pub(in crate::scenario) fn start() -> String {
    "2026-01-05T00:00:00+00:00[UTC]".to_owned()
}

pub(super) fn horizon() -> Duration {
    duration(Span(365 * DAY.0))
}

pub(super) fn replications() -> u32 {
    20
}

pub(super) fn seed() -> u64 {
    1
}

pub(super) fn control_period() -> Duration {
    duration(Span(15 * MINUTE.0))
}

pub(super) fn tick() -> Duration {
    duration(Span(5 * MINUTE.0))
}

pub(super) fn one() -> u32 {
    1
}

pub(super) fn unity() -> f64 {
    1.0
}

pub(super) fn phi() -> f64 {
    0.95
}

pub(super) fn day() -> Duration {
    duration(DAY)
}

pub(super) fn time_zone() -> String {
    "UTC".to_owned()
}

pub(super) fn boot() -> Distribution {
    Distribution::Constant { value: DurationOrZero(Span(5 * MINUTE.0)) }
}

/// Step of a profile's values where none is given.
pub(in crate::scenario) const PROFILE_STEP: Duration = duration(HOUR);

/// The policy of a scenario that names none.
pub(in crate::scenario) const POLICY: &str = "vendor-default";

pub(super) fn policies() -> Named<Policy> {
    Named(vec![(POLICY.to_owned(), Policy::default())])
}

fn lognormal(mean: Span, cv: f64) -> Distribution {
    Distribution::Lognormal { mean: duration(mean), sigma: None, cv: Some(cv) }
}

pub(super) fn repair() -> Service {
    Service { after: Some(lognormal(Span(4 * HOUR.0), 1.0)), crew: None }
}

pub(super) fn replacement() -> Service {
    Service { after: Some(lognormal(DAY, 0.5)), crew: None }
}

/// An assumption: no public figures are known for operators of connectors.
pub(super) fn response() -> Distribution {
    lognormal(Span(30 * MINUTE.0), 1.0)
}

/// Assumptions, as above: a redeploy by the book takes four steps.
impl Default for Work {
    fn default() -> Self {
        let replace = Distribution::Constant { value: DurationOrZero(Span(90 * MINUTE.0)) };
        let minutes = |n: i64| Distribution::Constant { value: DurationOrZero(Span(n * MINUTE.0)) };
        let (key, confirmation, order) = (minutes(5), minutes(5), minutes(30));
        Work { repair: None, replace, update_repair: lognormal(HOUR, 1.0), key, confirmation, order }
    }
}

impl Default for WorkingHours {
    fn default() -> Self {
        WorkingHours {
            days: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
            from: "08:00".to_owned(),
            to: "17:00".to_owned(),
            time_zone: time_zone(),
            holidays: Vec::new(),
        }
    }
}

/// Assumptions: a level that forgets in a few hours, no trend within a day, a season that forgets in a few weeks.
impl Default for Smoothing {
    fn default() -> Self {
        Smoothing { level: 0.05, trend: 0.0, season: 0.3 }
    }
}

/// Drain and watch are assumptions.
impl Default for Provisioning {
    fn default() -> Self {
        let quarter = DurationOrZero(Span(15 * MINUTE.0));
        Provisioning {
            key_lifetime: duration(Span(14 * DAY.0)),
            key_age: DurationOrZero(Span::ZERO),
            key_regeneration: None,
            order: None,
            confirmation: None,
            drain: quarter,
            watch: quarter,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            upgrade: Upgrade::default(),
            scaling: Scaling::default(),
            repair: repair(),
            replacement: replacement(),
            redeploy: Redeploy::default(),
        }
    }
}

impl Default for Upgrade {
    fn default() -> Self {
        Upgrade {
            preset: UpgradePreset::VendorDefault,
            attempts: 5,
            backoff: Backoff::default(),
            retry_order: RetryOrder::Same,
            absent_member: AbsentMember::IsSkipped,
            budget_counts: BudgetCounts::Voluntary,
            max_unavailable: Amount::Count(1),
            max_surge: Amount::Count(0),
            order: UpdateOrder::Slot,
            on_failure: OnFailure::Halt,
            wait: DurationOrZero(Span::ZERO),
            urgent_track: true,
            behind: 0,
            days: Vec::new(),
            from: TimeOfDay(Span::ZERO),
            length: duration(DAY),
            must_end: true,
            windows: Vec::new(),
            force_after: None,
            freeze: Vec::new(),
            capacity_gate: None,
            rings: Vec::new(),
            bake: DurationOrZero(Span::ZERO),
            done_share: 0.95,
            gate: None,
            rate_limit: None,
            detection_delay: DurationOrZero(Span(8 * MINUTE.0)),
            max_groups_at_once: None,
        }
    }
}

/// Assumptions: no vendor publishes the limits of its own gates.
impl Default for ReleaseGate {
    fn default() -> Self {
        ReleaseGate { failed_share: 0.1, disconnected_share: 0.1, at_least: 2, on_breach: OnBreach::Hold }
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff { first: duration(HOUR), factor: 2.0, max: duration(DAY) }
    }
}

impl Default for Validation {
    fn default() -> Self {
        Validation {
            period: duration(Span(35 * DAY.0)),
            phase: None,
            expiry: ExpiryKind::AtRenewal,
            grace: None,
            region_outage_expires: true,
            auto_delete_after: None,
        }
    }
}

impl Default for BadRelease {
    fn default() -> Self {
        BadRelease {
            probability: 0.0,
            failure_multiplier: 1.0,
            cpu_multiplier: 1.0,
            update_failure_multiplier: 1.0,
        }
    }
}

impl Default for Updates {
    fn default() -> Self {
        let minutes = |minutes| DurationOrZero(Span(minutes * MINUTE.0));
        let limit = duration(Span(15 * MINUTE.0));
        Updates {
            duration: Distribution::Triangular { min: minutes(4), mode: minutes(8), max: limit },
            limit,
            transient_failure: 0.0,
            persistent_failure: 0.0,
            serve_while_updating: false,
            update_drops_sessions: false,
        }
    }
}

impl Default for Overload {
    fn default() -> Self {
        Overload {
            threshold_percent: 70.0,
            averaging: DurationOrZero(Span(15 * MINUTE.0)),
            absent_in_average: AbsentInAverage::LeftOut,
        }
    }
}

impl Default for Recorded {
    fn default() -> Self {
        Recorded { replications: ReplicationSelection::These(vec![0]), groups: GroupSelection::All }
    }
}

impl Default for CpuLoad {
    fn default() -> Self {
        CpuLoad {
            replications: ReplicationSelection::These(vec![0]),
            groups: GroupSelection::Busiest(10),
            bucket: Bucket::Hour,
        }
    }
}

impl Default for Outputs {
    fn default() -> Self {
        Outputs {
            transitions: Recorded::default(),
            group_status: Recorded::default(),
            cpu_load: CpuLoad::default(),
            overview_every: duration(HOUR),
            key_metric: KeyMetric::UserMinutesLost,
        }
    }
}

impl Default for Estimates {
    fn default() -> Self {
        Estimates {
            confidence: 0.95,
            precision: None,
            max_replications: 1_000,
            margins: Named::default(),
            objective: 0.999,
        }
    }
}
