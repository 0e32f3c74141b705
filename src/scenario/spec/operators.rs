//! `[operators.*]`: crews, their hours and their work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Distribution, OneOrMore, Selector, Weekday, default};

/// A crew of operators.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operators {
    /// How many tasks it can work on at once.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub size: u32,
    /// Part of the fleet whose groups it serves: a region, site or group; default everything.
    #[serde(default)]
    pub serves: Selector,
    /// Working hours; default around the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<WorkingHours>,
    /// From the crew's being called to its being ready to begin; passes in working hours only.
    #[serde(default = "default::response")]
    pub response: Distribution,
    /// How long its work takes.
    #[serde(default)]
    pub work: Work,
    /// Which of the tasks of a kind comes first.
    #[serde(default)]
    pub order: TaskOrder,
    /// How many connectors of a group must be down before the crew is called there; all of them in a smaller group.
    #[serde(default = "default::one")]
    #[schemars(range(min = 1, max = 64))]
    pub call_out_at: u32,
}

/// When a crew is at work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WorkingHours {
    /// Days of the week on which it begins.
    pub days: Vec<Weekday>,
    /// Local time at which it begins, `"08:00"`.
    pub from: String,
    /// Local time at which it ends, up to `"24:00"`; one before `from` is on the next day.
    pub to: String,
    /// IANA time zone.
    pub time_zone: String,
    /// Dates on which it does not begin.
    pub holidays: Vec<String>,
}

/// How long the work of a crew takes, by what is to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Work {
    /// Repair of a connector; default the time to restore that its outage has drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair: Option<Distribution>,
    /// Replacement of an expired connector, before its machine begins to deploy.
    pub replace: Distribution,
    /// Repair of an update that has failed too often.
    pub update_repair: Distribution,
    /// A new provisioning key, where a crew regenerates keys.
    pub key: Distribution,
    /// Confirmation of a connector that is announced.
    pub confirmation: Distribution,
    /// Order for a machine, where a crew orders.
    pub order: Distribution,
}

/// Which of the tasks of a kind comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TaskOrder {
    /// The one that opened first.
    #[default]
    FirstCome,
    /// The one whose connector expires first if nobody comes.
    NearestDeadline,
}

/// Who works and when: after a plain delay, or a crew.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// A plain delay from the event to the beginning of the work, by as many operators as are needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Distribution>,
    /// Name of a crew, or of several: each group is served by the first one that serves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crew: Option<OneOrMore>,
}
