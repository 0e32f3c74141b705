//! The README shows a run that happened: its table is what the program prints, its figures are those it draws.

use crate::pages::{fences, read, root};
use crate::snippets::run;

/// The figures of the quickstart that are committed.
const FIGURES: [&str; 2] = ["fleet.svg", "cpu_load.svg"];

/// Compares, or with `FLEETCAST_UPDATE` writes. Slow without `--release`.
#[test]
#[ignore = "runs the quickstart"]
fn the_readme_shows_a_run_of_the_quickstart() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = root().join("scenarios/quickstart.toml");
    let (code, output) = run(&format!("fleetcast run {}", scenario.display()), folder.path());
    assert_eq!(code, 0, "{output}");
    let readme = read("README.md");
    let shown = fences(&readme).into_iter().find(|fence| fence.words().any(|word| word == "quickstart"));
    let shown = shown.expect("a block ```text quickstart").body;
    let update = std::env::var_os("FLEETCAST_UPDATE").is_some();
    let printed = format!("{}\n", output.trim());
    if update {
        std::fs::write(root().join("README.md"), readme.replace(&shown, &printed)).unwrap();
    } else {
        assert_eq!(shown, printed, "run this test with FLEETCAST_UPDATE=1");
    }
    for name in FIGURES {
        let drawn = std::fs::read(folder.path().join("results/quickstart").join(name)).unwrap();
        let kept = root().join("docs/images").join(name);
        if update {
            std::fs::write(kept, drawn).unwrap();
        } else {
            assert!(std::fs::read(kept).unwrap() == drawn, "{name}: run this test with FLEETCAST_UPDATE=1");
        }
    }
}

#[test]
fn the_readme_has_exactly_two_commands_to_begin_with() {
    let readme = read("README.md");
    let commands = ["cargo run --release -- run scenarios/quickstart.toml", "cargo test"];
    let block = fences(&readme).into_iter().find(|fence| fence.words().any(|word| word == "sh")).unwrap();
    assert_eq!(block.body.lines().collect::<Vec<_>>(), commands);
}
