//! Rings of an upgrade: in which parts of the fleet a release begins, how fast, and what holds it up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, DurationOrZero, Selector};

/// A part of the fleet's groups, as far as no earlier ring has them; without `share` and `where` all that are left.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ring {
    /// Share of all groups that this ring and those before it have together, in an order drawn for each replication.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 1))]
    pub share: Option<f64>,
    /// A region, site or group.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<Selector>,
    /// From its being done to the opening of the next ring; default the `bake` of the upgrade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bake: Option<DurationOrZero>,
}

/// What holds a rollout up: too many of the connectors that the release has reached failed to update or are disconnected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReleaseGate {
    /// Share of them whose last attempt failed, above which it is breached.
    #[schemars(range(min = 0, max = 1))]
    pub failed_share: f64,
    /// By how much the share of them that are disconnected may exceed that of the groups that it has not reached.
    #[schemars(range(min = 0, max = 1))]
    pub disconnected_share: f64,
    /// How many must have failed, or be disconnected, for that to count.
    #[schemars(range(min = 1))]
    pub at_least: u32,
    /// What a breach does.
    pub on_breach: OnBreach,
}

/// What a breach of the gate does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnBreach {
    /// Nothing starts as long as it lasts.
    #[default]
    Hold,
    /// Nothing starts until a newer release is due.
    Halt,
    /// Connectors go back to the release before, and this one is not tried again.
    Rollback,
}

/// How fast groups may begin a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// How many groups at the most.
    #[schemars(range(min = 1))]
    pub groups: u32,
    /// Within how long.
    pub per: Duration,
}
