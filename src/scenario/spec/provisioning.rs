//! `[provisioning]`: how connectors come and go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, DurationOrZero, Service};

/// How connectors come and go. A step that is not given takes no time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Provisioning {
    /// How old a group's provisioning key may be when a connector enrols with it.
    pub key_lifetime: Duration,
    /// How old the keys are at the start.
    pub key_age: DurationOrZero,
    /// Who regenerates a key that a connector found too old: somebody who takes a plain delay, or a crew; default: keys
    /// never are, somebody renews them in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_regeneration: Option<Service>,
    /// Who orders the machine of one more connector: a script, which takes a plain delay until the machine begins to boot,
    /// or a crew; default at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Service>,
    /// Who confirms a connector that is announced: a script after a plain delay, or a crew; default at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Service>,
    /// How long a connector that a scaling policy removes is drained: it is disabled, so it takes no new sessions.
    pub drain: DurationOrZero,
    /// How long the others are watched after that, before it is deleted.
    pub watch: DurationOrZero,
}
