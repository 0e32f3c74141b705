//! `fleetcast check`: every problem in scenario files, and what they say without effect.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::CliError;
use super::args::{CheckOptions, Format};
use super::output::{colours, note, print, warn};
use crate::scenario;

/// The command. Exit code 2 if any file has problems; warnings do not change it.
pub(super) fn check(options: &CheckOptions) -> Result<ExitCode, CliError> {
    let mut found = Vec::new();
    let mut text = String::new();
    for path in &options.scenarios {
        let name = path.display();
        match scenario::load(path, &options.settings.sets) {
            Ok(study) => {
                let groups = study.model.fleet.groups.len();
                text.push_str(&format!("{name}: no problems ({} groups, {})\n", groups, study.name));
                if options.reporting.format == Format::Text && !study.warnings.is_empty() {
                    note(&format!("{name}:"));
                    warn(&study.warnings);
                }
                let warnings = study.warnings.to_json();
                found.push(json!({ "file": name.to_string(), "problems": [], "warnings": warnings }));
            }
            Err(problems) => {
                if options.reporting.format == Format::Text {
                    note(&format!("{name}:\n{}", problems.render(colours())));
                }
                found.push(
                    json!({ "file": name.to_string(), "problems": problems.to_json(), "warnings": [] }),
                );
            }
        }
    }
    let clean = |file: &Value| file["problems"].as_array().is_none_or(Vec::is_empty);
    let all_clean = found.iter().all(clean);
    match options.reporting.format {
        Format::Json => print(&format!("{:#}\n", Value::Array(found)))?,
        Format::Text if !options.reporting.quiet => print(&text)?,
        Format::Text => {}
    }
    Ok(ExitCode::from(if all_clean { 0 } else { 2 }))
}
