//! Why a slot does not serve.

/// The cause of a displayed status other than `Connected`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// None: the connector serves.
    #[default]
    None,
    /// An outage of the failure class with this index, under its cause label.
    Class(u16),
    /// A failure of a connector that ran a bad release when it failed.
    BadRelease,
    /// It is being updated.
    Update,
    /// Its validation could not be renewed.
    Expired,
    /// Its machine is being deployed.
    Deploying,
    /// It waits to be confirmed.
    AwaitingConfirm,
    /// It or its group is disabled.
    Disabled,
    /// It was revoked.
    Revoked,
    /// Its slot is empty.
    Deleted,
    /// It is being redeployed on a newer image.
    Redeploy,
    /// It is being drained.
    Draining,
}

impl Cause {
    /// The word in result files; `classes` are the cause labels of the failure classes.
    pub fn label(self, classes: &[String]) -> &str {
        match self {
            Cause::None => "",
            Cause::Class(index) => &classes[usize::from(index)],
            Cause::BadRelease => "bad_release",
            Cause::Update => "update",
            Cause::Expired => "expired",
            Cause::Deploying => "deploying",
            Cause::AwaitingConfirm => "awaiting_confirm",
            Cause::Disabled => "disabled",
            Cause::Revoked => "revoked",
            Cause::Deleted => "deleted",
            Cause::Redeploy => "redeploy",
            Cause::Draining => "draining",
        }
    }
}

/// The labels a failure class may not use, because they mean something else in result files.
pub const RESERVED: [&str; 11] = [
    "bad_release",
    "update",
    "expired",
    "deploying",
    "awaiting_confirm",
    "disabled",
    "revoked",
    "deleted",
    "redeploy",
    "draining",
    "demand",
];
