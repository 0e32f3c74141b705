//! The statuses that are displayed, and the words for them in result files.

/// The displayed status of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// The slot is empty.
    Deleted,
    /// The machine is being deployed.
    Deploying,
    /// Booted and enrolled, waiting to be confirmed.
    Announced,
    /// Expired for good.
    Expired,
    /// It or its group is disabled.
    Disabled,
    /// Its software is being updated.
    Updating,
    /// Its link is down.
    Disconnected,
    /// It serves.
    Connected,
}

impl Status {
    /// All statuses, in the order in which the first match decides.
    pub const ALL: [Status; 8] = [
        Status::Deleted,
        Status::Deploying,
        Status::Announced,
        Status::Expired,
        Status::Disabled,
        Status::Updating,
        Status::Disconnected,
        Status::Connected,
    ];

    /// The word in result files.
    pub fn word(self) -> &'static str {
        match self {
            Status::Deleted => "Deleted",
            Status::Deploying => "Deploying",
            Status::Announced => "Announced",
            Status::Expired => "Expired",
            Status::Disabled => "Disabled",
            Status::Updating => "Updating",
            Status::Disconnected => "Disconnected",
            Status::Connected => "Connected",
        }
    }
}

/// The displayed status of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum GroupStatus {
    /// It, or each of its in-service connectors, is disabled.
    Disabled,
    /// It has no resource, or never had a connector in service.
    Unestablished,
    /// No connector serves.
    Disconnected,
    /// The running average CPU exceeds the threshold.
    Overloaded,
    /// Otherwise.
    Connected,
}

impl GroupStatus {
    /// All statuses, in the order in which the first match decides.
    pub const ALL: [GroupStatus; 5] = [
        GroupStatus::Disabled,
        GroupStatus::Unestablished,
        GroupStatus::Disconnected,
        GroupStatus::Overloaded,
        GroupStatus::Connected,
    ];

    /// The word in result files.
    pub fn word(self) -> &'static str {
        match self {
            GroupStatus::Disabled => "Disabled",
            GroupStatus::Unestablished => "Unestablished",
            GroupStatus::Disconnected => "Disconnected",
            GroupStatus::Overloaded => "Overloaded",
            GroupStatus::Connected => "Connected",
        }
    }

    /// The status if the running average exceeds the threshold.
    pub fn with_overload(self, over: bool) -> GroupStatus {
        if over && self == GroupStatus::Connected { GroupStatus::Overloaded } else { self }
    }

    /// Whether users are sent to the group at all.
    pub fn receives_demand(self) -> bool {
        !matches!(self, GroupStatus::Disabled | GroupStatus::Unestablished)
    }
}

/// The version icon of a connector or group: yellow with its reasons, or green.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VersionIcon {
    /// A failed update attempt that was neither followed by success nor superseded.
    pub update_failed: bool,
    /// A newer published image fixes a vulnerability.
    pub image_vulnerable: bool,
}

impl VersionIcon {
    /// `green` or `yellow`.
    pub fn word(self) -> &'static str {
        if self == VersionIcon::default() { "green" } else { "yellow" }
    }

    /// The reasons joined by `;`.
    pub fn reasons(self) -> &'static str {
        match (self.update_failed, self.image_vulnerable) {
            (false, false) => "",
            (true, false) => "update_failed",
            (false, true) => "image_vulnerable",
            (true, true) => "update_failed;image_vulnerable",
        }
    }
}
