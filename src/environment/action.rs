//! Administrative actions on dates: what is done to connectors and groups by the calendar, whatever the policy.

use super::failure::Place;
use crate::time::Time;

/// An action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// When it is taken.
    pub at: Time,
    /// What is done.
    pub deed: Deed,
    /// Where. At a domain or connector it is done to the connectors; wider, `Enable` and `Disable` are done to the groups.
    pub place: Place,
}

/// What an action does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Ends a disablement of the same kind: of the group, or of the connectors one by one.
    Enable,
    /// New sessions go elsewhere; those carried stay.
    Disable,
    /// Connectors are out for good, and their group gets another provisioning key.
    Revoke {
        /// Whether the policy's replacement is called.
        replaced: bool,
    },
    /// Connectors are gone.
    Delete {
        /// Whether the policy's replacement is called.
        replaced: bool,
    },
    /// The group gets another provisioning key.
    RegenerateKey,
}

impl Action {
    /// Whether it is done to groups as a whole where it can be.
    pub fn is_of_groups(&self) -> bool {
        !matches!(self.place, Place::Domain(..) | Place::Connector(..))
    }
}
