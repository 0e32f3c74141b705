//! Which settings a sweep varies: those of the fleet, of nature and of control.
//!
//! Settings of the experiment are the same at every point, because all that is said of a sweep rests on it: points have
//! the same replications, luck and time, so that effects are paired, and one confidence stands above every table.

use super::super::CliError;
use super::super::args::SweepOptions;
use crate::report::sweep::Factor;
use crate::scenario;

/// Refuses a setting that every point has to have in common, and one of an entry that the scenario does not have.
pub(super) fn can_be_varied(options: &SweepOptions, factor: &Factor) -> Result<(), CliError> {
    if let Some((why, remedy)) = of_the_experiment(&scenario::keys(&factor.path)) {
        return Err(CliError::Usage(format!("--vary {}: {why}; {remedy}", factor.path)));
    }
    leads_somewhere(options, factor)
}

/// Why what these keys lead to is not varied, and what to do instead; none if it can be.
fn of_the_experiment(keys: &[String]) -> Option<(&'static str, String)> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let set = || format!("set it for all of them with --set {}=VALUE", keys.join("."));
    let paired = "every point has the same replications, luck and time, so that effects are paired";
    Some(match keys[..] {
        ["replications", ..] => (paired, "give their number with --replications N".to_owned()),
        ["seed", ..] => (paired, "give the seed with --seed N; more luck is more --replications".to_owned()),
        ["start" | "horizon" | "study" | "warm_up" | "truncate", ..] => (paired, set()),
        ["name" | "description", ..] => ("it changes nothing that is simulated", set()),
        // How much a group may be out changes what is counted, as the threshold of an overload does.
        ["estimates", "objective"] => return None,
        ["estimates", ..] => ("all points are estimated in the same way", set()),
        ["outputs", ..] => ("a sweep records no rows, and has one key metric", set()),
        _ => return None,
    })
}

/// Refuses a setting of an entry that the scenario does not have: every point would get a new one, of which nobody knows.
fn leads_somewhere(options: &SweepOptions, factor: &Factor) -> Result<(), CliError> {
    let sets = options.changes.overrides();
    let Some((name, known)) = scenario::unnamed(&options.scenario, &sets, &factor.path) else {
        return Ok(());
    };
    let meant = scenario::nearest(&name, known.iter().map(String::as_str));
    let hint = meant.map_or(String::new(), |meant| format!("did you mean `{meant}`? "));
    let has = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(CliError::Usage(format!(
        "--vary {}: the scenario has no `{name}` there, and a sweep makes none; {hint}it has {has}",
        factor.path
    )))
}
