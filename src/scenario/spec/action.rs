//! `[[actions]]`: what administrators do on dates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, Selector};

/// An administrative action on a date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// When it is taken.
    pub at: String,
    /// What is done.
    #[serde(rename = "do")]
    pub deed: Deed,
    /// Where. A connector or fault domain means the connectors there; with a group or more, `enable` and `disable` mean the
    /// groups as a whole. Default everywhere.
    #[serde(rename = "where", default)]
    pub place: Selector,
    /// It is done again after every so long until the end of the run; default once. Whole days keep the time of day in the
    /// zone of `start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Duration>,
    /// Whether the policy's `replacement` is called for what is revoked or deleted; default so for `revoke`, not for
    /// `delete`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace: Option<bool>,
}

/// What an action does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// What was disabled by hand in the same way is enabled.
    Enable,
    /// New sessions go elsewhere; those carried stay.
    Disable,
    /// Connectors are out for good, drop their sessions, and their group gets another provisioning key.
    Revoke,
    /// Connectors are gone, with their sessions.
    Delete,
    /// The group gets another provisioning key.
    RegenerateKey,
}
