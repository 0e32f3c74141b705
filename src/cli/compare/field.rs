//! Which policies are compared, with which.

use crate::cli::CliError;
use crate::cli::run::policy_index;
use crate::scenario::Study;

/// The policies of a comparison.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Their indices in the model, ascending.
    pub(super) policies: Vec<usize>,
    /// Position of the baseline among them.
    pub(super) baseline: usize,
}

impl Field {
    /// The policies called `names`, all if there are none, and the baseline, which is the first of them by default.
    pub(super) fn of(study: &Study, names: &[String], baseline: Option<&str>) -> Result<Field, CliError> {
        let named: Result<Vec<usize>, CliError> =
            names.iter().map(|name| policy_index(study, Some(name.trim()))).collect();
        let mut policies = named?;
        if policies.is_empty() {
            policies = (0..study.model.policies.len()).collect();
        }
        let baseline = match baseline {
            Some(name) => policy_index(study, Some(name))?,
            None => policies[0],
        };
        policies.push(baseline);
        policies.sort_unstable();
        policies.dedup();
        if policies.len() < 2 {
            return Err(CliError::Usage(format!(
                "a comparison needs two policies, and there is only {}; add [policies.NAME] to the scenario, or \
                 simulate one policy with `fleetcast run`",
                study.model.policies[baseline].name
            )));
        }
        let baseline = policies.iter().position(|&policy| policy == baseline).unwrap_or(0);
        Ok(Field { policies, baseline })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(names: &[&str], baseline: Option<&str>) -> Result<Field, String> {
        let scenario = include_str!("../../../scenarios/staggered.toml");
        let scenario = scenario.replace("[policies.everybody]", "[policies.everybody]\n[policies.none]");
        let folder = std::path::Path::new("scenarios");
        let study = crate::scenario::read(&scenario, "staggered.toml", folder, &[]).unwrap();
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        Field::of(&study, &names, baseline).map_err(|error| error.to_string())
    }

    #[test]
    fn all_policies_are_compared_with_the_first() {
        assert_eq!(field(&[], None), Ok(Field { policies: vec![0, 1, 2], baseline: 0 }));
        assert_eq!(field(&[], Some("none")), Ok(Field { policies: vec![0, 1, 2], baseline: 1 }));
    }

    #[test]
    fn the_first_that_is_named_is_the_baseline() {
        let both = ["twenty", "everybody"];
        assert_eq!(field(&both, None), Ok(Field { policies: vec![0, 2], baseline: 1 }));
        assert_eq!(field(&["none"], Some("twenty")), Ok(Field { policies: vec![1, 2], baseline: 1 }));
        assert_eq!(field(&["none", "none", "twenty"], None), Ok(Field { policies: vec![1, 2], baseline: 0 }));
    }

    #[test]
    fn unknown_and_single_policies_are_refused() {
        assert!(field(&["nobody"], None).unwrap_err().contains("has everybody, none, twenty"));
        assert!(field(&["none"], None).unwrap_err().contains("needs two policies"));
    }
}
