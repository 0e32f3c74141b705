//! How connectors come and go.

use super::Compiler;
use super::operators::Crews;
use crate::control::Provisioning;
use crate::fleet::Fleet;
use crate::scenario::document::Path;
use crate::scenario::spec::{Scenario, Service};

impl Compiler<'_, '_> {
    /// The same for every policy.
    pub(super) fn provisioning(&mut self, spec: &Scenario, fleet: &Fleet, crews: &mut Crews) -> Provisioning {
        let (given, path) = (&spec.provisioning, Path::of("provisioning"));
        if given.key_regeneration.is_none() && given.key_age.0 > given.key_lifetime.0 {
            let message = "keys that are renewed in time are never older than `key_lifetime`";
            self.report.meaning(
                &path.key("key_age"),
                message,
                "give `key_regeneration` too, or a smaller age",
            );
        }
        let mut service = |key: &str, given: &Option<Service>| {
            given.as_ref().map(|service| self.service(&path.key(key), service, fleet, crews))
        };
        Provisioning {
            key_lifetime: given.key_lifetime.0,
            key_age: given.key_age.0,
            key_regeneration: service("key_regeneration", &given.key_regeneration),
            order: service("order", &given.order),
            confirmation: service("confirmation", &given.confirmation),
            drain: given.drain.0,
            watch: given.watch.0,
        }
    }
}
