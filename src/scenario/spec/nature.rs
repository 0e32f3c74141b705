//! `[failures.*]`, `[validation]`, `[releases]`, `[updates]` and `[images]`: what happens whatever anyone decides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Distribution, Duration, Selector, default};

/// How the random failure processes begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Initial {
    /// Up or down with the long-run probability, with a residual life.
    #[default]
    Equilibrium,
    /// All up, with new clocks.
    Fresh,
}

/// A failure class: an alternating renewal process at each place of its scope, scheduled outages, or both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// What one outage covers.
    #[serde(default)]
    pub scope: FailureScope,
    /// From a restore to the next failure. Without it there are only scheduled outages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to_failure: Option<Distribution>,
    /// From a failure to its restore; the work of the operator where one is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to_restore: Option<Distribution>,
    /// Share of the outages that an operator must repair; only for the scope `connector`.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub needs_operator: f64,
    /// Label of the cause in result files; default the name of the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Where the random process runs; default everywhere.
    #[serde(rename = "where", default)]
    pub place: Selector,
    /// Scheduled outages.
    #[serde(default)]
    pub schedule: Vec<Outage>,
}

/// What one outage of a class covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureScope {
    /// One connector.
    #[default]
    Connector,
    /// A fault domain of a site.
    Domain,
    /// A site.
    Site,
    /// A region.
    Region,
    /// Everything.
    Fleet,
}

/// A scheduled outage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// When it begins.
    pub at: String,
    /// How long it lasts.
    #[serde(rename = "for")]
    pub length: Duration,
    /// It comes again after every so long until the end of the run, for instance `"4w"` for planned maintenance; default
    /// once. Whole days keep the time of day in the zone of `start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Duration>,
    /// Where; each place of the class's scope in it is struck by an outage of its own. Default everywhere.
    #[serde(rename = "where", default)]
    pub place: Selector,
}

/// Renewal of the connectors' validation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Validation {
    /// From one renewal to the next.
    pub period: Duration,
    /// First renewal of the connectors that exist at the start; default uniform on (0, period].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Distribution>,
    /// When a disconnected connector expires.
    pub expiry: ExpiryKind,
    /// With `expiry = "grace"`: how long without a break its link must be down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace: Option<Duration>,
    /// Whether outages of region scope alone can expire a connector.
    pub region_outage_expires: bool,
    /// How long after its expiry a connector that was not replaced is deleted; default never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_delete_after: Option<Duration>,
}

/// When a disconnected connector expires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryKind {
    /// At a renewal that finds its link down.
    #[default]
    AtRenewal,
    /// After its link has been down for `grace` without a break.
    Grace,
}

/// Releases of the agent software: `dates`, or a renewal process `every` with hotfixes; default none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Releases {
    /// Dates of publication, in order. They count from 1.
    pub dates: Vec<ReleaseEntry>,
    /// From one release to the next, instead of dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Distribution>,
    /// Hotfixes, with `every`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hotfix: Option<Hotfix>,
    /// What a bad release does, and how often one is bad.
    pub bad: BadRelease,
    /// Scheduled failures of updates.
    pub fails: Vec<UpdateFailure>,
}

/// A date, or a date that says whether the release is bad.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum ReleaseEntry {
    /// A date; whether the release is bad is drawn.
    At(String),
    /// A date with more.
    Full(ReleaseDate),
}

/// A release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseDate {
    /// When it is published.
    pub at: String,
    /// Whether it is bad; drawn if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad: Option<bool>,
    /// Whether it is urgent: its rollout begins at once and skips windows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
}

/// Releases that mend the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hotfix {
    /// Probability that a release is followed by one.
    #[schemars(range(min = 0, max = 1))]
    pub probability: f64,
    /// From the release to its hotfix.
    pub after: Duration,
    /// Whether hotfixes are urgent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
}

/// What a bad release does, and how often one is bad.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BadRelease {
    /// Probability that a release is bad.
    #[schemars(range(min = 0, max = 1))]
    pub probability: f64,
    /// Connectors on it fail so many times as often.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 1e6))]
    pub failure_multiplier: f64,
    /// The capacity of connectors on it is divided by this.
    #[schemars(range(min = 1, max = 1e6))]
    pub cpu_multiplier: f64,
    /// The probability that an update to it fails is multiplied by this, up to 1.
    #[schemars(range(min = 0, max = 1e6))]
    pub update_failure_multiplier: f64,
}

/// The first attempts to update a connector to a release fail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateFailure {
    /// The release, counted from 1.
    #[schemars(range(min = 1))]
    pub release: u32,
    /// The connector, `"fra-app-007/1"`.
    pub connector: String,
    /// How many attempts fail.
    #[serde(default = "default::one")]
    #[schemars(range(min = 1))]
    pub attempts: u32,
}

/// How an update of the agent goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Updates {
    /// Duration of an attempt.
    pub duration: Distribution,
    /// Longer attempts are cut to this.
    pub limit: Duration,
    /// Probability that an attempt fails, drawn anew for each.
    #[schemars(range(min = 0, max = 1))]
    pub transient_failure: f64,
    /// Probability that all attempts of a connector and release fail until an operator has repaired it.
    #[schemars(range(min = 0, max = 1))]
    pub persistent_failure: f64,
    /// Whether a connector serves while it is updated.
    pub serve_while_updating: bool,
    /// Whether the start of an update drops the sessions that the connector carries.
    pub update_drops_sessions: bool,
}

/// Versions of the base operating system; default none after the first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Images {
    /// Dates of publication, in order.
    pub dates: Vec<Image>,
}

/// A date, or a date that says what the image fixes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum Image {
    /// A date of a routine image.
    At(String),
    /// A date with more.
    Full(ImageDate),
}

/// An image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageDate {
    /// When it is published.
    pub at: String,
    /// Whether it fixes a published vulnerability of the earlier ones.
    #[serde(default)]
    pub fixes_vulnerability: bool,
}
