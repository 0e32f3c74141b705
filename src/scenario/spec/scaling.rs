//! A policy's `scaling`: how many connectors a group has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, DurationOrZero, TimeOfDay, Weekday};

/// How many connectors a group has. What a kind does not use cannot be given with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scaling {
    /// How the number is decided.
    pub kind: ScalingKind,
    /// The fewest connectors; default 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    pub min: Option<u32>,
    /// The most connectors; default twice as many as the group has at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    pub max: Option<u32>,
    /// From one decision to the next, a multiple of `tick`; default "5m", or the next multiple.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Duration>,
    /// From a change to the next one; default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<DurationOrZero>,
    /// How long more must have been recommended before it is scaled out; default "0s".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stabilise_out: Option<DurationOrZero>,
    /// How long less must have been recommended before it is scaled in; default "1h" with target-tracking and n-plus-k,
    /// else "0s".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stabilise_in: Option<DurationOrZero>,
    /// CPU at which connectors are to be kept or up to which they are to carry the load; default 60.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 100))]
    pub target_percent: Option<f64>,
    /// With n-plus-k, connectors to spare; default 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 64))]
    pub k: Option<u32>,
    /// With target-tracking, how far CPU ÷ target may be from 1; default 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub tolerance: Option<f64>,
    /// With threshold, how long a state must last before somebody reacts; default "1h".
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub lasting: Option<Duration>,
    /// With scheduled, numbers by the wall clock; at other times the fewest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Vec<ScheduledNumber>>,
    /// With predictive, how the load ahead is told; default last-week.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<ForecastKind>,
    /// With predictive, how far ahead; default "15m".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<DurationOrZero>,
    /// With predictive, how much more than the forecast is provided for; default 0.2, a fifth.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub margin: Option<f64>,
    /// With forecast = "holt-winters", the weights of what is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smoothing: Option<Smoothing>,
}

/// How the number of connectors is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScalingKind {
    /// As configured.
    #[default]
    Static,
    /// As many as carry the load that is seen at the target, and `k` to spare.
    NPlusK,
    /// One more where the group has been overloaded for so long, one less where one fewer would have stayed at the target.
    Threshold,
    /// By the rule of the Kubernetes Horizontal Pod Autoscaler.
    TargetTracking,
    /// By the wall clock of the site.
    Scheduled,
    /// As many as carry the load that is forecast at the target.
    Predictive,
}

/// How the load ahead is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ForecastKind {
    /// It is that of the same time last week.
    #[default]
    LastWeek,
    /// Level, trend and season of a week, smoothed by the additive method of Holt and Winters.
    HoltWinters,
}

/// The weights of what is new in exponential smoothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Smoothing {
    /// Of the level.
    #[schemars(range(min = 0, max = 1))]
    pub level: f64,
    /// Of the trend.
    #[schemars(range(min = 0, max = 1))]
    pub trend: f64,
    /// Of the season.
    #[schemars(range(min = 0, max = 1))]
    pub season: f64,
}

/// A number of connectors by the wall clock; of several the greatest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduledNumber {
    /// Days of the week, by the site's wall clock.
    pub days: Vec<Weekday>,
    /// When it begins on these days.
    pub from: TimeOfDay,
    /// How long it lasts.
    pub length: Duration,
    /// How many connectors.
    #[schemars(range(min = 1, max = 64))]
    pub connectors: u32,
}
