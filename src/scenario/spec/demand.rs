//! `[demand.*]`: the traffic that users offer to a group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, DurationOrZero, Selector, default};

/// Demand of a group in Mbps: users × Mbps per user × profile × growth × noise × events, or a trace in place of
/// users × Mbps per user × profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// Users of each group; required without a `trace`, refused with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1e9))]
    pub users: Option<f64>,
    /// Traffic of one active user, in Mbps. With a trace it only turns Mbps into users.
    #[serde(default = "default::unity")]
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 1e6))]
    pub mbps_per_user: f64,
    /// Factor over the week in the site's local time; none is a constant 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Growth in 365 days: 0.2 is 20 %. Above −1.
    #[serde(default)]
    #[schemars(extend("exclusiveMinimum" = -1), range(max = 1e3))]
    pub growth_per_year: f64,
    /// Random variation, none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
    /// Special events; where several cover an instant their factors multiply.
    #[serde(default)]
    pub events: Vec<DemandEvent>,
    /// Measured traffic to replay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
}

/// Factor over the week in local time; exactly one of `preset`, `values` and `sine`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// A profile that comes with the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<ProfilePreset>,
    /// Factors from Monday 00:00 local time on, each for one `step`, repeated over the week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<f64>>,
    /// Length of a step of `values`; divides a week. Default "1h".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Duration>,
    /// 1 + amplitude × sin(2π(t/period + phase)), t from the start of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sine: Option<Sine>,
}

/// A profile that comes with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProfilePreset {
    /// Always 1.
    Flat,
    /// Remote work: the mean day drawn between the published peak (1.54 times the mean at 17 h) and trough (0.32 at
    /// 1 h) of VPN traffic; working days 1.2 times, weekends 0.5 times, an assumption.
    OfficeWeek,
    /// Measured: traffic of the UK academic backbone by the hour of the week before the Christmas of 2004. Cortez,
    /// Rio, Rocha and Sousa, "Multi-scale Internet traffic forecasting using neural networks and time series methods",
    /// Expert Systems 29 (2012).
    HourOfWeek,
}

/// 1 + amplitude × sin(2π(t/period + phase)), t from the start of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sine {
    /// From 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    pub amplitude: f64,
    /// Length of a period.
    #[serde(default = "default::day")]
    pub period: Duration,
    /// Share of a period by which it is ahead.
    #[serde(default)]
    pub phase: f64,
}

/// exp(x − σ²/2) with x a stationary AR(1), one step per tick and group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// Standard deviation of x.
    #[schemars(range(min = 0, max = 5))]
    pub sigma: f64,
    /// Coefficient per tick, between −1 and 1.
    #[serde(default = "default::phi")]
    #[schemars(extend("exclusiveMinimum" = -1, "exclusiveMaximum" = 1))]
    pub phi: f64,
}

/// A time of more or less demand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DemandEvent {
    /// When it begins.
    pub at: String,
    /// How long it lasts.
    #[serde(rename = "for")]
    pub length: Duration,
    /// Demand is multiplied by this.
    #[schemars(range(min = 0, max = 1e6))]
    pub factor: f64,
    /// Which groups: `region`, `site` or `group`; default all.
    #[serde(rename = "where", default)]
    pub place: Selector,
}

/// Measured traffic in Mbps at a constant step; the first row is the start of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// CSV file with a header, relative to the file that names it; or give `values`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Column of times: seconds, or dates `2026-01-05T00:00:00` with or without offset. Default "time_s".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Column of values. Default "mbps".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The values themselves instead of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<f64>>,
    /// Step of `values`. Default the tick.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Duration>,
    /// Part of the trace that is skipped at its beginning.
    #[serde(default)]
    pub skip: DurationOrZero,
    /// Values are multiplied by this.
    #[serde(default = "default::unity")]
    #[schemars(range(min = 0))]
    pub scale: f64,
    /// Whether it begins again at its end; without it a trace must be as long as the run.
    #[serde(default)]
    pub repeat: bool,
}

impl ProfilePreset {
    /// Its name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            ProfilePreset::Flat => "flat",
            ProfilePreset::OfficeWeek => "office-week",
            ProfilePreset::HourOfWeek => "hour-of-week",
        }
    }
}
