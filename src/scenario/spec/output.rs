//! `[outputs]` and `[estimates]`: what is recorded, and how it is judged.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{Duration, Named};

/// What result files record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Outputs {
    /// Every change of a connector.
    pub transitions: Recorded,
    /// Every change of a group.
    pub group_status: Recorded,
    /// The chart of the average CPU load.
    pub cpu_load: CpuLoad,
    /// Sampling interval of the overview.
    pub overview_every: Duration,
    /// The metric that reports show first.
    pub key_metric: KeyMetric,
}

/// Which replications and groups are recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Recorded {
    /// Replications, counted from 0, or "all"; [] records nothing.
    pub replications: ReplicationSelection,
    /// "all", "busiest:10", or a list of names of groups or templates.
    pub groups: GroupSelection,
}

/// Which replications and groups have a chart of their CPU load, and its step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CpuLoad {
    /// Replications, counted from 0, or "all"; [] records nothing.
    pub replications: ReplicationSelection,
    /// "all", "busiest:10", or a list of names of groups or templates.
    pub groups: GroupSelection,
    /// Length of a bucket.
    pub bucket: Bucket,
}

/// Length of a bucket of the CPU chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Bucket {
    /// A minute.
    #[serde(rename = "1m")]
    Minute,
    /// An hour.
    #[default]
    #[serde(rename = "1h")]
    Hour,
    /// A day of 24 hours.
    #[serde(rename = "1d")]
    Day,
}

/// Replications by number, or all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicationSelection {
    /// Those of these numbers, from 0.
    These(Vec<u32>),
    /// All.
    All,
}

/// Groups by name, the busiest, or all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupSelection {
    /// All.
    All,
    /// The so many groups of the highest mean demand per capacity.
    Busiest(u32),
    /// Those of these names; the name of a template means all its groups.
    These(Vec<String>),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WordOrList<T> {
    Word(String),
    List(Vec<T>),
}

impl GroupSelection {
    /// Reads `all` or `busiest:N`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<GroupSelection, String> {
        let count = text.strip_prefix("busiest:").and_then(|number| number.parse().ok());
        match (text, count) {
            ("all", _) => Ok(GroupSelection::All),
            (_, Some(count)) => Ok(GroupSelection::Busiest(count)),
            _ => Err(format!("{text:?} selects no groups")),
        }
    }
}

impl Serialize for ReplicationSelection {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            ReplicationSelection::All => WordOrList::<u32>::Word("all".to_owned()).serialize(to),
            ReplicationSelection::These(list) => list.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for ReplicationSelection {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match WordOrList::deserialize(from)? {
            WordOrList::Word(word) if word == "all" => Ok(ReplicationSelection::All),
            WordOrList::Word(word) => Err(D::Error::custom(format!("{word:?} selects no replications"))),
            WordOrList::List(list) => Ok(ReplicationSelection::These(list)),
        }
    }
}

impl Serialize for GroupSelection {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            GroupSelection::All => to.serialize_str("all"),
            GroupSelection::Busiest(count) => to.collect_str(&format_args!("busiest:{count}")),
            GroupSelection::These(names) => names.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for GroupSelection {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match WordOrList::deserialize(from)? {
            WordOrList::Word(word) => GroupSelection::parse(&word).map_err(D::Error::custom),
            WordOrList::List(names) => Ok(GroupSelection::These(names)),
        }
    }
}

impl JsonSchema for ReplicationSelection {
    fn schema_name() -> Cow<'static, str> {
        "ReplicationSelection".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Numbers of replications from 0, or \"all\".",
            "anyOf": [
                { "type": "string", "enum": ["all"] },
                { "type": "array", "items": { "type": "integer", "minimum": 0, "maximum": 1_000_000 } }
            ]
        })
    }
}

impl JsonSchema for GroupSelection {
    fn schema_name() -> Cow<'static, str> {
        "GroupSelection".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "\"all\", \"busiest:10\", or names of groups or templates.",
            "anyOf": [
                { "type": "string", "format": "fleetcast-groups", "pattern": "^(all|busiest:[0-9]+)$" },
                { "type": "array", "items": { "type": "string" } }
            ]
        })
    }
}

/// How results are estimated and judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Estimates {
    /// Confidence of intervals.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub confidence: f64,
    /// Replications are added until the half-width of the key metric is at most this share of its mean; default a
    /// fixed number of replications.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 1))]
    pub precision: Option<f64>,
    /// With `precision`: at most so many replications.
    #[schemars(range(min = 20, max = 1_000_000))]
    pub max_replications: u32,
    /// By metric: differences up to this, in the metric's unit, count as the same. Without effect yet: no command
    /// compares results so far.
    pub margins: Named<f64>,
    /// Share of a month of 730 h in which a group should have a serving connector.
    #[schemars(range(min = 0, max = 1))]
    pub objective: f64,
}

macro_rules! metrics {
    ($($variant:ident = $name:literal,)*) => {
        /// A metric of the results.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs)]
        pub enum KeyMetric { $($variant,)* }

        impl KeyMetric {
            /// All metrics.
            pub const ALL: &'static [KeyMetric] = &[$(KeyMetric::$variant,)*];

            /// The name in result files.
            pub fn name(self) -> &'static str {
                match self { $(KeyMetric::$variant => $name,)* }
            }
        }
    };
}

metrics! {
    Availability = "availability",
    GroupAvailability = "group_availability",
    OverloadedShare = "overloaded_share",
    OverloadedHoursPerMonth = "overloaded_hours_per_month",
    UnservedShare = "unserved_share",
    UnservedUserMinutesPerMonth = "unserved_user_minutes_per_month",
    UserMinutesLost = "user_minutes_lost",
    SessionsDropped = "sessions_dropped",
    Expired = "expired",
    Replaced = "replaced",
    ProvisioningHours = "provisioning_hours",
    ScaleOuts = "scale_outs",
    ScaleIns = "scale_ins",
    Updates = "updates",
    UpdateFailures = "update_failures",
    RolledBack = "rolled_back",
    Halts = "halts",
    StuckGroups = "stuck_groups",
    UnfinishedGroups = "unfinished_groups",
    RolloutP50 = "rollout_p50",
    RolloutP99 = "rollout_p99",
    RolloutComplete = "rollout_complete",
    VersionSkewHours = "version_skew_hours",
    UrgentExposureHours = "urgent_exposure_hours",
    VulnerableConnectorHours = "vulnerable_connector_hours",
    ExposedToBadRelease = "exposed_to_bad_release",
    ExposedGroups = "exposed_groups",
    BadReleaseHours = "bad_release_hours",
    BadReleaseContained = "bad_release_contained",
    BadReleaseUserMinutes = "bad_release_user_minutes",
    GroupOutages = "group_outages",
    LongestGroupOutage = "longest_group_outage",
    GroupsBreakingObjective = "groups_breaking_objective",
    CpuP50 = "cpu_p50",
    CpuP95 = "cpu_p95",
    CpuP99 = "cpu_p99",
    CpuMax = "cpu_max",
    ConnectorHours = "connector_hours",
    OperatorHours = "operator_hours",
    Tasks = "tasks",
    TaskWaitMean = "task_wait_mean",
    TaskWaitP95 = "task_wait_p95",
    QueueMax = "queue_max",
    CostConnectors = "cost_connectors",
    CostOperators = "cost_operators",
    CostLostUsers = "cost_lost_users",
    Cost = "cost",
    Events = "events",
}
