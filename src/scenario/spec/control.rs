//! `[policies.*]`: what the vendor and the operators do.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{
    Duration, DurationOrZero, RateLimit, ReleaseGate, Ring, Scaling, Selector, Service, TimeOfDay, Weekday,
};

/// A policy: how agents are updated, groups scaled, connectors repaired, replaced and redeployed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// How the agent software is updated.
    pub upgrade: Upgrade,
    /// How many connectors a group has.
    pub scaling: Scaling,
    /// When a connector is repaired that needs an operator.
    pub repair: Service,
    /// When an expired or revoked connector is replaced.
    pub replacement: Service,
    /// When connectors are redeployed on a newer image.
    pub redeploy: Redeploy,
}

/// How the agent software is updated in each group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Upgrade {
    /// What the settings beside it start from.
    pub preset: UpgradePreset,
    /// Failures of a group, without a success between them, at which a repair task opens.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub attempts: u32,
    /// Pause of a group after a failure.
    pub backoff: Backoff,
    /// Which connector is tried first after a failure.
    pub retry_order: RetryOrder,
    /// What a pending connector whose link is down does to those behind it.
    pub absent_member: AbsentMember,
    /// Which connectors count against the disruption budget.
    pub budget_counts: BudgetCounts,
    /// How many connectors of a group may be disrupted at once, updates by updates; percentages are rounded down, to 1 at
    /// least.
    pub max_unavailable: Amount,
    /// How many extra connectors may stand in during an update. Updates add none: other values are not simulated yet.
    pub max_surge: Amount,
    /// Which pending connector is updated first.
    pub order: UpdateOrder,
    /// What the failure of an update does to the group.
    pub on_failure: OnFailure,
    /// From a publication to the beginning of its rollout.
    pub wait: DurationOrZero,
    /// Whether a release marked `urgent` begins at once and everywhere: it skips waiting, windows, rings and bake times. Without
    /// the track it is a release like any other.
    pub urgent_track: bool,
    /// How many releases the rollout stays behind the newest.
    #[schemars(range(max = 100))]
    pub behind: u32,
    /// Days of the week on which a window opens, by the site's wall clock; none: updates may start at any time.
    pub days: Vec<Weekday>,
    /// When the window opens on these days.
    pub from: TimeOfDay,
    /// How long the window stays open.
    pub length: Duration,
    /// Whether an update must be able to end within the window, at its limit, or merely start there.
    pub must_end: bool,
    /// Windows of parts of the fleet; the first that covers a group takes the place of the one above.
    pub windows: Vec<Window>,
    /// From the first chance of a rollout, the first window after its beginning, to its becoming forced: then window and
    /// gate no longer hold it, the budget does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_after: Option<DurationOrZero>,
    /// Times without any start of an update.
    pub freeze: Vec<Freeze>,
    /// Load above which no connector may be spared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_gate: Option<CapacityGate>,
    /// Parts of the fleet in which a release begins, one after the other, decided at control periods; none: everywhere at
    /// once.
    pub rings: Vec<Ring>,
    /// From a ring's being done to the opening of the next.
    pub bake: DurationOrZero,
    /// A ring is done when this share of its connectors runs the release, those aside that are seen disconnected.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 1))]
    pub done_share: f64,
    /// What holds a rollout up: failures and disconnections of the connectors that the release has reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<ReleaseGate>,
    /// How fast groups may begin a release; default at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    /// Age of what operators and the updater see of links and load; the updater of `vendor-default` sees the present.
    pub detection_delay: DurationOrZero,
    /// How many groups of the fleet may update at once, decided at control periods; default any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_groups_at_once: Option<u32>,
}

/// What the settings of an upgrade start from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UpgradePreset {
    /// The vendor's own: one connector of a group at a time, from publication on, halting on a failure.
    #[default]
    VendorDefault,
    /// Every connector at once.
    AllAtOnce,
    /// In a window of the week.
    WeeklyWindow,
    /// A week later, on a day of the week.
    PreferredDay,
    /// Only where the others can carry the load.
    CapacityAware,
    /// One release behind.
    Deferred,
    /// A hundredth of the groups, a tenth, half, all; each ring bakes, and a gate rolls back.
    Rings,
    /// Chosen places, a week later the others.
    TwoPhase,
}

/// Which pending connector is updated first; among equals the lowest ordinal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UpdateOrder {
    /// The lowest ordinal.
    #[default]
    Slot,
    /// In an order drawn for each group and release.
    Random,
    /// The oldest agent version.
    OldestVersion,
    /// Who carries least: those that do not serve, then by their share of the load.
    LeastLoaded,
}

/// What the failure of an update does to the group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The whole group waits: for the back-off, or for a repair once attempts are exhausted.
    #[default]
    Halt,
    /// The failed connector is left on its version until the next release; the others go on.
    Skip,
    /// The failed connector alone waits, for its own back-off or repair; the others go on.
    Continue,
}

/// A window of a part of the fleet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// A region, site or group.
    #[serde(rename = "where")]
    pub place: Selector,
    /// Days of the week on which it opens, by the site's wall clock.
    pub days: Vec<Weekday>,
    /// When it opens on these days.
    pub from: TimeOfDay,
    /// How long it stays open.
    pub length: Duration,
}

/// A time without any start of an update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Its beginning.
    pub from: String,
    /// Its end.
    pub to: String,
}

/// A capacity gate: an update starts only if at least two connectors serve and those that stay would not exceed the limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityGate {
    /// CPU that the others may reach, worked out from the displayed running average.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 100))]
    pub limit_percent: f64,
}

/// Pause after a group's n-th failure since its last success: first·factor^(n − 1), at most `max`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// Growth per failure.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub factor: f64,
    /// At most this.
    pub max: Duration,
}

/// Which connector is tried first after a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetryOrder {
    /// The failed one: it blocks the others.
    #[default]
    Same,
    /// Those that failed last.
    FailedLast,
}

/// What a pending connector whose link is down does to those behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AbsentMember {
    /// It is passed over and updated when it is back.
    #[default]
    IsSkipped,
    /// It blocks those of higher ordinal.
    Blocks,
}

/// Which connectors count against the disruption budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetCounts {
    /// Those updating, redeploying or draining.
    #[default]
    Voluntary,
    /// Every configured connector that does not serve.
    All,
}

/// A number of connectors, absolute or in percent of the configured ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Count(u32),
    /// So many percent.
    Percent(u32),
}

impl Amount {
    /// Reads `"25%"`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Amount, String> {
        match text.strip_suffix('%').map(|digits| digits.trim().parse()) {
            Some(Ok(percent @ 0..=100)) => Ok(Amount::Percent(percent)),
            _ => Err(format!("{text:?} is no whole percentage from 0% to 100%")),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Amount::Count(count) => to.serialize_u32(*count),
            Amount::Percent(percent) => to.collect_str(&format_args!("{percent}%")),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Amount, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Count(u32),
            Percent(String),
        }
        match Written::deserialize(from)? {
            Written::Count(count) => Ok(Amount::Count(count)),
            Written::Percent(text) => Amount::parse(&text).map_err(D::Error::custom),
        }
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of connectors, or a percentage of the configured ones.",
            "anyOf": [
                { "type": "integer", "minimum": 0, "maximum": 64 },
                { "type": "string", "format": "fleetcast-percentage", "pattern": "^(100|[0-9]?[0-9])%$" }
            ]
        })
    }
}

/// When connectors are redeployed on a newer image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Redeploy {
    /// How it is decided.
    pub kind: RedeployKind,
}

/// How a redeploy is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RedeployKind {
    /// Not at all.
    #[default]
    Never,
}
