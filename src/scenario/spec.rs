//! What a scenario file can say: one type per table, one documented field per key.
//!
//! These types are the single source of truth for the keys, their kinds, bounds and defaults: the JSON Schema is
//! derived from them, files are checked against that schema (`schema`) and then read into them, and
//! `explain` writes them out again with every default filled in. What a key means is the business of
//! `compile`.

pub mod action;
pub mod control;
pub mod default;
pub mod demand;
pub mod distribution;
pub mod duration;
pub mod fleet;
pub mod named;
pub mod nature;
pub mod operators;
pub mod output;
pub mod provisioning;
pub mod rings;
pub mod scaling;
pub mod week;

pub use action::{Action, Deed};
pub use control::{
    AbsentMember, Amount, Backoff, BudgetCounts, CapacityGate, Freeze, OnFailure, Policy, Redeploy,
    RedeployKind, RetryOrder, UpdateOrder, Upgrade, UpgradePreset, Window,
};
pub use demand::{Demand, DemandEvent, Noise, Profile, ProfilePreset, Sine, Trace};
pub use distribution::Distribution;
pub use duration::{Duration, DurationOrZero};
pub use fleet::{Fleet, Group, Instance, OneOrMore, Placement, Region, Selector, Site};
pub use named::Named;
pub use nature::{
    BadRelease, ExpiryKind, Failure, FailureScope, Hotfix, Image, ImageDate, Images, Initial, Outage,
    ReleaseDate, ReleaseEntry, Releases, UpdateFailure, Updates, Validation,
};
pub use operators::{Operators, Service, TaskOrder, Work, WorkingHours};
pub use output::{
    Bucket, CpuLoad, Estimates, GroupSelection, KeyMetric, Outputs, Recorded, ReplicationSelection,
};

pub use provisioning::Provisioning;
pub use rings::{OnBreach, RateLimit, ReleaseGate, Ring};
pub use scaling::{ForecastKind, Scaling, ScalingKind, ScheduledNumber, Smoothing};
pub use week::{TimeOfDay, Weekday};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A fleet of network connectors, what happens to it, and the policies to try on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name of the scenario; results go to `results/<name>/` by default.
    pub name: String,
    /// One or more sentences about the scenario.
    #[serde(default)]
    pub description: String,
    /// Local time of the start with its offset and zone, `2026-01-05T00:00:00+01:00[Europe/Berlin]`. Dates without an
    /// offset are in this zone.
    #[serde(default = "default::start")]
    pub start: String,
    /// Length of the run: it covers [0, horizon). At most 100 years.
    #[serde(default = "default::horizon")]
    pub horizon: Duration,
    /// Whether the run is about its own time, or about the long run.
    #[serde(default)]
    pub study: StudyKind,
    /// The first part of the run, shorter than it: simulated, and not counted in any metric.
    #[serde(default)]
    pub warm_up: DurationOrZero,
    /// In place of `warm_up`, in a steady-state study: what works out how much of the beginning is not counted.
    #[serde(default)]
    pub truncate: Truncate,
    /// How many replications are simulated, each with luck of its own.
    #[serde(default = "default::replications")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub replications: u32,
    /// Seed of all random streams.
    #[serde(default = "default::seed")]
    #[schemars(range(min = 0, max = 9_223_372_036_854_775_807_u64))]
    pub seed: u64,
    /// Decisions across groups are taken at multiples of this; at least 1 s.
    #[serde(default = "default::control_period")]
    pub control_period: Duration,
    /// Demand changes and CPU is sampled at this step; at least 1 s.
    #[serde(default = "default::tick")]
    pub tick: Duration,
    /// Time of the first tick.
    #[serde(default)]
    pub first_tick: DurationOrZero,
    /// How the random failure processes begin.
    #[serde(default)]
    pub initial: Initial,
    /// What connectors run on, by name.
    #[serde(default)]
    pub instances: Named<Instance>,
    /// Regions, sites and connector groups.
    #[serde(default)]
    pub fleet: Fleet,
    /// Demand that groups refer to, by name.
    #[serde(default)]
    pub demand: Named<Demand>,
    /// Failure classes by name; their order is that of simultaneous events.
    #[serde(default)]
    pub failures: Named<Failure>,
    /// Renewal of the connectors' validation.
    #[serde(default)]
    pub validation: Validation,
    /// Releases of the agent software.
    #[serde(default)]
    pub releases: Releases,
    /// How an update of the agent goes.
    #[serde(default)]
    pub updates: Updates,
    /// Versions of the base operating system.
    #[serde(default)]
    pub images: Images,
    /// How connectors come and go.
    #[serde(default)]
    pub provisioning: Provisioning,
    /// What administrators do on dates, whatever the policy.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Crews of operators that policies call, by name.
    #[serde(default)]
    pub operators: Named<Operators>,
    /// When a group is overloaded.
    #[serde(default)]
    pub overload: Overload,
    /// What is charged beside the hours of machines.
    #[serde(default)]
    pub prices: Prices,
    /// Policies to compare, by name; the first is the baseline. None: one named `vendor-default`, with all defaults.
    #[serde(default = "default::policies")]
    pub policies: Named<Policy>,
    /// What result files record.
    #[serde(default)]
    pub outputs: Outputs,
    /// How results are estimated and judged.
    #[serde(default)]
    pub estimates: Estimates,
}

/// Whether the run is about its own time, or about the long run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StudyKind {
    /// It begins and ends for a reason: this year, this rollout. Anything may be in it.
    #[default]
    Terminating,
    /// Its length has no meaning: it stands for the long run. It starts in equilibrium; growth, dates, outages that come
    /// once and traces that end are refused; what is left of a transient is looked for by MSER-5 and told.
    SteadyState,
}

/// What works out how much of the beginning of a steady-state study is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Truncate {
    /// Nothing: it is said what MSER-5 would leave out, and everything counts.
    #[default]
    Never,
    /// MSER-5, from the first ten replications (or all, where there are fewer): the same part of every replication and policy
    /// is not counted, at most half of the run.
    #[serde(rename = "mser-5")]
    Mser5,
}

/// Prices beside the `cost_per_hour` of machines, in the same currency; 0: not priced.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Prices {
    /// Of an hour that a member of a crew works.
    #[schemars(range(min = 0, max = 1e9))]
    pub operator_hour: f64,
    /// Of a minute in which an active user is without service.
    #[schemars(range(min = 0, max = 1e9))]
    pub lost_user_minute: f64,
}

/// When a group is overloaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Overload {
    /// The running average CPU above which a group is `Overloaded`, in percent of its capacity.
    #[schemars(range(min = 0, max = 100))]
    pub threshold_percent: f64,
    /// Length of the running average; "0s" is the tick's own value. At most a day.
    pub averaging: DurationOrZero,
    /// What a connector that does not serve adds to the mean over its group.
    pub absent_in_average: AbsentInAverage,
}

/// What a connector that does not serve adds to the mean over its group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AbsentInAverage {
    /// Nothing: the mean is over those serving.
    #[default]
    LeftOut,
    /// A zero.
    AsZero,
}
